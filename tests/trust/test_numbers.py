"""Numbers that are as right as their dtype allows, at the places where it is hard."""

import math
import warnings

import numpy as np
import pytest

import seegrad as sg

INF, NAN = math.inf, math.nan


def test_a_float32_sum_of_ten_million_is_right():
    """Pairwise: the error does not grow with the count."""
    x = sg.full(10_000_000, 0.1)
    exact = 10_000_000 * float(np.float32(0.1))
    assert abs(x.sum().item() / exact - 1.0) < 1e-6
    assert abs(x.mean().item() / float(np.float32(0.1)) - 1.0) < 1e-6


def test_a_float32_sum_over_many_rows_is_right():
    """Down the columns too, where NumPy adds one by one: the gradient of a bias."""
    x, exact = sg.full((1_000_000, 4), 0.1), 1_000_000 * float(np.float32(0.1))
    assert (abs(x.sum(0).data / exact - 1.0) < 1e-6).all()
    bias = sg.zeros(4, requires_grad=True)
    ((x + bias) * 0.1).sum().backward()
    assert (abs(bias.grad / exact - 1.0) < 1e-6).all()
    assert sg.float32 == x.sum(0).dtype


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "uint8", "bool"])
def test_small_integers_are_added_up_in_int64(dtype):
    """They would overflow otherwise."""
    top = 1 if dtype == "bool" else np.iinfo(dtype).max
    out = sg.full(1000, top, dtype=dtype).sum()
    assert (sg.int64, 1000 * top) == (out.dtype, out.item())


def test_the_mean_of_many_float16_numbers_is_in_range():
    """Their sum would be infinite, and so would be their count."""
    x = sg.full(100_000, 2.0, dtype=sg.float16)
    assert (2.0, 0.0, sg.float16) == (x.mean().item(), x.var().item(), x.mean().dtype)
    leaf = sg.ones(4, dtype=sg.float16, requires_grad=True)
    leaf.mean().backward()
    assert ([0.25] * 4, sg.float16) == (leaf.grad.tolist(), leaf.grad.dtype)


def test_the_variance_at_a_large_offset_is_right():
    """1e8 + noise: the mean is taken off before squaring."""
    noise = sg.randn(10_000, seed=0, dtype=sg.float64).data
    x = 1e8 + noise
    exact = float(np.var((x - 1e8).astype(np.longdouble), ddof=1))
    assert abs(sg.var(sg.tensor(x)).item() / exact - 1.0) < 1e-6
    assert abs(sg.std(sg.tensor(x)).item() / math.sqrt(exact) - 1.0) < 1e-6


def test_the_slope_of_the_standard_deviation_of_a_constant_is_zero():
    """And not NaN; to second order too."""
    x = sg.tensor(np.full((3, 4), 0.75), requires_grad=True)
    x.std(dim=1).sum().backward()
    assert (np.zeros((3, 4)) == x.grad).all()
    again = sg.grad(lambda x: (sg.grad(lambda x: x.std())(x) ** 2).sum())
    assert np.isfinite(again(np.full(3, 0.75)).data).all()


def test_the_log_of_a_sum_of_nothing_likely_is_minus_infinity_with_slope_zero():
    """Every x is -inf, as under a mask that hides all; PyTorch's slope is NaN."""
    x = sg.tensor([-INF, -INF], requires_grad=True)
    out = sg.logsumexp(x, 0)
    out.backward()
    assert (-INF, [0.0, 0.0]) == (out.item(), x.grad.tolist())


@pytest.mark.parametrize("make", [sg.Value, lambda x: sg.tensor(x, requires_grad=True)])
def test_the_slope_of_the_size_of_nan_is_nan(make):
    """PyTorch says 0 there, and a broken number would look whole."""
    x = make(NAN)
    abs(x).backward()
    assert math.isnan(float(x.grad))
    assert math.isnan(float(sg.sign(x).data))


def test_nan_goes_through_everything_that_chooses():
    """relu, maximum, clamp, amax, argmax: a NaN is never hidden."""
    x = sg.tensor([1.0, NAN, -1.0])
    for out in (sg.relu(x), sg.maximum(x, 0.0), sg.minimum(0.0, x), x.clamp(-2, 2)):
        assert [False, True, False] == np.isnan(out.data).tolist()
    assert math.isnan(x.amax().item())
    assert math.isnan(x.max(dim=0).values.item())
    assert 1 == x.argmax().item() == x.argmin().item()


