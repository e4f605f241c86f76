"""Normalisation: mean 0, spread 1, what is remembered, and what does not fit."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import ArgumentError, DtypeError, InputTypeError, ShapeError

BATCH = [
    (nn.BatchNorm1d, (6, 3)),
    (nn.BatchNorm1d, (4, 3, 5)),
    (nn.BatchNorm2d, (4, 3, 2, 5)),
]


@pytest.mark.parametrize(("layer", "shape"), BATCH)
def test_every_channel_of_a_batch_gets_mean_0_and_spread_1(layer, shape):
    """Whatever its mean and spread were."""
    x = 7.0 + 5.0 * sg.randn(shape, dtype="float64", seed=0).data
    out = layer(3, eps=0.0, dtype="float64")(x).data
    across = (0, *range(2, len(shape)))
    np.testing.assert_allclose(out.mean(across), np.zeros(3), atol=1e-12)
    np.testing.assert_allclose(out.std(across), np.ones(3), 1e-12)


@pytest.mark.parametrize(("layer", "shape"), BATCH)
def test_a_prediction_uses_and_keeps_what_was_remembered(layer, shape):
    """Nothing is remembered while predicting, and a gradient flows all the same."""
    model = layer(3).eval()
    before = model.state_dict()
    x = sg.tensor(sg.randn(shape, seed=0), requires_grad=True)
    out = model(x)
    np.testing.assert_allclose(out.data, x.data / np.sqrt(1 + 1e-5), 1e-6)
    out.sum().backward()
    np.testing.assert_allclose(x.grad, np.full(shape, 1.0), 1e-5)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(before[name], array)


@pytest.mark.parametrize("settings", [{}, {"affine": False}, {"momentum": None}])
def test_the_slopes_of_training_are_those_of_finite_differences(settings):
    """To second order: the mean and the variance depend on every number."""
    layer = nn.BatchNorm2d(2, dtype="float64", **settings)
    x = sg.randn((2, 2, 1, 2), dtype="float64", seed=0).data
    sg.check.gradients(layer, x, tolerance=1e-5)
    layer = nn.LayerNorm(3, dtype="float64")
    sg.check.gradients(layer, x.reshape(-1)[:6].reshape(2, 3))


def test_what_is_remembered_has_no_history():
    """The averages are leaves that need no gradient, and the batches are counted."""
    layer = nn.BatchNorm1d(2)
    x = sg.tensor(sg.randn((5, 2), seed=0), requires_grad=True)
    for _ in range(3):
        layer(x)
    for name, buffer in layer.named_buffers():
        assert (None, False) == (buffer.op, buffer.requires_grad), name
    assert 3 == layer.num_batches_tracked.item()
    np.testing.assert_allclose(
        layer.running_mean.data, x.data.mean(0) * (1 - 0.9**3), 1e-5
    )


def test_without_a_memory_every_batch_speaks_for_itself():
    """Also when predicting; there is nothing to save."""
    layer = nn.BatchNorm1d(2, track_running_stats=False, affine=False).eval()
    assert [] == list(layer.state_dict())
    out = layer(sg.tensor([[1.0, 5.0], [3.0, 5.0]]))
    np.testing.assert_allclose([[-1.0, 0.0], [1.0, 0.0]], out.data, atol=1e-4)


@pytest.mark.parametrize(
    ("layer", "shape"), [(nn.BatchNorm1d(3), (1, 3)), (nn.BatchNorm2d(3), (1, 3, 1, 1))]
)
def test_a_single_number_has_no_spread(layer, shape):
    """Training on it is refused and remembers nothing; predicting is not."""
    with pytest.raises(ShapeError, match="more than one number in each") as caught:
        layer(sg.ones(shape))
    assert repr(layer) == caught.value.where
    assert "eval()" in caught.value.hint
    assert 0 == layer.num_batches_tracked.item()
    assert shape == layer.eval()(sg.ones(shape)).shape


@pytest.mark.parametrize(
    ("layer", "x", "error", "text"),
    [
        (nn.BatchNorm1d(3), sg.ones((4, 2)), ShapeError, "x has 2 channels, shape (4,"),
        (nn.BatchNorm1d(3), sg.ones(3), ShapeError, "(batch, 3) or (batch, 3, length)"),
        (nn.BatchNorm2d(3), sg.ones((4, 3)), ShapeError, "(batch, 3, height, width)"),
        (nn.LayerNorm(3), sg.ones((4, 2)), ShapeError, "where (..., 3) was expected"),
        (
            nn.LayerNorm((2, 3)),
            sg.ones(3),
            ShapeError,
            "where (..., 2, 3) was expected",
        ),
        (nn.LayerNorm(2), sg.ones(2, dtype="float64"), DtypeError, "x is float64 and"),
        (nn.BatchNorm1d(1), np.ones((2, 1), "U1"), DtypeError, "cannot make a tensor"),
    ],
)
def test_what_does_not_fit_is_refused(layer, x, error, text):
    """The error has the numbers, the layer, and a way out."""
    with pytest.raises(error) as caught:
        layer(x)
    assert text in caught.value.what
    assert repr(layer) == caught.value.where
    assert caught.value.hint


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: nn.BatchNorm1d(0), ArgumentError, "num_features must be 1 or more"),
        (lambda: nn.BatchNorm2d(2.0), InputTypeError, "num_features must be a whole"),
        (lambda: nn.BatchNorm1d(2, eps=-1.0), ArgumentError, "eps is a small number"),
        (lambda: nn.BatchNorm1d(2, momentum=2), ArgumentError, "momentum is the share"),
        (lambda: nn.BatchNorm1d(2, affine=False, dtype="int64"), DtypeError, "running"),
        (lambda: nn.LayerNorm(()), ShapeError, "normalized_shape names no axis"),
        (lambda: nn.LayerNorm((3, 0)), ArgumentError, "normalized_shape must be 1"),
        (lambda: nn.LayerNorm(3, eps="1"), ArgumentError, "eps is a small number"),
    ],
)
def test_an_impossible_setting_is_refused(make, error, text):
    """At construction, by name."""
    with pytest.raises(error) as caught:
        make()
    assert text in caught.value.what
    assert caught.value.where.endswith(("Norm", "Norm1d", "Norm2d"))


def test_whole_numbers_become_what_the_layer_computes_in():
    """A table of integers can be normalised."""
    out = nn.LayerNorm(2, eps=0.0)([[1, 3]])
    assert np.float32 == out.dtype
    assert [[-1.0, 1.0]] == out.tolist()


def test_the_repr_has_what_is_not_as_usual():
    """And nothing else."""
    assert "BatchNorm2d(3)" == repr(nn.BatchNorm2d(3))
    told = "3, eps=0.1, momentum=None, affine=False, track_running_stats=False"
    assert f"BatchNorm1d({told})" == repr(nn.BatchNorm1d(3, 0.1, None, False, False))
    assert "LayerNorm((2, 3), eps=0.1, bias=False)" == repr(
        nn.LayerNorm((2, 3), 0.1, bias=False)
    )
    layer = nn.LayerNorm(3, elementwise_affine=False)
    assert "LayerNorm(3, elementwise_affine=False)" == repr(layer)
