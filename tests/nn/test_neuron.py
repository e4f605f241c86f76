"""The network of single numbers, and that it begins and computes as micrograd's."""

import random

import pytest

from seegrad import Value, nn
from seegrad.errors import ArgumentError, InputTypeError, ShapeError


def test_it_begins_with_micrograds_numbers():
    """Uniform between -1 and 1, neuron by neuron; biases are 0."""
    random.seed(1337)
    model = nn.ScalarMLP(2, [2, 1])
    random.seed(1337)
    expected = []
    for inputs, neurons in ((2, 2), (2, 1)):
        for _ in range(neurons):
            expected += [random.uniform(-1, 1) for _ in range(inputs)] + [0.0]
    assert expected == [p.data for p in model.parameters()]


def test_it_computes_a_perceptron():
    """relu(w . x + b) in the hidden layer, w . x + b in the last."""
    model = nn.ScalarMLP(2, [2, 1])
    for i, p in enumerate(model.parameters()):
        p.data = 0.1 * (i + 1)
    x = [1.0, -2.0]
    hidden = [max(0.0, 0.1 - 0.4 + 0.3), max(0.0, 0.4 - 1.0 + 0.6)]
    out = model(x)
    assert hidden[0] * 0.7 + hidden[1] * 0.8 + 0.9 == pytest.approx(out.data)
    out.backward()
    assert 1.0 == model.parameters()[-1].grad


def test_it_learns_and_forgets():
    """The loop of micrograd's README: forward, zero_grad, backward, step."""
    random.seed(0)
    model = nn.ScalarMLP(3, [4, 4, 1])
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    losses = []
    for _ in range(30):
        loss = sum((model(x) - y) ** 2 for x, y in zip(xs, ys, strict=True))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data += -0.02 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.5 * losses[0]
    model.zero_grad()
    assert {None} == {p.grad for p in model.parameters()}


def test_layers_of_one_neuron_give_one_number_and_can_be_chained():
    """A list of numbers in between, even of one."""
    assert isinstance(nn.Layer(2, 1)([1.0, 2.0]), Value)
    assert isinstance(nn.ScalarMLP(2, [1, 3, 1])([1.0, Value(2.0)]), Value)


def test_the_repr_is_micrograds():
    """Every neuron with its kind and its number of inputs."""
    text = "MLP of [Layer of [ReLUNeuron(2)], Layer of [LinearNeuron(1)]]"
    assert text == repr(nn.ScalarMLP(2, [1, 1]))


def test_what_does_not_fit_is_refused():
    """A wrong number of inputs, impossible sizes."""
    with pytest.raises(ShapeError, match="2 weights cannot be paired with 3") as caught:
        nn.Neuron(2)([1.0, 2.0, 3.0])
    assert "ReLUNeuron(2)" == caught.value.where
    with pytest.raises(ArgumentError, match="nin must be 1 or more"):
        nn.Neuron(0)
    with pytest.raises(InputTypeError, match="nout must be a whole number"):
        nn.Layer(2, 2.5)
