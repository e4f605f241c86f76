"""The SVG painter: valid, deterministic, right in both themes and for any program."""

import re
import struct
import zlib
from base64 import b64decode
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from seegrad.draw.palette import colour
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
from seegrad.draw.svg import paint_svg
from seegrad.errors import ArgumentError

SVG = "{http://www.w3.org/2000/svg}"
HEAT = Image(0.0, 0.0, 4.0, 4.0, ("class0", "class1"), ((0,), (1,)), ((1.0,), (1.0,)))
SCENE = Scene(
    100.0,
    50.0,
    (
        Rectangle(1.0, 2.0, 3.0, 4.0, radius=1.0, fill="card", stroke="neutral"),
        Circle(1.0, 2.0, 3.0, fill="positive", title="a <tooltip>", group="unit 1"),
        Line(((0.0, 0.0), (1.0, 1.0)), stroke="negative", dash=(5.0, 3.0)),
        Curve(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (2.0, 1.0)), stroke="neutral"),
        Polygon(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), fill="changed", opacity=0.5),
        Text(1.0, 2.0, "a < b & c", bold=True, fill="ink", anchor="end", turned=True),
        HEAT,
    ),
    "a title",
)


def test_every_mark_becomes_an_element():
    """The file is well-formed XML and holds one element per mark."""
    root = ElementTree.fromstring(paint_svg(SCENE, theme="light"))
    names = [element.tag.removeprefix(SVG) for element in root.iter()]
    for name in ("rect", "circle", "polyline", "path", "polygon", "text", "image"):
        assert name in names


def test_words_are_escaped():
    """What looks like markup is text."""
    root = ElementTree.fromstring(paint_svg(SCENE, alt="1 < 2 & more"))
    assert "a < b & c" in [text.text for text in root.iter(f"{SVG}text")]
    assert "a <tooltip>" in [title.text for title in root.iter(f"{SVG}title")]
    assert "1 < 2 & more" in [desc.text for desc in root.iter(f"{SVG}desc")]


def test_the_picture_is_labelled_for_screen_readers():
    """role=img, and a title and a description that exist."""
    root = ElementTree.fromstring(paint_svg(SCENE, alt="in words"))
    labels = root.attrib["aria-labelledby"].split()
    texts = {e.attrib["id"]: e.text for e in root.iter() if "id" in e.attrib}
    assert "img" == root.attrib["role"]
    assert ["a title", "in words"] == [texts[label] for label in labels]


def test_two_pictures_on_a_page_have_ids_of_their_own():
    """Inline pictures share one page."""
    one = re.findall(r'id="([^"]+)"', paint_svg(SCENE, "one"))
    other = re.findall(r'id="([^"]+)"', paint_svg(SCENE, "other"))
    assert not set(one) & set(other)


def test_painting_twice_gives_the_same_text():
    """Pictures can be compared and kept in version control."""
    assert paint_svg(SCENE, "alt") == paint_svg(SCENE, "alt")


def test_the_automatic_theme_switches_in_one_style_block():
    """Attributes are light; every role in use turns dark in the media query."""
    text = paint_svg(SCENE)
    assert 1 == text.count("<style>")
    style = text[text.index("<style>") : text.index("</style>")]
    assert "prefers-color-scheme:dark" in style
    assert f'fill="{colour("positive", "light")}"' in text
    for mark in SCENE.marks:
        for kind, role in (("fill", mark.fill), ("stroke", mark.stroke)):
            if role != "none":
                assert f".{kind}-{role}{{{kind}:{colour(role, 'dark')}}}" in style


@pytest.mark.parametrize(("theme", "other"), [("light", "dark"), ("dark", "light")])
def test_a_forced_theme_has_no_style_and_no_classes(theme, other):
    """Nothing on the page around it can turn it."""
    text = paint_svg(SCENE, theme=theme)
    assert "<style>" not in text
    assert 'class="fill' not in text
    assert f'fill="{colour("positive", theme)}"' in text
    assert f'fill="{colour("positive", other)}"' not in text


def test_there_are_no_css_variables():
    """Programs that paint SVG without a browser do not know them."""
    assert "var(" not in paint_svg(SCENE)


def test_every_element_has_one_class_attribute_at_most():
    """A second one would make the file invalid."""
    for element in re.findall(r"<[a-z][^>]*>", paint_svg(SCENE)):
        assert element.count("class=") <= 1, element


def test_the_font_with_known_widths_comes_first():
    """The layout measured DejaVu Sans."""
    assert 'font-family="DejaVu Sans, Verdana' in paint_svg(SCENE)


def test_a_heat_map_is_a_png_of_its_cells():
    """Row by row from the top, in the colour of the role."""
    text = paint_svg(Scene(4.0, 4.0, (HEAT,)), theme="light")
    data = b64decode(re.search(r"base64,([^\"]+)", text)[1])
    assert b"\x89PNG\r\n\x1a\n" == data[:8]
    assert (1, 2) == struct.unpack(">2I", data[16:24])
    start = data.index(b"IDAT")
    size = struct.unpack(">I", data[start - 4 : start])[0]
    rows = zlib.decompress(data[start + 4 : start + 4 + size])
    assert bytes([0, 0x00, 0x72, 0xB2, 0, 0xD5, 0x5E, 0x00]) == rows


def test_a_heat_map_has_a_light_and_a_dark_version():
    """The dark one is hidden until the style block shows it."""
    text = paint_svg(Scene(4.0, 4.0, (HEAT,)))
    assert 2 == text.count("<image")
    assert 1 == text.count('display="none"')
    assert ".when-dark{display:inline}" in text


def test_coordinates_have_two_decimals_at_most():
    """Files stay small, and -0 is 0."""
    marks = (Circle(1 / 3, -0.001, 2.0, fill="ink"),)
    assert 'cx="0.33" cy="0" r="2"' in paint_svg(Scene(9.0, 9.0, marks))


def test_an_unknown_theme_suggests_the_nearest():
    """auto, light, dark."""
    with pytest.raises(ArgumentError, match="try  'light'"):
        paint_svg(SCENE, theme="ligth")


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\ud800", "\uffff"])
def test_what_no_file_may_hold_is_replaced(letter):
    """A name with a control character still makes a file that opens."""
    words = Text(1.0, 1.0, f"a{letter}b", fill="ink", group=f"g{letter}")
    scene = Scene(9.0, 9.0, (words,), f"title{letter}")
    root = ElementTree.fromstring(paint_svg(scene, alt=letter).encode())
    assert ["a\ufffdb"] == [text.text for text in root.iter(f"{SVG}text")]


def test_a_heat_map_that_is_not_smooth_keeps_its_cells_sharp():
    """A browser would otherwise run their colours into each other."""
    assert "pixelated" not in paint_svg(SCENE)
    sharp = replace(HEAT, smooth=False)
    text = paint_svg(Scene(4.0, 4.0, (sharp,)))
    assert 2 == text.count('image-rendering="pixelated"')  # light and dark
