"""A nudge measures the slope that backpropagation computes."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import ArgumentError, IndexRangeError


def network(activation="tanh"):
    """A small network and data."""
    x, y = sg.data.moons(16, seed=0)
    return nn.MLP(2, [4], 1, activation=activation, seed=0), x, y


@pytest.mark.parametrize("address", ["0.weight[2, 0]", "0.bias[1]", "2.weight[0, -1]"])
def test_the_two_slopes_agree(address):
    """By backpropagation and by moving the number."""
    model, x, y = network()
    found = sg.nudge(model, address, x, y, loss="bce_with_logits")
    assert found.agrees
    assert found.gradient == pytest.approx(found.measured, rel=1e-4)
    assert "✓" in str(found)


def test_the_gradient_is_that_of_the_model():
    """The same as backward() gives, in double precision."""
    model, x, y = network()
    found = sg.nudge(model, "0.weight[2, 0]", x, y, loss="bce_with_logits")
    sg.losses.bce_with_logits(model(x), y).backward()
    grad = float(model.layers[0].weight.grad[2, 0])
    assert grad == pytest.approx(found.gradient, rel=1e-5)


def test_the_curve_goes_through_the_loss():
    """In its middle, with the tangent touching it."""
    model, x, y = network()
    found = sg.nudge(model, "2.bias[0]", x, y, loss="bce_with_logits", width=0.5)
    middle = len(found.moved) // 2
    assert found.number == pytest.approx(found.moved[middle])
    assert found.loss == pytest.approx(found.losses[middle])
    assert found.loss == found.tangent(found.number)
    beside = found.moved[middle + 1]
    assert found.losses[middle + 1] == pytest.approx(found.tangent(beside), abs=1e-3)


def test_a_kink_is_noticed():
    """At the corner of |x| the two slopes differ."""

    class Corner(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter([0.0])

        def forward(self, x):
            return (self.weight * x).relu()

    found = sg.nudge(
        Corner(), "weight[0]", np.array([[1.0]]), np.array([[1.0]]), loss="l1"
    )
    assert not found.agrees
    assert "✗" in str(found)


def test_the_model_is_left_alone():
    """The very same arrays, gradients and modes."""
    model, x, y = network()
    sg.losses.bce_with_logits(model(x), y).backward()
    before = [(p.data, p.grad, p.born) for p in model.parameters()]
    sg.nudge(model, "0.weight[2, 0]", x, y, loss="bce_with_logits")
    for p, (data, grad, born) in zip(model.parameters(), before, strict=True):
        assert (p.data is data, p.grad is grad, p.born) == (True, True, born)
    assert model.training


@pytest.mark.parametrize(
    ("address", "settings", "error", "text"),
    [
        ("0.wieght[0, 0]", {}, ArgumentError, "0.weight"),
        ("0.weight[9, 0]", {}, IndexRangeError, "outside"),
        ("0.weight[0, 0]", {"step": 0.0}, ArgumentError, "above 0"),
        ("0.weight[0, 0]", {"width": -1.0}, ArgumentError, "above 0"),
    ],
)
def test_a_nudge_that_makes_no_sense_is_refused(address, settings, error, text):
    """The name, the place, or the size of it."""
    model, x, y = network()
    with pytest.raises(error, match=text):
        sg.nudge(model, address, x, y, loss="bce_with_logits", **settings)
