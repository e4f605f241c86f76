"""Hidden space: the warped grid is what the layers make of the straight one."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.draw import hidden_space
from seegrad.draw.scene import Circle, Image, Line
from seegrad.errors import DataError, InputTypeError, ShapeError

X = np.array([[0.0, 0.0], [1.0, 0.2], [0.3, 1.0], [-1.0, -0.5]])
Y = [0, 1, 0, 1]


def mlp(hidden=(5, 2), outputs=1):
    """A small network whose last hidden layer has two units."""
    return nn.MLP(2, [*hidden], outputs, activation="tanh", seed=0, dtype="float64")


class Twice(nn.Sequential):
    """A network that does more than its layers say."""

    def forward(self, x):
        return 2.0 * super().forward(x)


def by_hand(model, points, last):
    """The first layers of an MLP, in NumPy."""
    for k, layer in enumerate(model):
        if k > last:
            break
        if isinstance(layer, nn.Linear):
            points = points @ layer.weight.numpy().T + layer.bias.numpy()
        else:
            points = np.tanh(points)
    return points


def test_points_stand_where_the_layer_puts_them(number_at):
    """Before and after, read against the ticks."""
    model = mlp()
    scene = hidden_space(model, X, [0, 0, 0, 0]).scene
    spots = list(scene.of(Circle, "class 0"))[:8]
    for panel, expected, part in (
        ("the input", X, spots[:4]),
        ("hidden", by_hand(model, X, 3), spots[4:]),
    ):
        read = [
            (number_at(scene, c.x, "x", panel), number_at(scene, c.y, "y", panel))
            for c in part
        ]
        assert np.allclose(expected, read, atol=1e-9)


def test_the_grid_is_warped_by_the_same_layers(numbers_in):
    """The ends of each line, and a corner of the sheet in both."""
    model = mlp()
    scene = hidden_space(model, X, Y, lines=3).scene
    for which in range(6):
        straight = np.array(numbers_in(scene, "the input grid", "the input", which))
        warped = np.array(numbers_in(scene, "hidden grid", "hidden", which))
        assert 2 == len(straight)
        ends = by_hand(model, straight, 3)
        assert np.allclose(ends, warped[[0, -1]], atol=1e-9)


def test_both_ways_of_the_grid_can_be_told_apart():
    """By dashes."""
    scene = hidden_space(mlp(), X, Y, lines=3).scene
    dashes = [bool(line.dash) for line in scene.of(Line, "hidden grid")]
    assert [False] * 3 + [True] * 3 == dashes


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_colours_are_what_the_rest_of_the_network_decides(number_at, outputs):
    """In the hidden space a linear layer of the hidden numbers alone."""
    model = mlp(outputs=outputs)
    scene = hidden_space(model, X, Y).scene
    (image,) = scene.of(Image, "hidden classes")
    count = len(image.which)
    step = image.width / count
    for i, j in ((0, 0), (count - 1, count - 1), (count // 2, 3), (7, count // 2)):
        x = number_at(scene, image.x + (j + 0.5) * step, "x", "hidden")
        y = number_at(scene, image.y + (i + 0.5) * step, "y", "hidden")
        place = np.array([x, y])
        scores = place @ model[4].weight.numpy().T + model[4].bias.numpy()
        scores = np.append(0.0, scores) if outputs == 1 else scores
        assert int(scores.argmax()) == image.which[i][j]


def test_a_layer_can_be_chosen_by_name():
    """The linear layer before its tanh."""
    model = mlp()
    assert "after layer 3, Tanh" in hidden_space(model, X, Y).scene.texts()
    scene = hidden_space(model, X, Y, layer="2").scene
    assert "after layer 2, Linear" in scene.texts()


def test_the_model_is_as_it_was():
    """Dropout is off for the picture, and stays as it was set."""
    model = nn.Sequential(
        nn.Linear(2, 2, seed=0), nn.Dropout(0.5), nn.Linear(2, 1, seed=1)
    )
    before = model.state_dict()
    assert hidden_space(model, X, Y).scene == hidden_space(model, X, Y).scene
    assert model[1].training
    assert all((before[k] == v).all() for k, v in model.state_dict().items())


def test_the_words_count_what_is_right():
    """By the whole network."""
    model = mlp()
    right = (np.asarray(sg.predict(model, X)).reshape(-1) > 0) == np.array(Y)
    assert f"Right: {right.sum()} of 4 points" in hidden_space(model, X, Y).alt


@pytest.mark.parametrize(
    ("error", "text", "call"),
    [
        (ShapeError, "x has shape", lambda: hidden_space(mlp(), np.ones((3, 3)), Y)),
        (ShapeError, "the widths are 0: 5, 1: 5, 2: 1", lambda: hidden_space(
            nn.MLP(2, [5], 1, seed=0), X, Y)),
        (ShapeError, "only a layer of two", lambda: hidden_space(
            mlp(), X, Y, layer="0")),
        (InputTypeError, "of a chain of layers", lambda: hidden_space(
            lambda x: x, X, Y)),
        (DataError, "label 4, and the model knows 2", lambda: hidden_space(
            mlp(), X, [0, 1, 4, 0])),
        (InputTypeError, "something else than its layers", lambda: hidden_space(
            Twice(nn.Linear(2, 2, seed=0), nn.Linear(2, 1, seed=1)), X, Y)),
        (ValueError, "no layer called '9'", lambda: hidden_space(
            mlp(), X, Y, layer="9")),
        (ValueError, "2 or more", lambda: hidden_space(mlp(), X, Y, lines=1)),
    ],
)  # fmt: skip
def test_bad_input_is_explained(error, text, call):
    """Typed errors with the numbers in them."""
    with pytest.raises(error, match=text):
        call()
