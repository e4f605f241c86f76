"""Recurrent layers: their names, their states, and what a step costs.

Their numbers are compared with PyTorch's in test_sequence_reference.
"""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import ArgumentError, DtypeError, InputTypeError, ShapeError
from seegrad.nn._recurrent import Recurrent

KINDS = [nn.RNN, nn.LSTM, nn.GRU]


def both(layer, *inputs):
    """The output, and the last state as a tuple."""
    out, last = layer(*inputs)
    return out, last if isinstance(last, tuple) else (last,)


@pytest.mark.parametrize("kind", KINDS)
def test_the_names_and_shapes_are_pytorchs(kind):
    """Per layer and direction: weight_ih, weight_hh, bias_ih, bias_hh."""
    rows = kind.gates * 4
    layer = kind(3, 4, num_layers=2, bidirectional=True, seed=0)
    expected = {}
    for number, columns in enumerate((3, 8)):
        for end in ("", "_reverse"):
            name = f"l{number}{end}"
            expected[f"weight_ih_{name}"] = (rows, columns)
            expected[f"weight_hh_{name}"] = (rows, 4)
            expected[f"bias_ih_{name}"] = expected[f"bias_hh_{name}"] = (rows,)
    shapes = {name: array.shape for name, array in layer.state_dict().items()}
    assert list(expected.items()) == list(shapes.items())


@pytest.mark.parametrize("kind", KINDS)
def test_it_begins_evenly_spread_within_its_bound(kind):
    """U(-1/sqrt(hidden), 1/sqrt(hidden)) for all, different for each, repeatable."""
    layer = kind(50, 100, seed=0)
    for p in layer.parameters():
        assert 0.09 < np.abs(p.data).max() <= 0.1
    assert layer.weight_ih_l0.data[0, 0] != layer.weight_hh_l0.data[0, 0]
    again = kind(50, 100, seed=0)
    assert layer.weight_hh_l0.tolist() == again.weight_hh_l0.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_reading_can_be_interrupted(kind):
    """Two halves, the second from the state of the first, are the whole."""
    layer = kind(3, 4, num_layers=2, seed=0, dtype="float64")
    x = sg.randn((6, 2, 3), seed=1, dtype="float64")
    whole, last = both(layer, x)
    first, between = layer(x[:3])
    second, ends = both(layer, x[3:], between)
    np.testing.assert_allclose(whole[:3].data, first.data, 1e-14)
    np.testing.assert_allclose(whole[3:].data, second.data, 1e-14)
    for expected, found in zip(last, ends, strict=True):
        np.testing.assert_allclose(expected.data, found.data, 1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_alone_is_a_batch_of_one(kind):
    """Without the axis of the batch, in the states too; batch_first changes nothing."""
    x = sg.randn((5, 3), seed=1)
    for batch_first in (False, True):
        layer = kind(3, 4, 2, batch_first=batch_first, bidirectional=True, seed=0)
        out, last = both(layer, x)
        of_one, last_of_one = both(layer, x.unsqueeze(0 if batch_first else 1))
        assert (5, 8) == out.shape
        assert (4, 4) == last[0].shape
        np.testing.assert_allclose(of_one.data.reshape(5, 8), out.data, 1e-6)
        for expected, found in zip(last_of_one, last, strict=True):
            np.testing.assert_allclose(expected.data[:, 0], found.data, 1e-6)


def test_the_last_output_is_the_state():
    """Forwards at the end of time, backwards at its beginning."""
    out, h = nn.GRU(3, 4, bidirectional=True, seed=0)(sg.randn((5, 2, 3), seed=1))
    np.testing.assert_array_equal(out.data[-1, :, :4], h.data[0])
    np.testing.assert_array_equal(out.data[0, :, 4:], h.data[1])


def ops_of(node):
    """The names of all ops that a node was made by."""
    seen, stack, names = set(), [node], []
    while stack:
        thing = stack.pop()
        if thing not in seen and thing.op is not None:
            seen.add(thing)
            names.append(thing.op.name)
            stack += thing.inputs
    return names


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_one_product(kind):
    """And another one projects the inputs of all steps together."""
    out, _ = kind(3, 4, seed=0)(sg.randn((7, 2, 3), seed=1))
    assert 8 == ops_of(out).count("matmul")


def test_dropout_is_between_layers_only_and_only_in_training():
    """With p = 1 the upper layer sees nothing; a single layer is left alone."""
    x = sg.randn((5, 2, 3), seed=1)
    layer = nn.LSTM(3, 4, num_layers=2, dropout=1.0, seed=0)
    one, other = (layer(scale * x)[0].tolist() for scale in (1.0, 2.0))
    assert one == other
    layer.eval()
    one, other = (layer(scale * x)[0].tolist() for scale in (1.0, 2.0))
    assert one != other
    single = nn.LSTM(3, 4, dropout=1.0, seed=0)
    assert single(x)[0].tolist() == single.eval()(x)[0].tolist()


def test_a_long_sequence_has_gradients_at_both_ends():
    """Hundreds of steps forward and back."""
    x = sg.tensor(sg.randn((300, 1, 2), seed=1).numpy(), requires_grad=True)
    out, _ = nn.LSTM(2, 3, seed=0)(x)
    out.sum().backward()
    assert x.grad[0].any()
    assert x.grad[-1].any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((5, 2, 4), "3 numbers at a time was expected"),
        ((3,), "3 numbers at a time was expected"),
        ((5, 2, 2, 3), "3 numbers at a time was expected"),
        ((0, 2, 3), "no steps of time"),
    ],
)
def test_what_is_no_sequence_is_refused(kind, shape, text):
    """With the shape, the layer, and the order of the axes."""
    with pytest.raises(ShapeError, match=text) as caught:
        kind(3, 4, seed=0)(np.zeros(shape))
    assert f"{kind.__name__}(3 -> 4)" == caught.value.where
    assert "(time, batch, 3)" in caught.value.hint


