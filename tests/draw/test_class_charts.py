"""Confusion, ROC and calibration: what is drawn is what scikit-learn computes."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import seegrad as sg
from seegrad.draw import calibration, confusion, roc
from seegrad.draw.scene import Circle, Line, Polygon, Rectangle, Text
from seegrad.errors import ArgumentError, DataError, DtypeError, ShapeError

FILE = Path(__file__).parents[1] / "reference" / "metrics.npz"


@pytest.fixture(scope="module")
def known():
    """The stored answers of scikit-learn and what they are about."""
    with np.load(FILE) as stored:
        return dict(stored)


def distance(point, start, end):
    """How far a point is from a straight piece."""
    point, start, end = map(np.array, (point, start, end))
    way = end - start
    share = np.clip((point - start) @ way / (way @ way), 0.0, 1.0)
    return float(np.hypot(*(point - start - share * way)))


def percent(texts):
    """Written percentages as numbers."""
    return [float(text.removesuffix(" %")) for text in texts]


def test_the_counts_are_scikit_learns(known):
    """Row by row, and rates to the percent."""
    picture = confusion(known["given_scores"], known["given_classes"])
    counts = [int(text) for text in picture.scene.texts("count")]
    assert known["confusion"].ravel().tolist() == counts
    for group in ("recall", "precision"):
        drawn = percent(picture.scene.texts(group))
        assert (100 * known[group]).tolist() == pytest.approx(drawn, abs=0.51)


def test_cells_are_as_strong_as_the_root_of_their_share(known):
    """Blue on the diagonal, orange beside it."""
    scene = confusion(known["given_scores"], known["given_classes"]).scene
    table = known["confusion"]
    expected = 0.55 * (table / table.sum(axis=1, keepdims=True)) ** 0.5
    drawn = [(cell.opacity, cell.fill) for cell in scene.of(Rectangle, "cell")]
    places = np.argwhere(table).tolist()  # an empty cell is left as it is
    assert len(places) == len(drawn)
    for (i, j), (opacity, fill) in zip(places, drawn, strict=True):
        assert expected[i, j] == pytest.approx(opacity, abs=1e-4)
        assert fill == ("positive" if i == j else "negative")


def test_rows_are_what_an_example_is_and_columns_what_it_was_taken_for():
    """Two zeros taken for 1: they stand in the first row, second column."""
    scene = confusion([1, 1, 0], [0, 0, 0], classes=["no", "yes"]).scene
    assert ["1", "2", "0", "0"] == scene.texts("count")
    places = [(t.x, t.y) for t in scene.of(Text, "count")]
    assert places[1][0] > places[0][0]
    assert places[2][1] > places[0][1]
    assert ["33 %", "–"] == scene.texts("recall")


@pytest.mark.parametrize(
    "prediction", [[0, 1, 1], [-2.0, 0.5, 3.0], [[-2.0], [0.5], [3.0]],
                   [[1.0, 0.0], [0.0, 1.0], [2.0, 3.0]], sg.tensor([0, 1, 1])]
)  # fmt: skip
def test_classes_logits_and_scores_are_understood(prediction):
    """All of these say 0, 1, 1."""
    scene = confusion(prediction, [0, 1, 0]).scene
    assert ["1", "1", "0", "1"] == scene.texts("count")


def test_a_threshold_of_probabilities_can_be_given():
    """One half, for instance."""
    scene = confusion([0.4, 0.6], [0, 1], threshold=0.5).scene
    assert ["1", "0", "0", "1"] == scene.texts("count")


def test_the_words_name_the_worst_mistakes():
    """The largest counts beside the diagonal."""
    alt = confusion([1, 1, 0, 1], [0, 0, 0, 1], classes=["cat", "dog"]).alt
    assert "Right: 2 of 4 examples (50.0 %)." in alt
    assert "2 of cat taken for dog" in alt


def test_the_roc_curve_is_scikit_learns(known, numbers_in):
    """Every corner, with ties in the scores, and the area."""
    picture = roc(known["given_single"], known["given_two"])
    drawn = numbers_in(picture.scene, "curve")
    corners = list(zip(known["roc_false"], known["roc_true"], strict=True))
    assert all(min(np.hypot(x - p, y - q) for p, q in corners) < 1e-9 for x, y in drawn)
    for corner in corners:
        assert min(distance(corner, *piece) for piece in pairwise(drawn)) < 1e-9
    assert f"area {float(known['roc_area']):.4g}" in " ".join(picture.scene.texts())


def test_every_class_has_a_curve_against_the_others(known):
    """The areas are scikit-learn's, one against all."""
    alt = roc(known["given_scores"], known["given_classes"]).alt
    for k, area in enumerate(known["roc_areas"].tolist()):
        assert f"{k}: area under the curve {area:.4g}" in alt


def test_the_point_stands_at_the_rates_of_the_threshold(known, number_at):
    """Counted here by hand."""
    score, two = known["given_single"], known["given_two"]
    scene = roc({"mine": score}, two, threshold=0.5).scene
    (point,) = scene.of(Circle, "threshold mine")
    found = float((score[two == 1] > 0.5).mean())
    false = float((score[two == 0] > 0.5).mean())
    assert false == pytest.approx(number_at(scene, point.x, "x"))
    assert found == pytest.approx(number_at(scene, point.y, "y"))


