"""The picture of a nudge: curve, point and slopes are those that were computed."""

from types import SimpleNamespace

import pytest

import seegrad as sg
from seegrad import nn
from seegrad.draw import nudge
from seegrad.draw.scene import Circle, Line
from seegrad.errors import DataError, InputTypeError

X, Y = sg.data.moons(8, noise=0.1, seed=0)


def nudged(**settings):
    """The loss of a small model as one of its weights moves."""
    model = nn.MLP(2, [3], 1, activation="tanh", seed=0)
    return sg.nudge(
        model, "0.weight[2, 0]", X, Y, loss="bce_with_logits", **settings
    )  # fmt: skip


def made(**changes):
    """A nudge of |p| at 0, where the slope jumps; with other numbers if wanted."""
    moved = (-1.0, -0.5, 0.0, 0.5, 1.0)
    losses = tuple(map(abs, moved))
    numbers = {
        "address": "w[0]", "number": 0.0, "loss": 0.0, "gradient": 1.0,
        "measured": 0.0, "step": 1e-4, "moved": moved, "losses": losses,
        "agrees": False,
    }  # fmt: skip
    return SimpleNamespace(**(numbers | changes))


def test_the_curve_is_the_losses(numbers_in):
    """Point by point."""
    found = nudged(width=2.0)
    curve = numbers_in(found.draw().scene, "loss")
    assert list(found.moved) == pytest.approx([x for x, _ in curve], abs=1e-6)
    assert list(found.losses) == pytest.approx([y for _, y in curve], abs=1e-6)


@pytest.mark.parametrize(
    ("group", "name"), [("tangent", "gradient"), ("measured", "measured")]
)
def test_both_slopes_can_be_measured_in_the_picture(numbers_in, group, name):
    """Rise over run of each stroke; and both go through the point here."""
    found = nudged(width=2.0)
    (x0, y0), (x1, y1) = numbers_in(found.draw().scene, group)
    slope = (y1 - y0) / (x1 - x0)
    assert getattr(found, name) == pytest.approx(slope, rel=1e-3)
    here = y0 + slope * (found.number - x0)
    assert found.loss == pytest.approx(here, rel=1e-5)


def test_the_point_is_where_the_number_is(number_at):
    """At the number and its loss."""
    found = nudged()
    scene = found.draw().scene
    (spot,) = scene.of(Circle, "here")
    assert found.number == pytest.approx(number_at(scene, spot.x, "x"), abs=1e-4)
    assert found.loss == pytest.approx(number_at(scene, spot.y, "y"), abs=1e-4)


def test_strokes_stay_in_the_frame():
    """However steep they are."""
    scene = nudge(made(gradient=1e6, measured=-1e6)).scene
    frame = next(scene.of(Line, "loss")).points
    for group in ("tangent", "measured"):
        (line,) = scene.of(Line, group)
        for x, y in line.points:
            assert min(x for x, _ in frame) - 1 <= x <= max(x for x, _ in frame) + 1
            assert 0.0 < y < scene.height


def test_a_kink_is_told():
    """The slopes differ, in the picture and in words."""
    picture = nudge(made())
    assert any("they differ: a kink" in text for text in picture.scene.texts())
    assert "they differ: a kink" in picture.alt
    assert "its gradient 1.0, measured 0.0" in picture.alt


def test_losses_that_are_not_finite_leave_a_gap():
    """The curve is in two pieces."""
    moved = tuple(float(k) for k in range(-3, 4))
    losses = (3.0, 2.0, float("inf"), 0.0, 1.0, 2.0, 3.0)
    scene = nudge(made(moved=moved, losses=losses)).scene
    assert [2, 4] == [len(line.points) for line in scene.of(Line, "loss")]


def test_bad_input_is_explained():
    """No nudge at all; a loss that is not finite."""
    with pytest.raises(InputTypeError, match="from a nudge, not from float"):
        nudge(1.0)
    with pytest.raises(DataError, match=r"the loss at w\[0\] = 0.0 is nan"):
        nudge(made(loss=float("nan")))