def test_a_state_that_does_not_fit_is_refused():
    """Its shape, or what it is."""
    x = np.zeros((5, 2, 3))
    with pytest.raises(ShapeError, match=r"\(2, 4\) where \(1, 2, 4\)"):
        nn.GRU(3, 4, seed=0)(x, np.zeros((2, 4)))
    with pytest.raises(ShapeError, match=r"\(1, 2, 4\) where \(1, 4\)"):
        nn.GRU(3, 4, seed=0)(x[:, 0], np.zeros((1, 2, 4)))
    with pytest.raises(InputTypeError, match=r"pair \(h, c\), not ndarray"):
        nn.LSTM(3, 4, seed=0)(x, np.zeros((1, 2, 4)))
    with pytest.raises(DtypeError, match="float64"):
        nn.RNN(3, 4, seed=0)(sg.zeros((5, 2, 3), dtype="float64"))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"hidden_size": 0}, "hidden_size must be 1 or more"),
        ({"num_layers": 0}, "num_layers must be 1 or more"),
        ({"dropout": 1.5}, "from 0 to 1, not 1.5"),
        ({"nonlinearity": "sin"}, "'sin'"),
    ],
)
def test_an_impossible_setting_is_refused(settings, text):
    """At construction, by name."""
    with pytest.raises(ArgumentError, match=text):
        nn.RNN(**{"input_size": 3, "hidden_size": 4} | settings)


def test_the_repr_says_what_is_out_of_the_ordinary():
    """And nothing else."""
    layer = nn.RNN(3, 4, 2, "relu", False, True, 0.5, True, seed=0)
    expected = (
        "RNN(3 -> 4, num_layers=2, bias=False, dropout=0.5, batch_first=True, "
        "bidirectional=True, nonlinearity='relu')"
    )
    assert expected == repr(layer)


def test_a_layer_must_say_what_a_step_is():
    """The base class alone is not one."""

    class Silent(Recurrent):
        gates = 1

    layer = Silent(3, 4, seed=0)
    with pytest.raises(NotImplementedError, match=r"step\(\)"):
        layer(np.zeros((5, 2, 3)))
