"""Windows over an image, the frame around it, and pooling, beyond the contracts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad import ops
from seegrad.errors import ArgumentError, InputTypeError, ShapeError
from seegrad.facts import Where
from seegrad.op import REGISTRY
from seegrad.ops.windows import fold, pair, windows
from seegrad.samples import calls

GEOMETRY = st.tuples(st.integers(1, 3), st.integers(1, 3))


def read(x, index, padded):
    """The number at an index; 0 outside, and where it does not divide."""
    if isinstance(index, Where):
        if any(expression % modulus for expression, modulus in index.divisible):
            return 0.0
        index = index.index
    inside = all(0 <= i < n for i, n in zip(index, x.shape, strict=True))
    assert inside or padded
    return x[index] if inside else 0.0


@pytest.mark.parametrize("name", ["pad", "windows", "place_windows", "take_windows"])
def test_a_movement_says_where_each_number_comes_from(name):
    """The stated source, read number by number, gives what the forward gives."""
    op = REGISTRY[name]
    for (x,), settings in calls(op):
        out = sg.tensor(op(x, **settings))
        settings = op.normal(x, **{**op.defaults, **settings})
        source = op.facts.source
        for i in np.ndindex(out.shape):
            place = source(i, x.shape, **settings)
            assert read(x, place, op.facts.padded) == out.data[i]


def test_padding_reads_widths_as_numpy_does():
    """One number, one pair for all axes, or a pair for each."""
    x = np.arange(6.0).reshape(2, 3)
    for widths in (1, (1, 2), ((0, 1), (2, 0))):
        np.testing.assert_array_equal(np.pad(x, widths), ops.pad(x, widths))


@given(st.tuples(st.integers(1, 8), st.integers(1, 8)), GEOMETRY, GEOMETRY, GEOMETRY)
def test_windows_see_what_slices_see(image, size, stride, dilation):
    """The window at a place is the slice that begins there; else none fits."""
    x = np.arange(2.0 * image[0] * image[1]).reshape(2, *image)
    extent = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    if extent[0] > image[0] or extent[1] > image[1]:
        with pytest.raises(ShapeError, match="does not fit"):
            windows(x, size, stride, dilation)
        return
    out = windows(x, size, stride, dilation)
    for i, j in np.ndindex(out.shape[1:3]):
        top, left = i * stride[0], j * stride[1]
        rows = slice(top, top + extent[0], dilation[0])
        columns = slice(left, left + extent[1], dilation[1])
        np.testing.assert_array_equal(x[:, rows, columns], out[:, i, j])
    counted = fold(np.ones_like(out), x.shape, stride, dilation)
    assert out.size == counted.sum()


def test_a_pair_is_one_number_or_two():
    """Anything else is refused by name."""
    assert (2, 2) == pair("stride", 2) == pair("stride", [2, 2])
    with pytest.raises(ArgumentError, match="stride is one whole number, or one for"):
        pair("stride", (1, 2, 3))
    with pytest.raises(InputTypeError, match="stride must be a whole number"):
        pair("stride", 1.5)


def test_of_equal_numbers_the_first_gets_the_gradient():
    """As in PyTorch; where nothing happened, nothing is shared."""
    x = sg.zeros((1, 4, 4), requires_grad=True)
    sg.max_pool2d(x, 2).sum().backward()
    expected = np.zeros((1, 4, 4))
    expected[:, ::2, ::2] = 1.0
    np.testing.assert_array_equal(expected, x.grad)


def test_the_frame_never_wins():
    """A maximum of negative numbers is negative, whatever the padding."""
    x = -sg.ones((1, 3, 3))
    assert {-1.0} == set(sg.max_pool2d(x, 2, padding=1).data.ravel().tolist())


def test_a_nan_in_a_window_is_its_maximum():
    """It must not vanish on the way to the loss."""
    x = np.ones((1, 2, 4))
    x[0, 1, 3] = np.nan
    np.testing.assert_array_equal([[[1.0, np.nan]]], sg.max_pool2d(sg.tensor(x), 2))


@pytest.mark.parametrize("settings", [{}, {"stride": 1}, {"padding": 1}, {"stride": 3}])
@pytest.mark.parametrize("pool", [sg.max_pool2d, sg.avg_pool2d])
def test_the_slopes_of_pooling_are_those_of_finite_differences(pool, settings):
    """To second order, for windows apart, side by side and overlapping."""
    x = sg.randn((2, 4, 5), dtype="float64", seed=1).data
    sg.check.gradients(lambda x: pool(x * x, (2, 3), **settings), x)


@pytest.mark.parametrize("pool", [sg.max_pool2d, sg.avg_pool2d])
@pytest.mark.parametrize(
    ("shape", "settings", "error", "text"),
    [
        ((4,), {}, ShapeError, "slides over two axes, and shape (4,) has 1"),
        ((1, 1, 4), {}, ShapeError, "2 x 2 does not fit into an image of 1 x 4"),
        ((4, 4), {"padding": 2}, ArgumentError, "more than half a window of 2 x 2"),
        ((4, 4), {"stride": 0}, ArgumentError, "stride must be 1 or more, not 0"),
    ],
)
def test_what_cannot_be_pooled_is_refused(pool, shape, settings, error, text):
    """With the numbers, and a way out."""
    with pytest.raises(error) as caught:
        pool(sg.ones(shape), 2, **settings)
    assert text in caught.value.what
    assert caught.value.hint
