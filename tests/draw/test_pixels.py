"""The matplotlib painter: the same picture in dots, and no global setting touched."""

import builtins
import io
import os
import sys
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread

from seegrad.draw.palette import rgb
from seegrad.draw.pixels import paint_pdf, paint_png
from seegrad.draw.scene import (
    Circle,
    Curve,
    Image,
    Line,
    Polygon,
    Rectangle,
    Scene,
    Text,
)
from seegrad.errors import MissingExtraError

HEAT = Image(
    5.0, 5.0, 30.0, 30.0, ("class0", "class1"), ((0,) * 2, (1,) * 2), ((1.0,) * 2,) * 2
)
SCENE = Scene(
    80.0,
    40.0,
    (
        Rectangle(50.0, 0.0, 30.0, 10.0, fill="positive"),
        Rectangle(50.0, 30.0, 30.0, 10.0, radius=3.0, fill="negative", stroke="ink"),
        Circle(65.0, 20.0, 5.0, fill="changed"),
        Line(((0.0, 2.0), (40.0, 2.0)), stroke="ink", thickness=2.0),
        Line(((0.0, 38.0), (40.0, 38.0)), stroke="ink", dash=(4.0, 2.0)),
        Curve(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (2.0, 1.0)), stroke="neutral"),
        Polygon(((42.0, 0.0), (48.0, 0.0), (45.0, 5.0)), fill="changed", opacity=0.5),
        Text(1.0, 2.0, "$5 < $6", bold=True, fill="ink", turned=True),
        HEAT,
    ),
    "a title",
)


def dots(scene, theme="light"):
    """The picture as an array of 0 to 255, two dots per point."""
    array = imread(io.BytesIO(paint_png(scene, theme)), format="png")
    return np.round(array[..., :3] * 255).astype(int)


def at(picture, x, y):
    """The colour at a place of the scene."""
    return tuple(picture[round(2 * y), round(2 * x)].tolist())


def test_two_dots_per_point():
    """Sharp on screens of high resolution."""
    assert (80, 160, 3) == dots(SCENE).shape


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shapes_stand_where_the_scene_says(theme):
    """x to the right, y downwards, in the colours of the theme."""
    picture = dots(SCENE, theme)
    assert rgb("positive", theme) == at(picture, 65, 5)
    assert rgb("negative", theme) == at(picture, 65, 35)
    assert rgb("changed", theme) == at(picture, 65, 20)
    assert rgb("paper", theme) == at(picture, 45, 20)


def test_the_first_row_of_a_heat_map_is_at_the_top():
    """As in the SVG: class 0 above class 1."""
    picture = dots(SCENE)
    assert rgb("class0", "light") == at(picture, 20, 8)
    assert rgb("class1", "light") == at(picture, 20, 32)


def test_painting_twice_gives_the_same_bytes():
    """No date and no random identifier in the file."""
    assert paint_png(SCENE) == paint_png(SCENE)
    assert paint_pdf(SCENE) == paint_pdf(SCENE)


def test_pdf_is_a_page_of_the_size_of_the_scene():
    """One point of the scene is one point of paper."""
    data = paint_pdf(SCENE)
    assert b"%PDF" == data[:4]
    assert b"/MediaBox [ 0 0 80 40 ]" in data


def test_no_global_setting_is_read_or_changed():
    """Neither pyplot nor the reader's own style has a say."""
    expected = paint_png(SCENE)
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context(
        {
            "font.size": 30.0,
            "savefig.dpi": 10,
            "savefig.facecolor": "red",
            "savefig.bbox": "tight",
            "axes.facecolor": "red",
            "lines.linewidth": 9.0,
            "text.color": "red",
        }
    ):
        assert expected == paint_png(SCENE)
    assert before == dict(matplotlib.rcParams)


def test_pyplot_is_never_imported():
    """Importing it would choose a window system for the whole program."""
    import subprocess

    code = (
        "import sys; from seegrad.draw.scene import *; "
        "from seegrad.draw.pixels import paint_png; "
        "paint_png(Scene(9.0, 9.0, (Circle(1.0, 1.0, 1.0, fill='ink'),))); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert "False" == run.stdout.strip()


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    """What to install, and what works without it."""
    real = builtins.__import__

    def refuse(name, *rest, **settings):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest, **settings)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError, match=r"pip install seegrad\[plot\]"):
        paint_png(SCENE)


def test_letters_without_a_picture_are_boxes_and_no_warnings():
    """Chinese in a name, a tab, a new line: the file is written, nothing is said."""
    words = Text(5.0, 20.0, "\u65e5\t\n\0", fill="ink")
    scene = Scene(60.0, 30.0, (words,), "\u65e5\0")
    assert paint_png(scene).startswith(b"\x89PNG")
    assert paint_pdf(scene).startswith(b"%PDF")


def test_only_a_smooth_heat_map_runs_from_cell_to_cell():
    """Close to the seam a sharp one still has the colour of its own cell."""
    smooth = dots(SCENE)
    sharp = dots(Scene(80.0, 40.0, (replace(HEAT, smooth=False),)))
    assert rgb("class0", "light") == at(sharp, 20, 19)
    assert rgb("class1", "light") == at(sharp, 20, 21)
    assert rgb("class0", "light") != at(smooth, 20, 19)