def test_a_nan_in_the_branch_not_taken_stays_there():
    """Forward and backward: `where` selects, it does not multiply by 0."""
    x = sg.tensor([1.0, -1.0], requires_grad=True)
    y = sg.tensor([NAN, 5.0], requires_grad=True)
    out = sg.where(x > 0, x, y)
    out.sum().backward()
    assert ([1.0, 5.0], [1.0, 0.0], [0.0, 1.0]) == (
        out.tolist(),
        x.grad.tolist(),
        y.grad.tolist(),
    )


@pytest.mark.parametrize("op", [sg.amax, sg.amin, sg.max, sg.min, sg.argmax, sg.argmin])
@pytest.mark.parametrize(("shape", "dim"), [((0,), None), ((0, 3), 0), ((3, 0), 1)])
def test_the_extreme_of_nothing_does_not_exist(op, shape, dim):
    """With the shape and the axis, as PyTorch refuses it too."""
    with pytest.raises(sg.errors.ShapeError, match="no numbers does not exist") as e:
        op(sg.zeros(shape), dim)
    assert str(shape) in e.value.what
    assert e.value.hint
    assert (3,) == sg.amax(sg.zeros(3, 2), 1).shape


@pytest.mark.parametrize("op", [sg.sum, sg.all, sg.any, sg.amax, sg.mean, sg.var])
@pytest.mark.parametrize(
    ("dim", "error", "words"),
    [
        (2, IndexError, "dim 2 is outside a tensor of 2 axes"),
        (-3, IndexError, "dim -3 is outside a tensor of 2 axes"),
        ((0, 0), ValueError, "dim 0 is named twice"),
        ((1, -1), ValueError, "dim 1 is named twice"),
        ("x", ValueError, "a whole number, not 'x'"),
        (0.5, ValueError, "a whole number, not 0.5"),
    ],
)
def test_an_axis_that_is_not_there_is_refused_everywhere(op, dim, error, words):
    """With the axis and the number of axes."""
    with pytest.raises(error, match=words) as caught:
        op(sg.ones(2, 3), dim)
    assert isinstance(caught.value, sg.errors.SeegradError)
    assert caught.value.hint


HARD = [
    sg.log,
    lambda x: sg.log(x - 5.0),
    lambda x: 1.0 / x,
    lambda x: x / x,
    lambda x: sg.exp(x + 1e4),
    lambda x: sg.sqrt(x - 1.0),
    lambda x: (x * 1e300) * 1e300,
    lambda x: x**-1.0,
    lambda x: x.std(),
    lambda x: sg.zeros(0).mean() + x,
    lambda x: sg.sigmoid(x - 1e4),
    lambda x: sg.softmax(x - INF, 0),
    lambda x: (x + INF).to(sg.float32),
    lambda x: sg.tensor([1e300, -1e300]) + x,
]


@pytest.mark.parametrize("f", HARD, ids=range(len(HARD)))
def test_no_warning_of_numpy_reaches_the_user(f):
    """Infinity and NaN are numbers here: forward, backward, and to second order."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = sg.tensor(np.zeros(1), requires_grad=True)
        out = f(x)
        if out.requires_grad:
            out.sum().backward()
            sg.grad(lambda x: (sg.grad(lambda x: f(x).sum())(x) ** 2).sum())(x)
    assert np.geterr()["divide"] == "warn"


def test_reshaping_refuses_what_does_not_fit():
    """A wrong size, two unknown lengths, a length that is no number."""
    x = sg.ones(3, 4)
    for shape, words in [
        ((5, 2), "12 numbers do not fit"),
        ((-1, 5), "12 numbers do not fit"),
        ((-1, -1), "only one axis"),
        ((-2, 6), "12 numbers do not fit"),
        (("a",), "whole numbers"),
    ]:
        with pytest.raises(sg.errors.ShapeError, match=words) as caught:
            x.reshape(shape)
        assert caught.value.hint
    with pytest.raises(ValueError, match="twice"):
        x.permute(0, 0)
    with pytest.raises(sg.errors.ShapeError, match="each of the 2 axes"):
        x.permute(0)
    with pytest.raises(sg.errors.ShapeError, match="comes after"):
        x.flatten(1, 0)
    with pytest.raises(sg.errors.ShapeError, match="nothing to join"):
        sg.concatenate([])
    with pytest.raises(sg.errors.ShapeError, match="cannot join"):
        sg.stack([sg.ones(2), sg.ones(3)])


def test_the_error_state_of_the_user_stays_the_users():
    """Whoever asks NumPy to raise gets that from NumPy, and infinity from a tensor."""
    with np.errstate(all="raise"):
        assert -INF == sg.tensor(0.0).log().item()
        with pytest.raises(FloatingPointError):
            np.log(np.zeros(1))
