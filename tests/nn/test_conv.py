"""The convolution layer: how it begins, its shapes, and what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad import nn
from seegrad.errors import ArgumentError, DtypeError, InputTypeError, ShapeError


def test_it_begins_evenly_spread_within_its_bound():
    """U(-1/sqrt(fan), 1/sqrt(fan)), the fan being one window, as in PyTorch."""
    layer = nn.Conv2d(8, 200, (5, 5), groups=2, seed=0)
    for p in (layer.weight, layer.bias):
        assert 0.09 < np.abs(p.data).max() <= 0.1
        assert abs(p.data.mean()) < 0.01
        assert 0.1 / 3**0.5 == pytest.approx(p.data.std(), rel=0.1)
    assert ((200, 4, 5, 5), (200,)) == (layer.weight.shape, layer.bias.shape)


def test_a_seed_repeats_and_the_global_stream_goes_on():
    """The same seed, the same weights; without one, manual_seed decides."""
    first, second = nn.Conv2d(2, 3, 2, seed=7), nn.Conv2d(2, 3, 2, seed=7)
    assert first.weight.tolist() == second.weight.tolist()
    assert first.weight.tolist() != nn.Conv2d(2, 3, 2, seed=8).weight.tolist()
    sg.manual_seed(3)
    first = nn.Conv2d(2, 3, 2)
    sg.manual_seed(3)
    assert nn.Conv2d(2, 3, 2).bias.tolist() == first.bias.tolist()


@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 2),
    st.integers(5, 8),
)
def test_the_size_of_the_result_is_the_formula(kernel, stride, padding, dilation, n):
    """(n + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded down."""
    layer = nn.Conv2d(1, 2, kernel, stride, padding, dilation, seed=0)
    expected = (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    assert (3, 2, expected, expected) == layer(np.ones((3, 1, n, n))).shape


def test_a_window_as_large_as_the_image_is_a_linear_layer():
    """Every output is a weighted sum of all pixels."""
    layer = nn.Conv2d(2, 3, (4, 5), dtype="float64", seed=0)
    x = sg.randn((6, 2, 4, 5), dtype="float64", seed=1).data
    weight = layer.weight.data.reshape(3, -1)
    expected = x.reshape(6, -1) @ weight.T + layer.bias.data
    np.testing.assert_allclose(layer(x).data[:, :, 0, 0], expected, 1e-12)


def test_a_single_image_needs_no_batch():
    """(C, H, W) gives what a batch of one gives."""
    layer = nn.Conv2d(2, 3, 3, padding="same", seed=0)
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(layer(x).data, layer(x[None]).data[0])


@pytest.mark.parametrize("dtype", [np.float64, np.uint8, np.int64])
def test_data_are_read_in_the_dtype_of_the_layer(dtype):
    """A float32 network stays float32, and pixels may be whole numbers."""
    out = nn.Conv2d(1, 2, 3, seed=0)(np.ones((1, 1, 4, 4), dtype))
    assert np.float32 == out.dtype


@pytest.mark.parametrize(
    ("x", "error", "text"),
    [
        (sg.ones((5, 2, 8, 8)), ShapeError, "x has 2 channels, shape (5, 2, 8, 8)"),
        (sg.ones((5, 8, 8, 3)), ShapeError, "(batch, 3, height, width) was expected"),
        (sg.ones((8, 8)), ShapeError, "x has 2 axes, shape (8, 8), where (batch, 3,"),
        (sg.ones((1, 3, 2, 8)), ShapeError, "3 x 3 does not fit into an image of 2 x"),
        (sg.ones((1, 3, 8, 8), dtype="float64"), DtypeError, "x is float64 and the"),
    ],
)
def test_what_does_not_fit_is_refused(x, error, text):
    """The error has the numbers, the layer, and a way out."""
    with pytest.raises(error) as caught:
        nn.Conv2d(3, 4, 3, seed=0)(x)
    assert text in caught.value.what
    assert "Conv2d(3 -> 4, kernel_size=(3, 3))" == caught.value.where
    assert caught.value.hint


def test_images_without_an_axis_for_their_channel_hear_of_it():
    """The most common mistake with grey images: (batch, height, width)."""
    with pytest.raises(ShapeError) as caught:
        nn.Conv2d(1, 4, 3, seed=0)(sg.ones((5, 8, 8)))
    assert "unsqueeze(1)" in caught.value.hint


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "text"),
    [
        ((0, 1, 3), {}, ArgumentError, "in_channels must be 1 or more, not 0"),
        ((1, 1, 0), {}, ArgumentError, "kernel_size must be 1 or more, not 0"),
        ((1, 1, 2.5), {}, InputTypeError, "kernel_size must be a whole number"),
        ((1, 1, (1, 2, 3)), {}, ArgumentError, "one for each of height and width"),
        ((1, 1, 3), {"stride": 0}, ArgumentError, "stride must be 1 or more"),
        ((1, 1, 3), {"padding": -1}, ArgumentError, "padding must be 0 or more"),
        ((1, 1, 3), {"padding": "full"}, ArgumentError, "no padding called 'full'"),
        ((1, 1, 3), {"padding": "same", "stride": 2}, ArgumentError, "a stride of 1"),
        ((3, 4, 3), {"groups": 2}, ArgumentError, "in_channels must be divisible by"),
        ((2, 3, 3), {"groups": 2}, ArgumentError, "out_channels must be divisible by"),
    ],
)
def test_an_impossible_setting_is_refused(arguments, settings, error, text):
    """At construction, by name."""
    with pytest.raises(error) as caught:
        nn.Conv2d(*arguments, **settings)
    assert text in caught.value.what
    assert "Conv2d" == caught.value.where


def test_the_repr_has_what_is_not_as_usual():
    """And nothing else."""
    assert "Conv2d(1 -> 2, kernel_size=(3, 3))" == repr(nn.Conv2d(1, 2, 3, seed=0))
    layer = nn.Conv2d(2, 2, 3, 2, 1, 2, 2, False, seed=0)
    expected = "stride=(2, 2), padding=(1, 1), dilation=(2, 2), groups=2, bias=False"
    assert f"Conv2d(2 -> 2, kernel_size=(3, 3), {expected})" == repr(layer)
    assert "padding='same'" in repr(nn.Conv2d(1, 2, 3, padding="same", seed=0))
