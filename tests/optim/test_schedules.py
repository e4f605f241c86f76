"""Schedules of the learning rate: PyTorch's numbers, and a memory that can be saved."""

import json
from pathlib import Path

import numpy as np
import pytest

from seegrad import nn, optim
from seegrad.errors import ArgumentError, InputTypeError, StateError

FILE = Path(__file__).parents[1] / "reference" / "sequence.npz"
with np.load(FILE) as archive:
    STORED = {
        key.removeprefix("schedules|"): archive[key]
        for key in archive
        if key.startswith("schedules|")
    }


def optimizer(lr=0.3):
    """An optimizer of one parameter."""
    return optim.SGD([nn.Parameter([1.0])], lr=lr)


def made(case, sgd):
    """The schedule of a case."""
    if case.startswith("["):
        name, settings = json.loads(case)
        return getattr(optim, name)(sgd, **settings)
    parts = optim.LinearLR(sgd, 0.1, 1.0, 10), optim.CosineAnnealingLR(sgd, 40)
    return optim.SequentialLR(sgd, parts, [10])


@pytest.mark.parametrize("case", STORED)
def test_50_steps_are_pytorchs(case):
    """Step by step, and asked beforehand."""
    sgd = optimizer()
    schedule, found = made(case, sgd), []
    for _ in STORED[case]:
        found.append(sgd.lr)
        schedule.step()
    np.testing.assert_allclose(found, STORED[case], 1e-12, 1e-15)
    assert found == [schedule.at(step) for step in range(50)]


@pytest.mark.parametrize("case", STORED)
def test_a_saved_schedule_goes_on(case):
    """In another process, with other settings to begin with, from step 23."""
    schedule = made(case, optimizer())
    for _ in range(23):
        schedule.step()
    saved = json.loads(json.dumps([schedule.state_dict(), schedule.optimizer.lr]))
    sgd = optimizer(lr=saved[1])
    resumed = made(case, sgd)
    resumed.load_state_dict(saved[0])
    found = []
    for _ in range(23, 50):
        found.append(sgd.lr)
        resumed.step()
    np.testing.assert_allclose(found, STORED[case][23:], 1e-12, 1e-15)
    assert repr(schedule) == repr(resumed)


def test_an_optimizer_may_change_hands():
    """A later schedule begins at the first learning rate, not where another stopped."""
    sgd = optimizer(lr=0.5)
    optim.LinearLR(sgd, 0.1)
    assert 0.05 == pytest.approx(sgd.lr)
    assert 0.5 == optim.StepLR(sgd, 3).base_lr
    assert 0.5 == sgd.lr


def test_a_schedule_of_ones_own_is_one_function():
    """And its settings are saved with it."""

    class Root(optim.Schedule):
        setting_names = ("scale",)

        def __init__(self, optimizer, scale=1.0):
            self.scale = scale
            super().__init__(optimizer)

        def at(self, step):
            return self.base_lr * self.scale / (step + 1.0) ** 0.5

    sgd = optimizer(lr=1.0)
    schedule = Root(sgd, scale=2.0)
    for _ in range(3):
        schedule.step()
    assert 1.0 == sgd.lr
    assert {"scale": 2.0} == schedule.state_dict()["settings"]
    with pytest.raises(NotImplementedError, match=r"at\(\)"):
        optim.Schedule(sgd)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda s: s.pop("steps"), "it should have schedule, base_lr, steps"),
        (lambda s: s.update(schedule="StepLR"), "it belongs to StepLR"),
        (lambda s: s.update(steps=-1), "steps must be 0 or more"),
        (lambda s: s.update(steps=1.5), "steps must be a whole number"),
        (lambda s: s.update(base_lr="fast"), "base_lr must be a number"),
        (lambda s: s["settings"].update(factor=-1.0), "factor must be 0 or more"),
        (lambda s: s["settings"].update(speed=1), "speed"),
        (lambda s: s.update(settings=3), "int"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, text):
    """The error says what does not fit."""
    sgd = optimizer()
    schedule = optim.ConstantLR(sgd, 0.5, 4)
    schedule.step()
    saved, before = schedule.state_dict(), (schedule.state_dict(), sgd.lr)
    saved["settings"] = dict(saved["settings"])
    change(saved)
    with pytest.raises(StateError, match=text) as caught:
        schedule.load_state_dict(saved)
    assert "ConstantLR" == caught.value.where
    assert before == (schedule.state_dict(), sgd.lr)


def test_a_sequence_is_loaded_whole_or_not_at_all():
    """A part that does not fit is found before any has changed."""
    case = "warm-up and cosine"
    schedule, sgd = made(case, optimizer()), optimizer()
    saved = schedule.state_dict()
    saved["settings"]["schedulers"][1]["settings"]["T_max"] = 0
    other = optim.SequentialLR(
        sgd, [optim.LinearLR(sgd, 0.5), optim.CosineAnnealingLR(sgd, 9)], [3]
    )
    before = other.state_dict()
    with pytest.raises(StateError, match="T_max"):
        other.load_state_dict(saved)
    assert before == other.state_dict()
    saved["settings"]["schedulers"].pop()
    with pytest.raises(StateError, match="shorter"):
        other.load_state_dict(saved)


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda o: optim.StepLR("sgd", 3), InputTypeError, "changes an optimizer"),
        (lambda o: optim.StepLR(o, 0), ArgumentError, "step_size must be 1 or more"),
        (lambda o: optim.StepLR(o, 2, -0.1), ArgumentError, "gamma must be 0 or more"),
        (lambda o: optim.ExponentialLR(o, "x"), InputTypeError, "gamma must be"),
        (lambda o: optim.LinearLR(o, total_iters=0), ArgumentError, "total_iters"),
        (lambda o: optim.ConstantLR(o, -1.0), ArgumentError, "factor must be"),
        (lambda o: optim.CosineAnnealingLR(o, 2.5), InputTypeError, "T_max must be"),
        (lambda o: optim.SequentialLR(o, [], []), ArgumentError, "0 schedules need"),
        (
            lambda o: optim.SequentialLR(o, [optim.StepLR(o, 1)] * 3, [5, 5]),
            ArgumentError,
            "3 schedules need 2 rising milestones",
        ),
        (
            lambda o: optim.SequentialLR(o, [optim.StepLR(optimizer(), 1)], []),
            ArgumentError,
            "schedule 0 belongs to another optimizer",
        ),
    ],
)
def test_an_impossible_schedule_is_refused(make, error, text):
    """At construction, and the optimizer keeps its learning rate."""
    sgd = optimizer()
    with pytest.raises(error, match=text) as caught:
        make(sgd)
    assert caught.value.where
    assert 0.3 == sgd.lr
