"""Embeddings: the points stand where scikit-learn's PCA puts them."""

from pathlib import Path

import numpy as np
import pytest

from seegrad import nn
from seegrad.draw import embedding
from seegrad.draw.lettering import width_of
from seegrad.draw.principal import principal
from seegrad.draw.scene import Circle, Polygon, Text
from seegrad.errors import DataError, ShapeError

FILE = Path(__file__).parents[1] / "reference" / "metrics.npz"


def drawn(scene, number_at):
    """The numbers at which the points of class 0 stand."""
    return [
        (number_at(scene, c.x, "x"), number_at(scene, c.y, "y"))
        for c in scene.of(Circle, "class 0")
    ]


def test_points_stand_at_their_principal_components(number_at):
    """As scikit-learn computes them, signs included, and so are the shares."""
    with np.load(FILE) as stored:
        known = dict(stored)
    scene = embedding(known["given_vectors"]).scene
    assert np.allclose(known["components"], drawn(scene, number_at))
    shares = known["explained"].tolist()
    for k, share in enumerate(shares):
        assert f"component {k + 1} ({100 * share:.1f} %)" in scene.texts()


def test_distances_on_the_sheet_are_distances():
    """Both axes have one scale, also when the points lie in a flat band."""
    for flat in (1.0, 0.02, 0.0):
        points = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, flat], [1.0, 0.5 * flat]])
        spots = [(c.x, c.y) for c in embedding(points).scene.of(Circle, "class 0")]
        long, short = np.hypot(*np.subtract(spots[1], spots[0])), np.hypot(
            *np.subtract(spots[2], spots[1])
        )  # fmt: skip
        assert flat / 4.0 == pytest.approx(short / long, abs=1e-9)


def test_a_table_of_embeddings_is_drawn_by_its_rows():
    """One point for each word, and its name beside it."""
    table = nn.Embedding(5, 4, seed=0)
    words = ["a", "b", "c", "d", "e"]
    scene = embedding(table, words).scene
    assert words == scene.texts("name")
    assert scene == embedding(table.weight.numpy(), words).scene


def test_names_cover_neither_points_nor_each_other():
    """Where there is room: eight points on a ring."""
    turn = np.arange(8) * np.pi / 4
    points = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    scene = embedding(points, [f"direction {i}" for i in range(8)]).scene
    boxes = [
        (t.x, t.y - 8.0, t.x + width_of(t.text, t.size), t.y + 2.0)
        for t in scene.of(Text, "name")
    ]
    for i, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:i]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or (
                other[3] <= top
            )  # fmt: skip
        for c in scene.of(Circle, "class 0"):
            assert not (left < c.x < right and top < c.y < bottom)


def test_classes_have_markers_of_their_own():
    """And a legend."""
    points = np.random.default_rng(0).normal(size=(6, 3))
    scene = embedding(points, classes=[0, 1, 2, 0, 1, 2]).scene
    assert 2 + 1 == len(list(scene.of(Circle, "class 0")))
    assert 2 + 1 == len(list(scene.of(Polygon, "class 1")))
    assert {"class 0", "class 1", "class 2"} <= set(scene.texts())


def test_the_words_name_the_nearest_pair():
    """In all dimensions, not on the plane."""
    points = [[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 8.0, 0.0]]
    alt = embedding(points, ["sun", "moon", "cat", "dog"]).alt
    assert "Closest together, in all dimensions: cat and dog, 1.0 apart." in alt


def test_principal_directions_are_those_of_the_covariance():
    """Unit vectors; their shares are its eigenvalues."""
    points = np.random.default_rng(1).normal(size=(40, 5)) * [3, 1, 2, 0.5, 0.1]
    centred = points - points.mean(axis=0)
    values = np.linalg.eigvalsh(centred.T @ centred)[::-1]
    directions, shares = principal(points, points.mean(axis=0))
    assert np.allclose(np.eye(2), directions @ directions.T)
    assert (values[:2] / values.sum()).tolist() == pytest.approx(shares.tolist())


@pytest.mark.parametrize(
    ("error", "text", "arguments"),
    [
        (ShapeError, r"shape \(3, 1\) have no plane", (np.ones((3, 1)),)),
        (ShapeError, r"shape \(3,\)", (np.ones(3),)),
        (DataError, "without a difference", (np.ones((3, 2)),)),
        (DataError, "without a difference", (np.ones((1, 2)),)),
        (DataError, "1 names for 2", (np.eye(2), ["a"])),
        (DataError, "not finite", ([[np.nan, 1.0], [0.0, 1.0]],)),
    ],
)
def test_bad_input_is_explained(error, text, arguments):
    """Typed errors with the numbers in them."""
    with pytest.raises(error, match=text):
        embedding(*arguments)
