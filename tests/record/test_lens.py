"""The lens shows the lines that ran, with their values."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import ArgumentError
from seegrad.op import elementwise
from seegrad.record.numbers import brief


@pytest.fixture(scope="module")
def tape():
    """A forward and backward of a small network."""
    x, y = sg.data.moons(8, seed=0)
    return sg.record(
        nn.MLP(2, [4], 1, activation="tanh", seed=0), x, y, loss="bce_with_logits"
    )


def test_the_line_that_ran_is_marked(tape):
    """The addition of the bias, in Linear.forward."""
    seen = tape.source(tape.at(0, "forward", "add"))
    (line,) = [line for line in seen.lines if line.ran]
    assert "out + self.bias" in line.text
    assert "Linear.forward" == seen.place.function
    assert "x + y" == seen.formula


def test_values_stand_beside_the_lines_that_made_them(tape):
    """The product stands beside the line before."""
    seen = tape.source(tape.at(0, "forward", "add"))
    (line,) = [line for line in seen.lines if "self.weight.T" in line.text]
    product = tape.at(0, "forward", "matmul").value
    assert f"0.matmul = float32 (8, 4) from {product.min():.4g}" in "".join(line.values)


def test_a_backward_event_shows_its_rule(tape):
    """The line of calculus beside the forward."""
    seen = str(tape.source(tape.at(0, "backward", "tanh")))
    assert "dx = g * (1.0 - out * out)" in seen
    assert "▶" in seen
    assert "return xp.tanh(x)" in seen


def test_the_users_own_line_is_named(tape):
    """Where it was called from."""
    seen = tape.source(0)
    assert __file__.rsplit("/", 1)[1] == str(seen.caller).split(":")[0]


def test_every_event_has_a_source(tape):
    """No event of forward, loss or backward walk is without its lines."""
    for event in tape:
        if event.kind in ("operation", "backward"):
            seen = tape.source(event)
            assert any(line.ran for line in (*seen.lines, *seen.definition)), str(event)


def test_an_op_of_the_users_own_is_seen(own_ops):
    """Its forward and its rule are read from the user's file."""

    @elementwise(at=(0.5,))
    def cube_for_lens(xp, x, /):
        """x * x * x"""
        return x * x * x

    cube_for_lens.derivatives(x=lambda g, out, x: g * 3.0 * x * x)
    x = sg.Value(2.0, requires_grad=True)
    with sg.recording() as tape:
        cube_for_lens(x).backward()
    assert "return x * x * x" in str(tape.source(tape.at(0, "forward")))
    assert "dx = g * 3.0 * x * x" == tape.at(0, "backward").formula


def test_a_number_shows_what_made_it():
    """Without any tape: op, formula, what was put in, and the source."""
    x = sg.tensor(np.array([1.0, 2.0]), requires_grad=True)
    seen = sg.lens(x * 3.0)
    assert seen.startswith("mul: x * y\n  x = [1, 2]\n  y = 3\n  out = [3, 6]")
    assert "return x * y" in seen


@pytest.mark.parametrize("thing", [sg.Value(1.0), 3.0])
def test_what_was_not_computed_has_no_lines(thing):
    """A leaf, or a plain number."""
    with pytest.raises(ArgumentError, match="what made a number"):
        sg.lens(thing)


def test_a_line_that_runs_many_times_shows_the_visit_of_the_event():
    """Each moment of a sequence, each parameter of an update has its own values."""
    model = nn.LSTM(3, 2, seed=0)
    x = np.random.default_rng(0).normal(size=(6, 2, 3)).astype(np.float32)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    with sg.recording(model) as tape:
        model(x)[0].sum().backward()
        optimizer.step()
    moments = tape.events(phase="forward", op="tanh")
    for moment in (moments[0], moments[5], moments[-1]):
        seen = tape.source(moment)
        (line,) = [line for line in seen.lines if line.ran]
        assert any(value.startswith(f"{moment.output} =") for value in line.values)
        others = [m for m in moments if m.output != moment.output]
        told = "".join(value for line in seen.lines for value in line.values)
        assert sum(f"{other.output} =" in told for other in others) <= 1
    event = tape.events(phase="update", op="sub")[1]
    told = [value for line in tape.source(event).lines for value in line.values]
    assert all(value.startswith(f"{event.parameter}.") for value in told)


def test_the_way_back_shows_what_arrived_and_what_was_sent_on(tape):
    """Not the value of the forward."""
    event = tape.at(0, "backward", "tanh")
    seen = str(tape.source(event))
    assert f"arriving {brief(event.gradient)}" in seen
    assert f"sent on to 0.add {brief(event.shares[0])}" in seen
    assert "called from" not in seen
