"""Slices of a loss: heights are losses at that very place, and nothing is changed."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.draw import loss_surface
from seegrad.draw.numbers import read, short
from seegrad.draw.scene import Circle, Line
from seegrad.errors import (
    ArgumentError,
    DataError,
    InputTypeError,
    ShapeError,
)

X = np.random.default_rng(0).normal(size=(20, 2))
Y = (X[:, :1] * X[:, 1:] > 0).astype(np.float64)


def net():
    """A small network in double precision."""
    return nn.MLP(2, [3], 1, activation="tanh", seed=0, dtype="float64")


def loss_by_hand(state):
    """The mean squared error of `net` with these weights, in NumPy."""
    hidden = np.tanh(X @ state["0.weight"].T + state["0.bias"])
    return float(((hidden @ state["2.weight"].T + state["2.bias"] - Y) ** 2).mean())


def unit(k, model):
    """A direction that changes one parameter only."""
    direction = np.zeros(sum(p.size for p in model.parameters()))
    direction[k] = 1.0
    return direction


def test_a_slice_along_one_parameter_is_the_loss_of_that_parameter(numbers_in):
    """Computed again in NumPy, number by number."""
    model = net()
    scene = loss_surface(
        model, X, Y, "mse", directions=[unit(1, model)], resolution=9, reach=2.0
    ).scene
    points = numbers_in(scene, "loss")
    assert 9 == len(points)
    for a, loss in points:
        state = model.state_dict()
        state["0.weight"].flat[1] += a
        assert loss_by_hand(state) == pytest.approx(loss, abs=1e-9)


def test_contours_of_a_plane_lie_at_their_loss(number_at):
    """Two parameters at once; the height is that of the loss at that place."""
    model = net()
    scene = loss_surface(
        model, X, Y, "mse", directions=[unit(0, model), unit(9, model)]
    ).scene
    checked = 0
    for line in scene.of(Line):
        if line.group.startswith("level "):
            px, py = line.points[len(line.points) // 2]
            state = model.state_dict()
            state["0.weight"].flat[0] += number_at(scene, px, "x")
            state["2.weight"].flat[0] += number_at(scene, py, "y")
            level = read(line.group.removeprefix("level "))
            assert loss_by_hand(state) == pytest.approx(level, rel=0.01)
            checked += 1
    assert checked >= 5


def test_random_directions_are_as_long_as_the_weights_filter_by_filter():
    """So that one step changes every layer alike (Li et al. 2018)."""
    from seegrad.draw.model_twin import ModelTwin

    twin = ModelTwin(net(), X, Y, "mse", "here")
    draw = np.random.default_rng(0).normal(size=len(twin.start))
    scaled = twin.like_the_weights(draw)
    rows = [slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 9), slice(9, 12)]
    for row in rows:
        assert np.linalg.norm(twin.start[row]) == pytest.approx(
            np.linalg.norm(scaled[row])
        )
        ratio = scaled[row] / draw[row]
        assert np.allclose(ratio, ratio[0])


def test_the_path_of_training_is_projected_onto_its_plane(number_at):
    """A path in two given directions is drawn exactly; it ends at the model."""
    model = net()
    ways = np.array([unit(0, model), unit(3, model)])
    here = np.concatenate([p.numpy().ravel() for p in model.parameters()])
    shares = [(-2.0, 1.0), (-1.0, -0.5), (0.0, 0.0)]
    path = [here + np.array(share) @ ways for share in shares]
    picture = loss_surface(model, X, Y, "mse", directions=ways, path=path, resolution=9)
    (line,) = picture.scene.of(Line, "path")
    drawn = [
        (number_at(picture.scene, x, "x"), number_at(picture.scene, y, "y"))
        for x, y in line.points
    ]
    assert np.allclose(shares, drawn, atol=1e-6)
    assert "3 points, 100 % of it in the slice" in picture.alt


def test_a_path_in_one_dimension_lies_on_the_curve(numbers_in):
    """Each state at its share of the direction, as high as its loss."""
    model = net()
    way, here = unit(1, model), model.state_dict()
    path = [model.state_dict() for _ in range(3)]
    for share, state in zip((-1.0, -0.25, 0.0), path, strict=True):
        state["0.weight"].flat[1] += share
    scene = loss_surface(
        model, X, Y, "mse", directions=[way], path=path, resolution=9
    ).scene
    drawn = numbers_in(scene, "path")
    assert [-1.0, -0.25, 0.0] == pytest.approx([share for share, _ in drawn], abs=1e-6)
    expected = [loss_by_hand(state) for state in path]
    assert expected == pytest.approx([loss for _, loss in drawn], abs=1e-9)
    (spot,) = scene.of(Circle, "here")
    assert f"here: {short(loss_by_hand(here))}" == spot.title


def test_the_path_alone_chooses_the_plane_that_holds_most_of_it():
    """States of a model by name; what lies outside is said."""
    model, path = net(), []
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    for _ in range(12):
        path.append(model.state_dict())
        loss = sg.losses.mse(model(X), Y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    picture = loss_surface(model, X, Y, "mse", path=path, resolution=7)
    here = np.concatenate([p.numpy().ravel() for p in model.parameters()])
    flat = [np.concatenate([v.ravel() for v in state.values()]) for state in path]
    sizes = np.linalg.svd(np.array(flat) - here, compute_uv=False) ** 2
    held = 100 * sizes[:2].sum() / sizes.sum()
    assert f"12 points, {held:.0f} % of it in the slice" in picture.alt


def test_looking_at_the_surface_changes_nothing():
    """Neither weights nor running statistics, and no graph from before is spoilt."""
    model = nn.Sequential(
        nn.Linear(2, 3, seed=0), nn.BatchNorm1d(3), nn.Linear(3, 1, seed=1)
    )
    before, held = model.state_dict(), model(X.astype(np.float32)).sum()
    after = model.state_dict()  # training mode: the statistics have moved
    picture = loss_surface(model, X.astype(np.float32), Y, "mse", resolution=5)
    held.backward()
    assert all((after[k] == v).all() for k, v in model.state_dict().items())
    assert before.keys() == after.keys()
    assert model[1].training
    assert picture.scene == loss_surface(
        model, X.astype(np.float32), Y, "mse", resolution=5
    ).scene  # fmt: skip


@pytest.mark.parametrize(
    ("error", "text", "call"),
    [
        (InputTypeError, "of a Module is drawn", lambda: loss_surface(
            len, X, Y, "mse")),
        (ArgumentError, "no loss called", lambda: loss_surface(net(), X, Y, "mes")),
        (ArgumentError, "1 or 2 dimensions, not 3", lambda: loss_surface(
            net(), X, Y, "mse", dimensions=3)),
        (ArgumentError, "reach must be above 0", lambda: loss_surface(
            net(), X, Y, "mse", reach=0.0)),
        (ArgumentError, "nothing for 0.bias", lambda: loss_surface(
            net(), X, Y, "mse", directions=[{"0.weight": np.ones((3, 2))}])),
        (ShapeError, "has 13 parameters, and 2 numbers", lambda: loss_surface(
            net(), X, Y, "mse", directions=[[1.0, 2.0]])),
        (DataError, "there are 1 along given directions", lambda: loss_surface(
            net(), X, Y, "mse", directions=[np.ones(13), 2 * np.ones(13)])),
        (DataError, "no parameter to move", lambda: loss_surface(
            nn.Tanh(), X, Y, "mse")),
    ],
)  # fmt: skip
def test_bad_input_is_explained(error, text, call):
    """Typed errors with the numbers in them."""
    with pytest.raises(error, match=text):
        call()
