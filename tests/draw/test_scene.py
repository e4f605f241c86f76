"""Scenes: plain data that survives a trip through JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad.draw.scene import (
    KINDS,
    Circle,
    Curve,
    Image,
    Line,
    Polygon,
    Rectangle,
    Scene,
    Text,
    along,
)
from seegrad.errors import ArgumentError

numbers = st.floats(-1e4, 1e4, allow_nan=False)
points = st.lists(st.tuples(numbers, numbers), min_size=2, max_size=5).map(tuple)

ONE_OF_EACH = (
    Rectangle(1.0, 2.0, 3.0, 4.0, radius=1.0, fill="card", stroke="neutral"),
    Circle(1.0, 2.0, 3.0, fill="positive", title="a <tooltip>"),
    Line(((0.0, 0.0), (1.0, 1.0)), stroke="negative", dash=(5.0, 3.0)),
    Curve(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (2.0, 1.0)), stroke="neutral"),
    Polygon(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), fill="changed", group="edge 3"),
    Text(1.0, 2.0, "a < b & c", bold=True, fill="ink", anchor="end", turned=True),
    Image(0.0, 0.0, 9.0, 9.0, ("class0", "class1"), ((0, 1),), ((0.5, 0.25),)),
)


def test_every_kind_of_mark_survives_json():
    """What is written is read back as an equal scene."""
    scene = Scene(10.0, 20.0, ONE_OF_EACH, "title")
    assert scene == Scene.from_json(scene.to_json())
    assert {type(mark) for mark in ONE_OF_EACH} == set(KINDS.values())


@given(points, numbers, st.text(max_size=20))
def test_any_numbers_and_words_survive_json(corners, number, words):
    """No number is rounded and no letter lost."""
    marks = (Line(corners, thickness=number), Text(number, number, words))
    scene = Scene(1.0, 1.0, marks)
    assert scene == Scene.from_json(scene.to_json())


def test_json_says_what_it_is():
    """A file names its format and version, so that later ones can read it."""
    sheet = json.loads(Scene(1.0, 2.0, ()).to_json())
    assert ("seegrad-scene", 1) == (sheet["format"], sheet["version"])


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "x", "version": 1}'])
def test_other_files_are_refused(text):
    """A text that is no scene gets an error that says what would be one."""
    with pytest.raises(ArgumentError, match="not a scene of version 1"):
        Scene.from_json(text)


def test_a_scene_is_searched_by_kind_and_group():
    """Tests and tools read the numbers out of a drawing."""
    marks = (Text(0.0, 0.0, "2.0", group="a"), Text(0.0, 0.0, "3.0", group="b"))
    scene = Scene(1.0, 1.0, marks)
    assert ["2.0", "3.0"] == scene.texts()
    assert ["3.0"] == scene.texts("b")
    assert [] == list(scene.of(Circle))


def test_marks_cannot_be_changed():
    """A painted picture and its scene agree because neither can change."""
    with pytest.raises(AttributeError):
        ONE_OF_EACH[0].x = 5.0


def test_a_curve_is_followed_from_start_to_end():
    """`along` meets both ends, and the middle of a symmetric curve."""
    curve = ((0.0, 0.0), (1.0, 0.0), (1.0, 2.0), (2.0, 2.0))
    assert (0.0, 0.0) == along(curve, 0.0)
    assert (1.0, 1.0) == along(curve, 0.5)
    assert (2.0, 2.0) == along(curve, 1.0)