def test_the_area_is_painted_under_a_curve_that_is_alone(known):
    """Of several it would be a muddle."""
    two = known["given_two"]
    assert 1 == len(list(roc(known["given_single"], two).scene.of(Polygon)))
    several = {"a": known["given_single"], "b": -known["given_single"]}
    scene = roc(several, two).scene
    assert not list(scene.of(Polygon))
    (a,), (b,) = scene.of(Line, "a"), scene.of(Line, "b")
    assert (a.stroke, a.dash) != (b.stroke, b.dash)


def test_a_perfect_order_has_the_area_one():
    """And a reversed one 0."""
    assert "Area under the curve 1.0;" in roc([1.0, 2.0, 3.0], [0, 0, 1]).alt
    assert "Area under the curve 0.0;" in roc([3.0, 2.0, 1.0], [0, 0, 1]).alt


def test_the_bars_are_scikit_learns_calibration_curve(known, number_at):
    """What came true and what was claimed, read from the heights."""
    scene = calibration(known["given_single"], known["given_two"], bins=8).scene
    true = [number_at(scene, bar.y, "y") for bar in scene.of(Rectangle, "true")]
    claimed = [
        number_at(scene, line.points[0][1], "y") for line in scene.of(Line, "claimed")
    ]
    assert known["calibration_true"].tolist() == pytest.approx(true)
    assert known["calibration_claimed"].tolist() == pytest.approx(claimed)


def test_counts_and_error_are_those_of_the_definition(known, number_at):
    """Summed here over the bins, from what is drawn."""
    picture = calibration(known["given_single"], known["given_two"], bins=8)
    scene = picture.scene
    counts = [
        number_at(scene, bar.y, "y", "count") for bar in scene.of(Rectangle, "count")
    ]
    gaps = abs(known["calibration_true"] - known["calibration_claimed"])
    assert len(known["given_two"]) == pytest.approx(sum(counts))
    error = float(np.dot(counts, gaps) / sum(counts))
    (said,) = scene.texts("error")
    assert error == pytest.approx(float(said.split()[-1]), abs=1e-4)
    assert said.split()[-1] in picture.alt


def test_probabilities_and_their_logits_give_one_picture():
    """As long as it is said which they are."""
    logits, right = np.array([-2.0, 0.1, 1.0, 3.0]), [0, 1, 0, 1]
    chance = 1.0 / (1.0 + np.exp(-logits))
    same = calibration(chance, right, logits=False)
    assert calibration(logits, right).alt == same.alt


def test_of_many_classes_the_confidence_is_drawn():
    """The largest probability, and whether that class was right."""
    chance = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]]
    picture = calibration(chance, [0, 0, 2], logits=False, bins=2)
    assert "0.4 claimed, 1.0 true (1); 0.75 claimed, 0.5 true (2)" in picture.alt
    log = np.log(chance)
    assert picture.alt == calibration(log, [0, 0, 2], bins=2).alt


@pytest.mark.parametrize(
    ("error", "text", "draw", "arguments"),
    [
        (ShapeError, "3 examples need as many labels", confusion, ([0, 1, 1], [0, 1])),
        (DataError, "classes are whole numbers", confusion, ([0, 1], [0.5, 1])),
        (DataError, "not finite", confusion, ([np.nan, 1.0], [0, 1])),
        (DtypeError, "object", confusion, (object(), [0])),
        (ArgumentError, "do not fit on one sheet", confusion, ([50], [0])),
        (DataError, r"has \[1\]", roc, ([0.1, 0.2], [1, 1])),
        (DataError, r"has \[0, 1, 2\]", roc, ([0.1, 0.2, 0.3], [0, 1, 2])),
        (DataError, "the dict is empty", roc, ({}, [0, 1])),
        (ShapeError, "scores of 'a'", roc, ({"a": np.ones((2, 2))}, [0, 1])),
        (DataError, "0 of 2 examples are of class 1", roc, (np.ones((2, 3)), [0, 2])),
        (DataError, "there is a label 7", calibration, (np.ones((2, 3)), [0, 7])),
        (DataError, "has", calibration, ([0.3, 0.2], [0, 2])),
    ],
)
def test_bad_input_is_explained(error, text, draw, arguments):
    """Typed errors with the numbers in them."""
    with pytest.raises(error, match=text):
        draw(*arguments)


def test_names_must_be_enough():
    """Two names cannot stand for three classes."""
    with pytest.raises(
        DataError, match="2 classes have a name, and there is a class 2"
    ):
        confusion([0, 2], [0, 1], classes=["a", "b"])


def test_a_logit_is_no_probability():
    """The hint says which switch to turn."""
    with pytest.raises(DataError, match=r"there is 1\.5") as caught:
        calibration([1.5, 0.2], [0, 1], logits=False)
    assert "logits=True" in str(caught.value)
