"""Where recording ends: errors, interruptions, refusals, and more than a tape holds."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim, random
from seegrad.errors import ArgumentError, InputTypeError
from seegrad.record import store


def test_a_failed_step_leaves_what_was_done():
    """The tape ends where the error came, and says which it was."""
    with pytest.raises(ZeroDivisionError), sg.recording() as tape:  # noqa: PT012
        sg.Value(2.0) * 3.0
        1 / 0
    assert ["mul"] == [event.op for event in tape]
    assert "ZeroDivisionError: division by zero" == tape.problem
    assert "ended early" in repr(tape)


def test_an_interrupted_step_leaves_what_was_done():
    """Ctrl-C as well."""
    with pytest.raises(KeyboardInterrupt), sg.recording() as tape:  # noqa: PT012
        sg.Value(2.0) * 3.0
        raise KeyboardInterrupt
    assert ["mul"] == [event.op for event in tape]
    assert "KeyboardInterrupt" == tape.problem


def test_record_raises_with_the_tape_so_far():
    """A layer that does not fit: the error carries what happened before it."""
    model = nn.Sequential(nn.Linear(2, 3, seed=0), nn.Linear(4, 1, seed=0))
    with pytest.raises(sg.errors.ShapeError) as caught:
        sg.record(model, np.ones((1, 2), np.float32))
    assert "add" == caught.value.tape[-1].op
    assert caught.value.tape.problem.startswith("ShapeError")


@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"y": [[1.0]]}, ArgumentError, "loss is missing"),
        ({"loss": "mse"}, ArgumentError, "y is missing"),
        ({"optimizer": object()}, ArgumentError, "no loss to get them from"),
    ],
)
def test_half_a_question_is_refused(settings, error, text):
    """A target without a loss, a loss without a target, an update without either."""
    with pytest.raises(error, match=text):
        sg.record(nn.Linear(1, 1, seed=0), [[1.0]], **settings)


def test_a_step_that_is_no_step_is_refused():
    """Fewer than one of them."""
    with pytest.raises(ArgumentError, match="steps"):
        sg.record(nn.Linear(1, 1, seed=0), [[1.0]], steps=0)


def test_an_optimizer_that_refuses_nodes_draws_its_numbers_once():
    """Its formula runs as it is, from the same random numbers, and is one operation."""

    class Noisy(optim.Optimizer):
        def start(self, p):
            return {}

        def update(self, p, g, state, lr):
            noise = random.normal(random.next_key(), p.shape)
            length = np.linalg.norm(p)  # takes arrays only
            return p - lr * (g + noise / length), state

    found = []
    for record in (False, True):
        sg.manual_seed(0)
        p = nn.Parameter([[1.0, 2.0]])
        optimizer = Noisy([p], lr=0.1)

        def step(p=p, optimizer=optimizer):
            (p * p).sum().backward()
            optimizer.step()

        if record:
            with sg.recording() as tape:
                step()
        else:
            step()
        found.append((p.data.tobytes(), random.state()))
    assert found[0] == found[1]
    whole, assigned = tape.events(phase="update")
    assert ("Noisy", "assign") == (whole.op, assigned.kind)
    np.testing.assert_array_equal(assigned.value, whole.value)
    assert "p - lr * (g + noise / length)" in whole.formula
    assert "Noisy.update" in str(whole.source)
    receipt = tape.why(f"{tape.parameters[0]}[0, 1]")
    assert receipt.proved, str(receipt)
    assert "Noisy(2, 4, 0.1)" == receipt.lines[-1].arithmetic
    assert whole.formula == receipt.lines[-1].code


def test_only_modules_are_recorded_by_record():
    """Anything else is told about recording()."""
    with pytest.raises(InputTypeError, match="not of function"):
        sg.record(lambda x: x, [[1.0]])


def test_a_long_run_stays_within_its_bytes():
    """Whole steps are thinned out, the first and the latest stay whole."""
    x, y = sg.data.moons(512, seed=0)
    model = nn.MLP(2, [16], 1, seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    with sg.recording(most_bytes=5_000_000) as tape:
        for _ in range(40):
            loss = sg.losses.bce_with_logits(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert 40 == len(tape.steps)
    assert sum(step.nbytes for step in tape.steps) <= 5_000_000
    assert (True, True) == (tape.steps[0].is_whole, tape.steps[-1].is_whole)
    assert not all(step.is_whole for step in tape.steps)
    assert 40 == len(tape.losses)


def test_more_steps_than_a_tape_holds_are_dropped_evenly(monkeypatch):
    """Every second of them, never the first or the latest."""
    monkeypatch.setattr(store, "STEPS", 8)
    w = sg.Value(2.0, name="w", requires_grad=True)
    with sg.recording() as tape:
        for _ in range(20):
            (w * w).backward()
            w.data = w.data * 0.9
    numbers = [step.number for step in tape.steps]
    assert len(numbers) <= 8
    assert (0, 19) == (numbers[0], numbers[-1])
    assert list(range(len(tape))) == [event.id for event in tape]
    assert tape[len(tape) - 1].value == w.data
