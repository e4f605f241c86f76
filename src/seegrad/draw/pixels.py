"""The matplotlib painter: a scene in, the bytes of a PNG or PDF file out.

Only matplotlib's figure and its two canvases are used, never pyplot and never a global
setting: a picture looks the same whatever the reader has configured, and saving one
changes nothing about their own plots.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seegrad.draw.lettering import printable
from seegrad.draw.palette import colour
from seegrad.draw.scene import (
    Circle,
    Curve,
    Image,
    Line,
    Mark,
    Polygon,
    Rectangle,
    Scene,
    Text,
)
from seegrad.draw.svg import cells
from seegrad.errors import MissingExtraError

DOTS_PER_POINT = 2.0


def paint_png(
    scene: Scene, theme: str = "light", dots_per_point: float = DOTS_PER_POINT
) -> bytes:
    """The scene as a PNG with two dots per point. Needs matplotlib."""
    figure = _figure(scene, theme, dots_per_point)
    out = io.BytesIO()
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    with _quiet():
        canvas.print_png(out, metadata={"Software": None})
    return out.getvalue()


def paint_pdf(scene: Scene, theme: str = "light") -> bytes:
    """The scene as a PDF page of its own size. Needs matplotlib."""
    figure = _figure(scene, theme)
    out = io.BytesIO()
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    about = {
        "Title": printable(scene.title),
        "CreationDate": None,
        "Producer": "seegrad",
    }
    canvas: Any = FigureCanvasPdf(figure)
    with _quiet():
        canvas.print_pdf(out, metadata=about)
    return out.getvalue()


@contextmanager
def _quiet() -> Iterator[None]:
    """A letter that the font lacks is painted as a box, which says enough."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        yield


def _figure(scene: Scene, theme: str, dots_per_point: float = DOTS_PER_POINT) -> Any:
    """A figure of one point per scene unit, its artists placed in scene units."""
    try:
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D
    except ImportError:
        raise MissingExtraError(
            "PNG and PDF pictures are painted by matplotlib, which is not installed",
            hint="pip install seegrad[plot], or save as .svg, which needs nothing",
        ) from None
    size = (scene.width / 72, scene.height / 72)
    figure = Figure(
        figsize=size, dpi=72 * dots_per_point, facecolor=colour("paper", theme)
    )
    to_inches = Affine2D().scale(1 / 72, -1 / 72).translate(0, size[1])
    place = to_inches + figure.dpi_scale_trans
    for order, mark in enumerate(scene.marks):
        artist = _artist(mark, theme, place)
        artist.set(zorder=order, clip_on=False)
        artist.set_transform(place) if not isinstance(mark, Image) else None
        figure.add_artist(artist)
    return figure


def _artist(mark: Mark, theme: str, place: Any) -> Any:
    from matplotlib import patches
    from matplotlib.path import Path

    look = _look(mark, theme)
    match mark:
        case Rectangle(x=x, y=y, width=w, height=h, radius=r) if r:
            style = patches.BoxStyle.Round(pad=0, rounding_size=r)
            return patches.FancyBboxPatch((x, y), w, h, boxstyle=style, **look)
        case Rectangle(x=x, y=y, width=w, height=h):
            return patches.Rectangle((x, y), w, h, **look)
        case Circle(x=x, y=y, radius=r):
            return patches.Circle((x, y), r, **look)
        case Line(points=points):
            return patches.PathPatch(Path(points), **look)
        case Curve(points=points):
            codes = [Path.MOVETO] + [Path.CURVE4] * (len(points) - 1)
            return patches.PathPatch(Path(points, codes), **look)
        case Polygon(points=points):
            return patches.Polygon(points, closed=True, **look)
        case Text():
            return _text(mark, theme)
        case Image():
            return _image(mark, theme, place)
    raise TypeError(f"no painter for {type(mark).__name__}")


def _look(mark: Mark, theme: str) -> dict[str, Any]:
    fill, stroke = (
        "none" if role == "none" else colour(role, theme)
        for role in (mark.fill, mark.stroke)
    )
    # matplotlib counts dashes in line widths, a scene counts them in points
    thick = mark.thickness if mark.stroke != "none" else 0.0
    dash = tuple(length / thick for length in mark.dash) if thick else ()
    return {
        "facecolor": fill,
        "edgecolor": stroke,
        "linewidth": thick,
        "linestyle": (0, dash) if dash else "solid",
        "alpha": mark.opacity,
        "capstyle": "butt",
        "joinstyle": "round",
        "antialiased": True,
    }


def _text(mark: Text, theme: str) -> Any:
    from matplotlib.text import Text as Words

    ends: dict[str, Any] = {"start": "left", "middle": "center", "end": "right"}
    return Words(
        mark.x, mark.y, printable(mark.text),
        color=colour(mark.fill, theme),
        fontfamily="DejaVu Sans",  # comes with matplotlib: the same on every machine
        fontsize=mark.size,
        fontweight="bold" if mark.bold else "normal",
        horizontalalignment=ends[mark.anchor],
        verticalalignment="baseline",
        rotation=90 if mark.turned else 0,
        rotation_mode="anchor",
        parse_math=False,  # a "$" is a dollar
        usetex=False,
    )  # fmt: skip


def _image(mark: Image, theme: str, place: Any) -> Any:
    import numpy as np
    from matplotlib.image import BboxImage
    from matplotlib.transforms import Bbox, TransformedBbox

    x, y, w, h = mark.x, mark.y, mark.width, mark.height
    box = TransformedBbox(Bbox([[x, y + h], [x + w, y]]), place)
    between = "bilinear" if mark.smooth else "nearest"
    picture = BboxImage(box, interpolation=between, origin="lower")
    picture.set_data(np.array(cells(mark, theme), dtype=np.uint8))
    return picture
