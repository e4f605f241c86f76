"""Schedules: the curve is what training would get, step by step."""

import pytest

from seegrad import nn, optim
from seegrad.draw import schedule
from seegrad.errors import ArgumentError, InputTypeError


def sgd():
    """An optimizer whose learning rate is 0.2."""
    return optim.SGD([nn.Parameter(1.0)], lr=0.2)


MAKERS = [
    lambda o: optim.ConstantLR(o, 0.5, 7),
    lambda o: optim.LinearLR(o, 0.1, 1.0, 12),
    lambda o: optim.StepLR(o, 6, gamma=0.5),
    lambda o: optim.ExponentialLR(o, 0.9),
    lambda o: optim.CosineAnnealingLR(o, 20, eta_min=0.01),
    lambda o: optim.SequentialLR(
        o, [optim.LinearLR(o, 0.1, 1.0, 5), optim.StepLR(o, 5)], [5]
    ),
]


@pytest.mark.parametrize("make", MAKERS)
def test_the_curve_is_what_stepping_gives(numbers_in, make):
    """An optimizer that really steps has these learning rates, one after the other."""
    drawn = make(sgd())
    points = numbers_in(schedule(drawn, steps=25).scene, type(drawn).__name__,
                        type(drawn).__name__)  # fmt: skip
    twin = make(sgd())
    for step, (x, rate) in enumerate(points):
        assert step == pytest.approx(x, abs=1e-6)
        assert twin.optimizer.lr == pytest.approx(rate, abs=1e-9)
        twin.step()
    assert 25 == len(points)


def test_drawing_takes_no_step():
    """Neither the schedule nor the optimizer has changed."""
    made = optim.StepLR(sgd(), 2)
    schedule(made)
    assert (0, 0.2) == (made.steps, made.optimizer.lr)


def test_all_panels_have_one_scale(numbers_in):
    """The same learning rate stands equally high in each."""
    scene = schedule([make(sgd()) for make in MAKERS], steps=30).scene
    ends = {
        name: numbers_in(scene, name, name)[0][1]
        for name in ("StepLR", "ExponentialLR")
    }
    assert {"StepLR": 0.2, "ExponentialLR": 0.2} == pytest.approx(ends)
    assert 6 == len(scene.texts("panel"))


def test_two_of_a_kind_are_told_apart():
    """By a number, or by the names of a dict."""
    two = [optim.StepLR(sgd(), 3), optim.StepLR(sgd(), 5)]
    assert ["StepLR", "StepLR 2"] == schedule(two).scene.texts("panel")
    named = schedule({"short": two[0], "long": two[1]}).scene
    assert ["short", "long"] == named.texts("panel")
    assert ["step_size=3, gamma=0.1", "step_size=5, gamma=0.1"] == named.texts(
        "settings"
    )


def test_the_words_tell_the_highest_rate():
    """A warm-up is highest where it ends."""
    alt = schedule(optim.LinearLR(sgd(), 0.5, 1.0, 10), steps=20).alt
    assert "begins at 0.1, is highest at step 10 with 0.2, and ends at 0.2." in alt


@pytest.mark.parametrize(
    ("error", "text", "given"),
    [
        (InputTypeError, "a float is not a schedule", 0.1),
        (InputTypeError, "a str is not a schedule", ["StepLR"]),
        (InputTypeError, "an? SGD is not a schedule", {"mine": sgd()}),
        (ArgumentError, "no schedule to draw", []),
    ],
)
def test_bad_input_is_explained(error, text, given):
    """Typed errors that say what to try."""
    with pytest.raises(error, match=text):
        schedule(given)


def test_one_step_is_no_curve():
    """There must be at least two."""
    with pytest.raises(ArgumentError, match="2 or more"):
        schedule(optim.StepLR(sgd(), 3), steps=1)
