"""The linear layer: PyTorch's numbers, how it begins, and what does not fit."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad import nn
from seegrad.errors import ArgumentError, DtypeError, InputTypeError, ShapeError

FILE = Path(__file__).parents[1] / "reference" / "network.npz"
with np.load(FILE) as archive:
    REFERENCE = dict(archive)
EPSILON = {"float32": 1.3e-6, "float64": 1e-12}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_is_pytorchs(dtype):
    """PyTorch's weights load by name, and give its output and all its gradients."""
    model = nn.MLP(3, [5], 2, activation="tanh", dtype=dtype)
    prefix = f"{dtype}/state/"
    state = {
        key.removeprefix(prefix): array
        for key, array in REFERENCE.items()
        if key.startswith(prefix)
    }
    assert list(state) == list(model.state_dict())
    model.load_state_dict(state)
    x = sg.tensor(REFERENCE[f"{dtype}/x"], requires_grad=True)
    out = model(x)
    out.backward(REFERENCE[f"{dtype}/g"])
    found = {"out": out.data, "gradient/x": x.grad}
    found |= {f"gradient/{name}": p.grad for name, p in model.named_parameters()}
    for key, array in found.items():
        assert dtype == array.dtype
        expected = REFERENCE[f"{dtype}/{key}"]
        np.testing.assert_allclose(array, expected, EPSILON[dtype], EPSILON[dtype])


def test_it_begins_evenly_spread_within_its_bound():
    """U(-1/sqrt(in), 1/sqrt(in)) for weight and bias, as in PyTorch."""
    layer = nn.Linear(100, 200, seed=0)
    for p in (layer.weight, layer.bias):
        assert 0.09 < np.abs(p.data).max() <= 0.1
        assert abs(p.data.mean()) < 0.01
        assert 0.1 / 3**0.5 == pytest.approx(p.data.std(), rel=0.1)
    assert ((200, 100), (200,)) == (layer.weight.shape, layer.bias.shape)


def test_a_seed_repeats_and_the_global_stream_goes_on():
    """The same seed, the same weights; without one, manual_seed decides."""
    first, second = nn.Linear(2, 3, seed=7), nn.Linear(2, 3, seed=7)
    assert first.weight.tolist() == second.weight.tolist()
    assert first.weight.tolist() != nn.Linear(2, 3, seed=8).weight.tolist()
    assert not np.isin(first.bias.data, first.weight.data).any()
    sg.manual_seed(3)
    first, second = nn.Linear(2, 3), nn.Linear(2, 3)
    sg.manual_seed(3)
    assert nn.Linear(2, 3).weight.tolist() == first.weight.tolist()
    assert first.weight.tolist() != second.weight.tolist()


def test_without_a_bias_there_is_none():
    """Neither in the state nor in the result."""
    layer = nn.Linear(2, 1, bias=False, seed=0)
    assert layer.bias is None
    assert ["weight"] == list(layer.state_dict())
    assert 0.0 == layer([0.0, 0.0]).item()
    assert "Linear(2 -> 1, bias=False)" == repr(layer)


@given(st.lists(st.integers(0, 4), max_size=3))
def test_any_axes_may_stand_before_the_features(shape):
    """One example, a batch, a batch of sequences, an empty batch."""
    layer = nn.Linear(3, 2, seed=0)
    out = layer(np.ones((*shape, 3)))
    assert (*shape, 2) == out.shape
    expected = layer.weight.data.sum(axis=1) + layer.bias.data
    np.testing.assert_allclose(
        out.data, np.broadcast_to(expected, out.shape), rtol=1e-6
    )


@pytest.mark.parametrize(
    "x",
    [
        [[1.0, 2.0]],
        [[1, 2]],
        np.array([[1.0, 2.0]]),
        np.array([[1, 2]], np.uint8),
        sg.tensor([[1, 2]]),
    ],
)
def test_data_are_read_in_the_dtype_of_the_layer(x):
    """A float32 network stays float32, whatever NumPy's default is."""
    out = nn.Linear(2, 1, seed=0)(x)
    assert np.float32 == out.dtype
    assert nn.Linear(2, 1, seed=0)([[1.0, 2.0]]).item() == out.item()
    model = nn.Sequential(nn.Flatten(), nn.Linear(2, 1, seed=0))
    assert np.float32 == model(x).dtype


@pytest.mark.parametrize(
    ("x", "error", "text"),
    [
        (
            np.zeros((64, 2)),
            ShapeError,
            "cannot multiply (64, 2) by (3, 16): the inner",
        ),
        (np.zeros(2), ShapeError, "try  Linear(2, 16), or check that x has shape"),
        (np.float32(1.0), ShapeError, "a single number has no features"),
        (sg.zeros((1, 3), dtype="float64"), DtypeError, "x is float64 and the weight"),
        ("text", DtypeError, "cannot make a tensor of str"),
    ],
)
def test_what_does_not_fit_is_refused(x, error, text):
    """The error has the numbers, the layer, and the way out."""
    with pytest.raises(error) as caught:
        nn.Linear(3, 16, seed=0)(x)
    assert text in str(caught.value)
    assert "Linear(3 -> 16)" == caught.value.where


@pytest.mark.parametrize(
    ("sizes", "error", "text"),
    [
        ((0, 3), ArgumentError, "in_features must be 1 or more, not 0"),
        ((-1, 3), ArgumentError, "in_features must be 1 or more, not -1"),
        ((3, 0), ArgumentError, "out_features must be 1 or more, not 0"),
        ((2.5, 3), InputTypeError, "in_features must be a whole number, not 2.5"),
        ((3, True), InputTypeError, "out_features must be a whole number"),
        ((3, "4"), InputTypeError, "out_features must be a whole number"),
    ],
)
def test_an_impossible_size_is_refused(sizes, error, text):
    """At construction, by name."""
    with pytest.raises(error, match=text) as caught:
        nn.Linear(*sizes)
    assert "Linear" == caught.value.where


def test_only_floats_can_be_weights():
    """An integer cannot be learned."""
    with pytest.raises(DtypeError):
        nn.Linear(2, 1, dtype="int64")
