"""The SVG painter: a scene in, the text of an SVG file out, by the standard library.

Every shape carries its light colour as a plain attribute, which any program can paint,
and a class. One style block gives the classes their dark colours where the reader's
system is dark. A forced theme has no style block at all.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from html import escape as escape_markup

from seegrad.draw.lettering import printable
from seegrad.draw.palette import ROLES, colour, rgb
from seegrad.draw.scene import (
    Circle,
    Curve,
    Image,
    Line,
    Mark,
    Point,
    Polygon,
    Rectangle,
    Scene,
    Text,
)
from seegrad.errors import unknown_name

FONTS = "DejaVu Sans, Verdana, Geneva, sans-serif"
AUTO = "auto"
RGB = tuple[int, int, int]


def paint_svg(scene: Scene, alt: str = "", theme: str = AUTO) -> str:
    """The scene as SVG; theme is "auto" (follows the reader's system), light or dark.

    >>> scene = Scene(20.0, 10.0, (Circle(5.0, 5.0, 2.0, fill="positive"),))
    >>> '<circle cx="5" cy="5" r="2" fill="#56B4E9"/>' in paint_svg(scene, theme="dark")
    True
    """
    if theme not in ("light", "dark", AUTO):
        raise unknown_name("theme", theme, ("light", "dark", AUTO))
    w, h = _n(scene.width), _n(scene.height)
    key = hashlib.sha256((scene.to_json() + printable(alt)).encode()).hexdigest()[:8]
    marks = [_mark(mark, theme) for mark in scene.marks]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="seegrad-{theme}"',
            f' width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img"',
            f' aria-labelledby="seegrad-{key}-title seegrad-{key}-alt"',
            f' font-family="{FONTS}">',
            f'<title id="seegrad-{key}-title">{escape(scene.title)}</title>',
            f'<desc id="seegrad-{key}-alt">{escape(alt)}</desc>',
            *([_dark_style(scene)] if theme == AUTO else []),
            f'<rect width="{w}" height="{h}"{_paint("fill", "paper", theme)}/>',
            *marks,
            "</svg>\n",
        ]
    )


def escape(text: str) -> str:
    """Words as they may stand in a file: no markup, no control characters."""
    return escape_markup(printable(text))


def _dark_style(scene: Scene) -> str:
    """The colours of the roles in use, for readers whose system is dark."""
    fills = {"paper"} | {mark.fill for mark in scene.marks}
    strokes = {mark.stroke for mark in scene.marks}
    rules = [
        f".seegrad-auto .{kind}-{role}{{{kind}:{colour(role, 'dark')}}}"
        for kind, used in (("fill", fills), ("stroke", strokes))
        for role in sorted(used & ROLES.keys())
    ]
    if any(isinstance(mark, Image) for mark in scene.marks):
        rules.append(".seegrad-auto .when-light{display:none}")
        rules.append(".seegrad-auto .when-dark{display:inline}")
    return f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>"


def _paint(kind: str, role: str, theme: str) -> str:
    if role == "none":
        return f' {kind}="none"' if kind == "fill" else ""
    if theme == AUTO:
        return f' class="{kind}-{role}" {kind}="{colour(role, "light")}"'
    return f' {kind}="{colour(role, theme)}"'


def _look(mark: Mark, theme: str) -> str:
    """Fill, stroke, dash and opacity as attributes; two classes become one list."""
    fill, stroke = (
        _paint("fill", mark.fill, theme),
        _paint("stroke", mark.stroke, theme),
    )
    if "class" in fill and "class" in stroke:
        both = f' class="fill-{mark.fill} stroke-{mark.stroke}"'
        fill = both + fill.replace(f' class="fill-{mark.fill}"', "")
        stroke = stroke.replace(f' class="stroke-{mark.stroke}"', "")
    look = fill + stroke
    if mark.stroke != "none":
        look += f' stroke-width="{_n(mark.thickness)}"'
        if mark.dash:
            look += f' stroke-dasharray="{" ".join(map(_n, mark.dash))}"'
    return look + (f' opacity="{_n(mark.opacity)}"' if mark.opacity != 1.0 else "")


def _mark(mark: Mark, theme: str) -> str:
    shape = _shape(mark, theme)
    group = f' data-group="{escape(mark.group)}"' if mark.group else ""
    title = f"<title>{escape(mark.title)}</title>" if mark.title else ""
    return f"<g{group}>{title}{shape}</g>" if group or title else shape


def _shape(mark: Mark, theme: str) -> str:
    look = _look(mark, theme)
    match mark:
        case Rectangle(x=x, y=y, width=w, height=h, radius=r):
            corner = f' rx="{_n(r)}"' if r else ""
            place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}"'
            return f"<rect {place}{corner}{look}/>"
        case Circle(x=x, y=y, radius=r):
            return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}"{look}/>'
        case Line(points=points):
            return (
                f'<polyline points="{_points(points)}" stroke-linejoin="round"{look}/>'
            )
        case Polygon(points=points):
            return f'<polygon points="{_points(points)}"{look}/>'
        case Curve(points=points):
            start, rest = _points(points[:1]), _points(points[1:])
            return f'<path d="M{start} C{rest}"{look}/>'
        case Text():
            return _text(mark, look)
        case Image():
            return _image(mark, theme)
    raise unknown_name("mark", type(mark).__name__, ("Rectangle", "Circle", "Text"))


def _text(mark: Text, look: str) -> str:
    place = f'x="{_n(mark.x)}" y="{_n(mark.y)}" font-size="{_n(mark.size)}"'
    if mark.anchor != "start":
        place += f' text-anchor="{mark.anchor}"'
    if mark.bold:
        place += ' font-weight="bold"'
    if mark.turned:
        place += f' transform="rotate(-90 {_n(mark.x)} {_n(mark.y)})"'
    if not mark.title:
        place += ' pointer-events="none"'  # the tooltip of what lies beneath shows
    return f"<text {place}{look}>{escape(mark.text)}</text>"


def _image(mark: Image, theme: str) -> str:
    place = f'x="{_n(mark.x)}" y="{_n(mark.y)}" width="{_n(mark.width)}" '
    place += f'height="{_n(mark.height)}" preserveAspectRatio="none"'
    place += "" if mark.smooth else ' image-rendering="pixelated"'
    if theme != AUTO:
        return f'<image {place} href="{_png(mark, theme)}"/>'
    light, dark = _png(mark, "light"), _png(mark, "dark")
    return (
        f'<image class="when-light" {place} href="{light}"/>'
        f'<image class="when-dark" display="none" {place} href="{dark}"/>'
    )


def cells(image: Image, theme: str) -> list[list[RGB]]:
    """The colour of every cell of a heat map: the role mixed into the paper."""
    paper = rgb("paper", theme)
    colours = [rgb(role, theme) for role in image.roles]
    return [
        [_mixed(paper, colours[k], s) for k, s in zip(kinds, strengths, strict=True)]
        for kinds, strengths in zip(image.which, image.strength, strict=True)
    ]


def _mixed(paper: RGB, role: RGB, share: float) -> RGB:
    red, green, blue = (
        round(p + share * (c - p)) for p, c in zip(paper, role, strict=True)
    )
    return red, green, blue


def _png(image: Image, theme: str) -> str:
    """A heat map as a PNG in a data address: a header, the packed rows, an end."""
    rows = cells(image, theme)
    raw = b"".join(b"\0" + bytes(c for cell in row for c in cell) for row in rows)
    header = struct.pack(">2I5B", len(rows[0]), len(rows), 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body
        + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )  # fmt: skip
    return "data:image/png;base64," + base64.b64encode(data).decode()


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(number: float) -> str:
    """A coordinate with at most two decimals, and no trailing zeros."""
    return f"{round(number, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
