"""The paths of a gradient: products of slopes from a number back to the loss."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim


def step_of():
    """A tape of a small network."""
    x, y = sg.data.moons(8, seed=0)
    model = nn.MLP(2, [4, 3], 1, activation="tanh", seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    return sg.record(model, x, y, loss="bce_with_logits", optimizer=optimizer)


def test_going_backward_twice_counts_twice():
    """The gradient is the sum of both walks, and so are its parts."""
    p = nn.Parameter([1.0, 2.0])
    with sg.recording() as tape:
        loss = (p * p).sum()
        loss.backward()
        loss.backward()
    receipt = tape.why(f"{tape.parameters[0]}[1]")
    assert receipt.proved, str(receipt)
    assert 8.0 == receipt.gradient


def test_a_path_is_a_product_of_slopes():
    """w to the loss of one number: each link's slope, multiplied."""
    w = sg.Value(2.0, name="w", requires_grad=True)
    with sg.recording() as tape:
        ((w * 3.0).tanh() + w * w).backward()
    receipt = tape.why("w")
    assert receipt.proved
    assert 2 == len(receipt.paths)  # w * w is one of them, with the slope 2 w
    for path in receipt.paths:
        slopes = [link.slope for link in path.links]
        assert path.contribution == pytest.approx(np.prod(slopes) * path.gradient)
    assert receipt.gradient == pytest.approx(w.grad)
    assert 4.0 == receipt.paths[0].contribution


def test_a_path_goes_back_to_the_loss():
    """Every op of the loss is on the way, and the gradient there is 1."""
    tape = step_of()
    loss = tape.at(0, "loss", "div")
    for address in ("0.weight[2, 0]", "2.bias[1]", "1.tanh[0, 2]"):
        receipt = tape.why(address)
        assert receipt.proved
        for path in receipt.paths:
            assert loss.id == path.links[-1].event
            assert 1.0 == path.gradient
            slopes = [link.slope for link in path.links]
            assert path.contribution == pytest.approx(np.prod(slopes))
    assert any("loss.softplus" in str(path) for path in receipt.paths)


def test_a_wide_network_has_whole_paths_too():
    """Of very many small parts, some are followed to the end, the others added up."""
    x, y = sg.data.moons(32, seed=0)
    model = nn.MLP(2, [48, 48], 1, activation="tanh", seed=0)
    tape = sg.record(model, x, y, loss="bce_with_logits")
    receipt = tape.why("0.weight[5, 0]")
    assert receipt.proved, str(receipt)
    assert 12 == len(receipt.paths)
    assert receipt.others_count > 500
    assert all(1.0 == path.gradient for path in receipt.paths)
    text = str(receipt)
    shown = [path for path in receipt.paths if str(path) in text]
    assert receipt.paths[:8] == shown
    rest = sum(path.contribution for path in receipt.paths[8:]) + receipt.others
    assert f"{rest:+.4g} by {receipt.others_count + 4} other ways" in text


def test_two_losses_of_a_step_are_walked_each_to_its_own_end():
    """One of them is read by the other, and both go backward."""
    w = sg.Value(2.0, name="w", requires_grad=True)
    with sg.recording() as tape:
        first = w * 3.0
        second = first * first
        first.backward()
        second.backward()
    receipt = tape.why("w")
    assert receipt.proved, str(receipt)
    assert 3.0 + 36.0 == receipt.gradient
    assert [36.0, 3.0] == [path.contribution for path in receipt.paths]


def test_a_gradient_to_start_with_is_a_factor():
    """backward(gradient) of several numbers: each path ends with its own."""
    w = nn.Parameter([1.0, 2.0])
    with sg.recording() as tape:
        (w * w).backward([10.0, 100.0])
    receipt = tape.why(f"{tape.parameters[0]}[1]")
    assert receipt.proved
    assert [100.0] == [path.gradient for path in receipt.paths]
    assert "to start with" in str(receipt)
