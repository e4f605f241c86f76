"""Pictures show themselves and are saved whole, or not at all."""

import os
import stat

import pytest

from seegrad.draw.picture import SUFFIXES, Picture
from seegrad.draw.scene import Circle, Scene
from seegrad.errors import ArgumentError

PICTURE = Picture(
    Scene(900.0, 9.0, (Circle(4.0, 4.0, 2.0, fill="ink"),), "dot"),
    "A dot in the corner.",
)
STARTS = {".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF", ".json": b"{"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_suffix_picks_the_format(tmp_path, suffix):
    """Also in capitals, and the path comes back."""
    for name in (f"dot{suffix}", f"DOT{suffix.upper()}"):
        path = PICTURE.save(tmp_path / name)
        assert path.read_bytes().startswith(STARTS[suffix])
    assert 2 == len(list(tmp_path.iterdir()))


def test_a_saved_scene_can_be_read_back(tmp_path):
    """JSON is the form that loses nothing."""
    path = PICTURE.save(str(tmp_path / "dot.json"))
    assert PICTURE.scene == Scene.from_json(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["dot.bmp", "dot", "dot.svg.gz"])
def test_an_unknown_suffix_names_the_choices(tmp_path, name):
    """And nothing is written."""
    with pytest.raises(ArgumentError, match=r"\.svg, \.png, \.pdf, \.json"):
        PICTURE.save(tmp_path / name)
    assert [] == list(tmp_path.iterdir())


def test_a_missing_folder_says_how_to_make_it(tmp_path):
    """The error holds the line to run."""
    with pytest.raises(ArgumentError, match="mkdir"):
        PICTURE.save(tmp_path / "nowhere" / "dot.svg")


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    """Written beside, then renamed; the remains are removed."""
    path = tmp_path / "dot.svg"
    path.write_text("old", encoding="utf-8")

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        PICTURE.save(path)
    assert "old" == path.read_text(encoding="utf-8")
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_saved_file_can_be_read_by_others(tmp_path):
    """A temporary file is private; a picture is not."""
    mode = PICTURE.save(tmp_path / "dot.svg").stat().st_mode
    assert 0o644 == stat.S_IMODE(mode)


def test_a_theme_is_chosen_once_or_for_each_file(tmp_path):
    """`theme` of the picture is what `svg` and `save` use unless told otherwise."""
    dark = Picture(PICTURE.scene, PICTURE.alt, "dark")
    assert dark.svg() == PICTURE.svg("dark")
    assert PICTURE.svg() == dark.svg("auto")
    light = PICTURE.save(tmp_path / "light.png").read_bytes()
    assert light != PICTURE.save(tmp_path / "dark.png", theme="dark").read_bytes()
    with pytest.raises(ArgumentError, match="try  'dark'"):
        PICTURE.save(tmp_path / "dot.json", theme="drak")
    with pytest.raises(ArgumentError, match="theme"):
        Picture(PICTURE.scene, "", "sepia")


def test_notebooks_show_the_picture_and_let_wide_ones_scroll():
    """HTML is what a notebook prefers; the SVG inside is the same."""
    html = PICTURE._repr_html_()
    assert "overflow-x:auto" in html
    assert "max-width:900px" in html
    assert PICTURE._repr_svg_().split(">", 1)[1] in html


def test_the_alternative_stands_in_every_form():
    """In the SVG for screen readers, in the repr for terminals."""
    assert "A dot in the corner." in PICTURE.svg()
    assert "Picture('dot', 900 x 9, 1 mark): A dot in the corner." == repr(PICTURE)
