"""The demo of micrograd, with nothing changed but the import.

The expected numbers were printed by micrograd 0.1 itself, running these very lines on
these very points (`bench/value_against_micrograd.py` still compares the two).
"""

import random

import pytest

from seegrad import data
from seegrad.micrograd.engine import Value
from seegrad.micrograd.nn import MLP, Layer, Neuron

MICROGRADS_LOSSES = [
    0.9021794194173395,
    1.7075067914328401,
    0.7375429722489544,
    0.7502843573456669,
]
MICROGRADS_ACCURACIES = [0.5, 0.78, 0.78, 0.83]


def test_the_demo_trains_as_micrograd_does():
    """Same seed, same network, same losses and accuracies, step by step."""
    X, y = data.moons(100, noise=0.1, seed=0)
    X, y = X.astype(float), y * 2 - 1
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    losses, accuracies = [], []
    for k in range(4):
        inputs = [list(map(Value, xrow)) for xrow in X]
        scores = list(map(model, inputs))
        hinge = [
            (1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)
        ]
        data_loss = sum(hinge) * (1.0 / len(hinge))
        reg_loss = 1e-4 * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        right = [(yi > 0) == (s.data > 0) for yi, s in zip(y, scores, strict=True)]
        model.zero_grad()
        total_loss.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / 100) * p.grad
        losses.append(total_loss.data)
        accuracies.append(sum(right) / len(right))
    assert MICROGRADS_LOSSES == pytest.approx(losses, rel=1e-10)
    assert MICROGRADS_ACCURACIES == accuracies
    assert model.parameters()[-1].data == pytest.approx(-0.02513959128160065, rel=1e-9)


def test_a_network_describes_itself_as_in_micrograd():
    """The demo prints the model and counts its parameters."""
    model = MLP(2, [2, 1])
    expected = "MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], "
    assert expected + "Layer of [LinearNeuron(2)]]" == str(model)
    assert 9 == len(model.parameters())


def test_neurons_and_layers_take_micrograds_arguments():
    """nonlin=False leaves the relu out; a layer of one neuron gives its number."""
    assert "LinearNeuron(3)" == str(Neuron(3, nonlin=False))
    assert isinstance(Layer(3, 1)([1.0, 2.0, 3.0]), Value)
    assert 2 == len(Layer(3, 2)([1.0, 2.0, 3.0]))


def test_setting_the_gradient_to_zero_by_hand_works():
    """Programs that write p.grad = 0 accumulate from there."""
    p = Value(3.0)
    p.grad = 0
    (p * p).backward()
    assert 6.0 == p.grad
