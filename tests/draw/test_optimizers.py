"""Races: surfaces are their formulas, and tracks what the optimizers really did."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.draw import optimizers
from seegrad.draw.numbers import read
from seegrad.draw.scene import Circle, Line, Polygon
from seegrad.draw.surfaces import SURFACES
from seegrad.errors import (
    ArgumentError,
    DataError,
    GradientError,
    InputTypeError,
)

X = np.random.default_rng(0).normal(size=(20, 2))
Y = (X[:, :1] * X[:, 1:] > 0).astype(np.float64)
KNOWN = {  # the surfaces, written down again
    "beale": lambda x, y: (
        (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2
        + (2.625 - x + x * y**3) ** 2
    ),
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "ravine": lambda x, y: x**2 / 20 + y**2,
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "saddle": lambda x, y: x**2 - y**2 / 2 + y**4 / 4,
}  # fmt: skip


def net():
    """A small network in double precision."""
    return nn.MLP(2, [3], 1, activation="tanh", seed=0, dtype="float64")


def loss_by_hand(state):
    """The mean squared error of `net` with these weights, in NumPy."""
    hidden = np.tanh(X @ state["0.weight"].T + state["0.bias"])
    return float(((hidden @ state["2.weight"].T + state["2.bias"] - Y) ** 2).mean())


@pytest.mark.parametrize("name", sorted(SURFACES))
def test_a_surface_is_its_formula_and_its_minima_are_low(name):
    """At many places; around each minimum it rises."""
    surface = SURFACES[name]
    for x, y in np.random.default_rng(0).uniform(-2.0, 2.0, size=(20, 2)).tolist():
        assert KNOWN[name](x, y) == pytest.approx(surface.function(x, y))
    for x, y in surface.minima:
        lowest = KNOWN[name](x, y)
        assert surface.x_limits[0] < x < surface.x_limits[1]
        assert surface.y_limits[0] < y < surface.y_limits[1]
        for dx, dy in ((0.01, 0.0), (-0.01, 0.0), (0.0, 0.01), (0.0, -0.01)):
            assert lowest < KNOWN[name](x + dx, y + dy)


@pytest.mark.parametrize("name", sorted(SURFACES))
def test_every_contour_of_a_race_lies_at_its_height(name, number_at):
    """Read from the sheet, put into the formula."""
    scene = optimizers(name, steps=2).scene
    lines = [m for m in scene.of(Line) if m.group.startswith("level ")]
    assert len(lines) >= 5
    spread = SURFACES[name].x_limits[1] - SURFACES[name].x_limits[0]
    for line in lines:
        level = read(line.group.removeprefix("level "))
        for px, py in line.points[:: max(1, len(line.points) // 5)]:
            x, y = number_at(scene, px, "x"), number_at(scene, py, "y")
            near = [
                KNOWN[name](x + dx, y + dy)
                for dx in np.linspace(-0.02, 0.02, 9) * spread
                for dy in np.linspace(-0.02, 0.02, 9) * spread
            ]
            assert min(near) <= level * (1 + 1e-9) + 1e-9
            assert level <= max(near)


def test_the_track_of_a_racer_is_what_its_formula_gives(numbers_in):
    """Gradient descent down the ravine, step by step, in plain Python."""
    race = {"plain": lambda p: optim.SGD(p, lr=0.3)}
    scene = optimizers("ravine", race=race, steps=5).scene
    x, y = SURFACES["ravine"].start
    expected = [(x, y)]
    for _ in range(5):
        x, y = x - 0.3 * x / 10, y - 0.3 * 2 * y
        expected.append((x, y))
    drawn = numbers_in(scene, "track plain")
    assert np.allclose(expected[0], drawn[0])
    assert np.allclose(expected[-1], drawn[-1])
    assert ["plain: " + f"{x**2 / 20 + y**2:.4g}"] == scene.texts("label plain")


def test_losses_are_drawn_over_the_steps(numbers_in):
    """On a linear axis, where the surface goes below 0."""
    race = {"a": lambda p: optim.SGD(p, lr=0.1)}
    scene = optimizers("saddle", race=race, steps=8, start=(1.0, 0.5)).scene
    x, y, expected = 1.0, 0.5, []
    for _ in range(9):
        expected.append(KNOWN["saddle"](x, y))
        x, y = x - 0.1 * 2 * x, y - 0.1 * (y**3 - y)
    drawn = dict(numbers_in(scene, "a", "loss"))
    assert expected[0] == pytest.approx(drawn[min(drawn)])
    assert expected[-1] == pytest.approx(drawn[max(drawn)])


def test_every_optimizer_of_the_library_takes_part():
    """A new one runs as soon as it is listed."""
    alt = optimizers("beale", steps=3).alt
    for kind in optim.OPTIMIZERS.values():
        assert f" {kind.__name__} lr 0." in alt


def test_minima_and_start_are_marked(number_at):
    """Crosses, and a ring."""
    scene = optimizers("himmelblau", steps=2).scene
    assert 4 == len(list(scene.of(Polygon, "minimum")))
    (start,) = scene.of(Circle, "start")
    spot = number_at(scene, start.x, "x"), number_at(scene, start.y, "y")
    assert SURFACES["himmelblau"].start == pytest.approx(spot)


def test_who_flies_off_is_out_of_the_race():
    """Far too large a learning rate: the picture says so and stays readable."""
    race = {
        "wild": lambda p: optim.SGD(p, lr=1.0),
        "tame": lambda p: optim.SGD(p, lr=1e-3),
    }
    picture = optimizers("rosenbrock", race=race, steps=50)
    assert ["wild: fell off"] == picture.scene.texts("label wild")
    assert "wild fell off after" in picture.alt
    (end,) = picture.scene.of(Circle, "end wild")
    assert "paper" == end.fill


def test_who_flies_off_does_not_stretch_the_sheet(number_at):
    """On a function of one's own the limits are those of the others."""
    race = {
        "wild": lambda p: optim.SGD(p, lr=3.0),
        "tame": lambda p: optim.SGD(p, lr=0.1),
    }
    scene = optimizers(
        lambda x, y: x * x + y * y, start=(2.0, 1.0), race=race, steps=30
    ).scene
    ticks = [read(t.text) for t in scene.marks if getattr(t, "group", "") == "x tick"]
    assert max(map(abs, ticks)) <= 3.0
    (start,) = scene.of(Circle, "start")
    assert 2.0 == pytest.approx(number_at(scene, start.x, "x"))


