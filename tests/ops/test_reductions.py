"""Many numbers become one: against NumPy, over any axes, and what extremes give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import seegrad as sg

ARRAYS = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=3, max_side=4),
    elements=st.floats(-100.0, 100.0),
)


@given(ARRAYS, st.data(), st.booleans())
def test_reductions_equal_numpys_over_any_axes(x, data, keepdim):
    """One axis, several, counted from either end, or all."""
    count = data.draw(st.integers(1, x.ndim))
    several = data.draw(st.permutations(range(-x.ndim, 0)))[:count]
    for dim in (None, tuple(several), several[0]):
        for ours, numpys in [
            (sg.sum, np.sum),
            (sg.mean, np.mean),
            (sg.amax, np.max),
            (sg.amin, np.min),
            (sg.any, np.any),
            (sg.all, np.all),
        ]:
            expected = numpys(x, axis=dim, keepdims=keepdim)
            actual = ours(sg.tensor(x), dim, keepdim)
            np.testing.assert_allclose(actual.data, expected, rtol=1e-12, atol=1e-9)
            assert np.shape(expected) == actual.shape


@given(ARRAYS, st.data())
def test_spreads_equal_numpys(x, data):
    """With and without the correction for the sample's own mean."""
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    correction = data.draw(st.integers(0, 1))
    if x.shape[dim] <= correction:
        return
    v = sg.var(sg.tensor(x), dim, correction).data
    expected = np.var(x, axis=dim, ddof=correction)
    np.testing.assert_allclose(v, expected, rtol=1e-9, atol=1e-9)
    s = sg.std(sg.tensor(x), dim, correction).data
    np.testing.assert_allclose(s, np.sqrt(expected), rtol=1e-9, atol=1e-6)


@given(ARRAYS, st.data())
def test_the_soft_maximum_is_a_distribution(x, data):
    """Positive, adding up to 1, and the exponential of log_softmax."""
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    p = sg.softmax(sg.tensor(x), dim)
    assert (p.data >= 0.0).all()
    np.testing.assert_allclose(p.sum(dim).data, 1.0, rtol=1e-12)
    log_p = sg.log_softmax(sg.tensor(x), dim)
    np.testing.assert_allclose(np.exp(log_p.data), p.data, rtol=1e-9, atol=1e-300)
    total = sg.logsumexp(sg.tensor(x), dim, keepdim=True)
    np.testing.assert_allclose(log_p.data, x - total.data, rtol=1e-9, atol=1e-12)


@given(ARRAYS, st.data(), st.booleans())
def test_an_extreme_along_an_axis_comes_with_its_position(x, data, keepdim):
    """The pair unpacks, has names, and the position is the first of equals."""
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    for ours, value, position in [
        (sg.max, np.max, np.argmax),
        (sg.min, np.min, np.argmin),
    ]:
        values, indices = found = ours(sg.tensor(x), dim, keepdim)
        expected = value(x, axis=dim, keepdims=keepdim)
        np.testing.assert_array_equal(expected, values.data)
        np.testing.assert_array_equal(
            position(x, axis=dim, keepdims=keepdim), indices.data
        )
        assert found.values is values
        assert found.indices is indices


def test_ties_share_the_gradient_of_an_extreme_over_all():
    """amax and max() alike; along an axis the first of equals gets all of it."""
    x = sg.tensor([1.0, 3.0, 3.0], requires_grad=True)
    for reduce, expected in [
        (x.amax, [0.0, 0.5, 0.5]),
        (x.max, [0.0, 0.5, 0.5]),
        (lambda: x.max(dim=0).values, [0.0, 1.0, 0.0]),
    ]:
        x.zero_grad()
        reduce().backward()
        assert expected == x.grad.tolist()


def test_sum_to_undoes_broadcasting_and_nothing_else():
    """A shape that does not broadcast to it is refused with both shapes."""
    x = sg.ones(2, 3, 4)
    assert ((3, 1), (), (2, 3, 4)) == (
        sg.sum_to(x, (3, 1)).shape,
        sg.sum_to(x, ()).shape,
        sg.sum_to(x, (2, 3, 4)).shape,
    )
    for shape in [(2, 4), (5,), (1, 2, 3, 4)]:
        with pytest.raises(sg.errors.ShapeError, match="cannot be summed down") as e:
            sg.sum_to(x, shape)
        assert str(shape) in e.value.what
        assert "broadcasts" in e.value.hint
