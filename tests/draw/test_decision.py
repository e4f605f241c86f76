"""Decision maps: the background is what the model says at that very place."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import data, nn
from seegrad.draw import decision
from seegrad.draw.markers import marker
from seegrad.draw.scene import Image
from seegrad.errors import ArgumentError, DataError, DtypeError, ShapeError

X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=np.float32)
Y = np.array([0, 1, 0, 1])


def right_is_one(x):
    """A logit that grows to the right."""
    return 100.0 * (x[:, 0] - 0.5)


def top_is_two(x):
    """Three scores: class 2 at the top, class 0 at the lower left."""
    return np.stack([-x[:, 0], x[:, 0] - 1.0, 9.0 * x[:, 1] - 4.5], axis=1)


def heat(picture):
    """The background."""
    (image,) = picture.scene.of(Image)
    return image


def test_the_left_is_class_0_and_the_right_class_1():
    """x grows to the right."""
    image = heat(decision(right_is_one, X, Y, resolution=8))
    assert (0, 0, 0, 0, 1, 1, 1, 1) == image.which[0] == image.which[-1]


def test_the_top_row_is_the_largest_y():
    """y grows upwards, as in every book."""
    image = heat(decision(top_is_two, X, Y, resolution=6))
    assert {2} == set(image.which[0])
    assert 2 not in image.which[-1]


def test_colour_is_strong_where_the_model_is_sure():
    """And pale at the border."""
    image = heat(decision(lambda x: 2 * (x[:, 0] - 0.5), X, Y, resolution=9))
    row = image.strength[4]
    assert row[0] == max(row)
    assert 0.0 == pytest.approx(row[4], abs=1e-6)
    assert row[:4] == tuple(sorted(row[:4], reverse=True))


def test_points_stand_on_the_cell_of_their_place():
    """Data and background share their axes."""
    picture = decision(right_is_one, X, Y, resolution=50)
    image = heat(picture)
    points = [m for m in picture.scene.marks if m.title.startswith("(")]
    assert len(X) == len(points)
    for circle, row in zip(
        (p for p in points if p.group == "class 0"), X[Y == 0], strict=True
    ):
        column = int((circle.x - image.x) / image.width * 50)
        line = int((circle.y - image.y) / image.height * 50)
        assert 0 == image.which[line][column], row


def test_classes_differ_in_form_as_well_as_in_colour():
    """Ten markers, ten forms, ten colours."""
    shapes = set()
    for kind in range(10):
        mark = marker(kind, 0.0, 0.0)
        shapes.add(getattr(mark, "points", "circle"))
        assert f"class{kind}" == mark.fill
    assert 10 == len(shapes)


def test_accuracy_is_written_and_told():
    """Counted on the data, not on the grid."""
    picture = decision(right_is_one, X, [0, 1, 1, 1], resolution=4)
    assert ["right: 3 of 4 points (75.0 %)"] == picture.scene.texts("accuracy")
    assert "Right: 3 of 4 points (75.0 %)." in picture.alt
    assert "class 0 50 % of the area, points: 1; class 1" in picture.alt


def test_a_network_is_a_model_like_any_other():
    """It gets float32 if the data is float32, and its graph is not recorded."""
    seen = []

    class Spy(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(2, 1, seed=0)

        def forward(self, x):
            out = self.linear(x)
            seen.append((np.asarray(getattr(x, "data", x)).dtype, out.requires_grad))
            return out

    image = heat(decision(Spy(), X, Y, resolution=5))
    assert 5 == len(image.which)
    assert {(np.dtype("float32"), False)} == set(seen)


@pytest.mark.parametrize("wrap", [list, sg.tensor, np.asarray])
def test_data_may_be_lists_arrays_or_tensors(wrap):
    """All mean the same."""
    expected = decision(right_is_one, X, Y, resolution=4).scene
    assert (
        expected
        == decision(
            right_is_one, wrap(X.tolist()), wrap(Y.tolist()), resolution=4
        ).scene
    )


def test_huge_scores_do_not_overflow():
    """The softmax subtracts the largest."""
    image = heat(decision(lambda x: 1e30 * (x[:, 0] - 0.5), X, Y, resolution=4))
    assert (0.55, 0.55) == (image.strength[0][0], image.strength[0][-1])


@pytest.mark.parametrize(
    ("error", "text", "arguments"),
    [
        (ShapeError, r"x has shape \(4, 3\)", (right_is_one, np.ones((4, 3)), Y)),
        (ShapeError, r"x\[:, :2\]", (right_is_one, np.ones(4), Y)),
        (ShapeError, r"y has shape \(3,\)", (right_is_one, X, Y[:3])),
        (
            ShapeError,
            r"scores of shape \(2, 2, 2\)",
            (lambda x: np.ones((2, 2, 2)), X, Y),
        ),
        (DataError, "label 5, and the model knows 2", (right_is_one, X, [0, 1, 0, 5])),
        (DataError, "classes count from 0", (right_is_one, X, [-1, 1, -1, 1])),
        (DataError, "whole numbers", (right_is_one, X, [0.5, 1, 0, 1])),
        (DataError, "finite", (right_is_one, X * np.nan, Y)),
        (DataError, "not finite", (lambda x: x[:, 0] * np.nan, X, Y)),
        (DataError, "x is empty", (right_is_one, X[:0], Y[:0])),
    ],
)
def test_bad_input_is_explained(error, text, arguments):
    """Typed errors with the numbers in them."""
    with pytest.raises(error, match=text):
        decision(*arguments, resolution=4)


def test_the_shape_error_has_three_lines():
    """What happened, where, what to try."""
    with pytest.raises(ShapeError) as caught:
        decision(right_is_one, np.ones((4, 3)), Y)
    lines = str(caught.value).splitlines()
    assert ["  in   draw.decision", "  try  "] == [lines[1], lines[2][:7]]


def test_a_resolution_of_one_decides_nothing():
    """There would be nothing to see."""
    with pytest.raises(ArgumentError, match="2 or more"):
        decision(right_is_one, X, Y, resolution=1)


def test_dropout_is_off_in_the_picture():
    """What is drawn is what the model predicts; each part keeps its mode."""
    net = nn.Sequential(
        nn.Linear(2, 8, seed=0), nn.Dropout(0.5), nn.Linear(8, 1, seed=1)
    )
    one, other = (decision(net, *data.moons(20, seed=0), resolution=9) for _ in "ab")
    assert one.scene == other.scene
    assert net[1].training


def test_labels_that_are_words_are_explained():
    """With a way to number them."""
    with pytest.raises(DtypeError, match="return_inverse"):
        decision(right_is_one, [[0.0, 1.0]], ["cat"])