def test_a_start_outside_of_the_usual_part_is_on_the_sheet(number_at):
    """The part that is drawn grows until it holds the start."""
    race = {"a": lambda p: optim.SGD(p, lr=0.1)}
    scene = optimizers("ravine", start=(-12.0, 3.0), race=race, steps=3).scene
    (start,) = scene.of(Circle, "start")
    assert -12.0 == pytest.approx(number_at(scene, start.x, "x"))
    (line,) = scene.of(Line, "track a")
    assert (start.x, start.y) == pytest.approx(line.points[0])


def test_a_function_of_ones_own_is_a_surface_too(number_at):
    """Also one that cannot compute with whole grids."""

    def bowl(x, y):
        return sg.sum(sg.stack([x, y]) ** 2.0)

    race = {"a": lambda p: optim.SGD(p, lr=0.25)}
    picture = optimizers(bowl, start=(2.0, -1.0), race=race, steps=4)
    assert ["bowl"] == picture.scene.texts("how to read it")
    assert "a ends at a loss of 0.01953" in picture.alt  # 5 / 4^4


def test_a_race_on_a_model_leaves_it_alone(number_at):
    """Every racer begins at the model's weights, on a copy of its own."""
    model = net()
    before = model.state_dict()
    held = model(X).sum()
    scene = optimizers(model, X, Y, loss="mse", steps=4).scene
    held.backward()  # a graph from before the picture is still whole
    assert all((before[k] == v).all() for k, v in model.state_dict().items())
    (start,) = scene.of(Circle, "start")
    assert 0.0 == pytest.approx(number_at(scene, start.x, "x"), abs=1e-9)


def test_a_race_on_a_model_goes_down_its_loss(number_at, log_number_at, numbers_in):
    """The losses are those of a training by hand; where it ends is on the plane."""
    picture = optimizers(net(), X, Y, loss="mse", steps=4)
    scene, twin = picture.scene, net()
    optimizer = optim.SGD(twin.parameters(), lr=0.1)
    losses, places = [], []
    for _ in range(5):
        losses.append(loss_by_hand(twin.state_dict()))
        places.append(np.concatenate([p.numpy().ravel() for p in twin.parameters()]))
        loss = sg.losses.mse(twin(X), Y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    (line,) = scene.of(Line, "SGD lr 0.1")
    drawn = {
        round(number_at(scene, x, "x", "loss")): log_number_at(scene, y, "loss")
        for x, y in line.points
    }
    assert {0, 4} <= drawn.keys()
    assert {k: losses[k] for k in drawn} == pytest.approx(drawn, rel=1e-3)
    assert [f"SGD lr 0.1: {losses[-1]:.4g}"] == scene.texts("label SGD lr 0.1")
    end = np.array(numbers_in(scene, "track SGD lr 0.1")[-1])
    assert np.linalg.norm(end) <= np.linalg.norm(places[-1] - places[0]) + 1e-9
    assert np.linalg.norm(end) > 0.5 * np.linalg.norm(places[-1] - places[0])


@pytest.mark.parametrize(
    ("error", "text", "call"),
    [
        (ArgumentError, "no surface called 'rosenbork'", lambda: optimizers(
            "rosenbork")),
        (InputTypeError, "this is a int", lambda: optimizers(3)),
        (ArgumentError, "where to start", lambda: optimizers(KNOWN["ravine"])),
        (ArgumentError, "two coordinates, not 3", lambda: optimizers(
            "ravine", start=(1.0, 2.0, 3.0))),
        (InputTypeError, "racers are a dict", lambda: optimizers(
            "ravine", race=["adam"])),
        (ArgumentError, "nobody takes part", lambda: optimizers("ravine", race={})),
        (InputTypeError, "made a int, not an optimizer", lambda: optimizers(
            "ravine", race={"a": lambda p: 3})),
        (ArgumentError, "starts at its weights", lambda: optimizers(
            net(), X, Y, loss="mse", start=(0.0, 0.0))),
        (ArgumentError, "belong to a race on a model", lambda: optimizers(
            "beale", loss="mse")),
        (DataError, "loss at the start is nan", lambda: optimizers(
            lambda x, y: x * y * float("nan"), start=(1.0, 1.0))),
        (ArgumentError, "needs its data and its loss", lambda: optimizers(net())),
        (GradientError, "needs no gradient", lambda: optimizers(
            lambda x, y: 1.0 * sg.zeros(()), start=(0.0, 0.0), steps=1)),
    ],
)  # fmt: skip
def test_bad_input_is_explained(error, text, call):
    """Typed errors with the numbers in them."""
    with pytest.raises(error, match=text):
        call()
