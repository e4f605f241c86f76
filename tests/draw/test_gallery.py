"""Every drawing: it is in the gallery, paints in both themes, and says what it shows.

The tests go through `DRAWINGS`, so a new drawing is tested as soon as it is listed; its
section of docs/gallery.md is its example.
"""

import inspect
import io
import re
import runpy
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.image import imread
from PIL import Image as PillowImage

from seegrad.draw import DRAWINGS, Picture, Scene
from seegrad.draw.palette import rgb
from seegrad.draw.pixels import paint_png
from seegrad.errors import SeegradError

ROOT = Path(__file__).parents[2]
MAKER = runpy.run_path(str(ROOT / "scripts" / "make_gallery.py"))
PAGE = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
SNIPPETS = MAKER["snippets"](PAGE)
NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?(?:e[-−+]?\d+)?")
LARGEST_FILE, LARGEST_ANIMATION = 60_000, 400_000

every_drawing = pytest.mark.parametrize("name", sorted(DRAWINGS))
every_picture = pytest.mark.parametrize("name", sorted(SNIPPETS))


@cache
def picture(name):
    """What the snippet of a picture makes, once for all tests."""
    return MAKER["drawn"](name, SNIPPETS[name])


def test_the_gallery_has_a_section_for_every_drawing():
    """In the order of their names, each with its picture, some with one more."""
    sections = re.findall(r"^## `(\w+)`$", PAGE, re.MULTILINE)
    assert sorted(DRAWINGS) == sections
    pictures = [name for name in SNIPPETS if name in DRAWINGS]
    assert sections == pictures
    more = {"loss_surface_line", "optimizers_model", "recorded_graph_forward"}
    assert more == SNIPPETS.keys() - DRAWINGS.keys()


def test_animations_are_those_of_the_page(tmp_path):
    """As many frames of the same size and time as the stored file has."""
    programs = MAKER["animations"](PAGE)
    assert ["training", "cell_by_cell", "sliding_window"] == list(programs)
    for name, code in programs.items():
        stored = ROOT / "docs" / "images" / "gallery" / f"{name}.gif"
        made = MAKER["played"](name, code, tmp_path)
        with PillowImage.open(stored) as kept, PillowImage.open(made) as file:
            assert (kept.n_frames, kept.size) == (file.n_frames, file.size)
            assert kept.info["duration"] == file.info["duration"]
        assert LARGEST_ANIMATION > stored.stat().st_size


def test_every_drawing_is_listed_under_its_own_name():
    """`DRAWINGS["roc"]` is `sg.draw.roc`."""
    assert sorted(DRAWINGS) == [DRAWINGS[name].__name__ for name in sorted(DRAWINGS)]


@every_picture
def test_the_section_shows_the_picture_that_it_makes(name):
    """The same words, numbers aside: processors round in different ways."""
    stored = (ROOT / "docs" / "images" / "gallery" / f"{name}.svg").read_text("utf-8")
    title, words = (e.text for e in list(ElementTree.fromstring(stored))[:2])
    assert picture(name).scene.title == title, "run scripts/make_gallery.py"
    assert MAKER["image_line"](name, words) in PAGE
    kept, made = (set(NUMBER.sub("", w).split()) for w in (words, picture(name).alt))
    assert len(kept & made) >= 0.8 * len(kept)
    assert LARGEST_FILE > len(stored)


@every_picture
def test_the_words_hold_the_numbers_that_matter(name):
    """Who cannot see the picture still gets its sentences, with numbers in them."""
    made = picture(name)
    assert isinstance(made, Picture)
    assert 40 < len(made.alt)
    assert NUMBER.findall(made.alt)
    assert made.alt.rstrip().endswith(".")
    assert made.scene.title


@every_picture
@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_every_picture_is_an_svg(name, theme):
    """Well-formed, labelled, and every role has a colour."""
    root = ElementTree.fromstring(picture(name).svg(theme))
    assert "img" == root.attrib["role"]


@every_picture
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_picture_is_a_png(name, theme):
    """Two dots for each point, on the paper of the theme."""
    scene = picture(name).scene
    dots = imread(io.BytesIO(paint_png(scene, theme)), format="png")
    assert 2 * scene.width == pytest.approx(dots.shape[1], abs=2)
    assert rgb("paper", theme) == tuple(round(255 * c) for c in dots[2, 2, :3].tolist())


@every_picture
def test_every_scene_survives_json(name):
    """What was saved is what was drawn."""
    scene = picture(name).scene
    assert scene == Scene.from_json(scene.to_json())


@every_picture
def test_words_stay_on_the_sheet_and_apart(name, misplaced):
    """None runs over an edge, and none covers another."""
    assert [] == misplaced(picture(name).scene)


@every_drawing
def test_nonsense_gets_an_error_that_helps(name):
    """Objects of no kind, in the place of everything that must be given."""
    function = DRAWINGS[name]
    given = [
        object()
        for p in inspect.signature(function).parameters.values()
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
    ] or [object()]
    with pytest.raises(SeegradError):
        function(*given)


@every_drawing
def test_an_unknown_theme_is_helped(name):
    """Every drawing takes a theme, checked by the picture."""
    parameters = inspect.signature(DRAWINGS[name]).parameters
    assert "theme" in parameters or name == "draw_dot"
