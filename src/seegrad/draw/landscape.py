"""A surface seen from above: contour lines with their heights, and colour between them.

Losses fall over many orders of magnitude, so the levels are not evenly spaced: they are
chosen so that each band between two lines covers about the same area. Pale is low.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from seegrad.draw.axes import Axes
from seegrad.draw.contours import contour
from seegrad.draw.inputs import Floats
from seegrad.draw.lettering import width_of
from seegrad.draw.numbers import short
from seegrad.draw.scene import Image, Line, Mark, Point, Rectangle, Text
from seegrad.draw.simplify import simplified

STRONGEST, LEVELS, SIZE, APART = 0.5, 9, 9.0, 34.0


def sampled(
    height: Callable[[float, float], float], axes: Axes, resolution: int
) -> Floats:
    """The heights on a grid of (resolution, resolution) places, the first row lowest.

    >>> axes = Axes(0.0, 0.0, 9.0, 9.0, (0.0, 1.0), (0.0, 2.0))
    >>> sampled(lambda x, y: x + 10 * y, axes, 2).tolist()
    [[0.0, 1.0], [20.0, 21.0]]
    """
    xs, ys = (
        np.linspace(*limits, resolution) for limits in (axes.x_limits, axes.y_limits)
    )
    return np.array([[height(x, y) for x in xs.tolist()] for y in ys.tolist()])


def levels_of(heights: Floats, count: int = LEVELS) -> list[float]:
    """Round heights that divide the surface into bands of about equal area."""
    finite = heights[np.isfinite(heights)]
    if not finite.size or finite.min() == finite.max():
        return []
    shares = np.linspace(0.0, 1.0, count + 2)[1:-1]
    found = [float(f"{q:.2e}") for q in np.quantile(finite, shares).tolist()]
    low, high = float(finite.min()), float(finite.max())
    return [level for level in sorted(set(found)) if low < level < high]


def landscape(heights: Floats, axes: Axes, keep_free: list[Point]) -> Iterator[Mark]:
    """The marks of a surface; labels keep away from the places in ``keep_free``."""
    levels = levels_of(heights)
    highest = heights[np.isfinite(heights)].max(initial=0.0)
    surface = np.where(np.isfinite(heights), heights, highest)
    corners = (surface[:-1, :-1], surface[:-1, 1:], surface[1:, :-1], surface[1:, 1:])
    cells = np.mean(corners, axis=0)  # the middle of each square between four heights
    rank = np.searchsorted(np.sort(cells.ravel()), cells) / cells.size
    strength = np.round(STRONGEST * rank[::-1], 3)
    yield Image(
        axes.left, axes.top, axes.width, axes.height, ("class0",),
        ((0,) * cells.shape[1],) * len(cells), tuple(map(tuple, strength.tolist())),
        group="surface",
    )  # fmt: skip
    if not levels:
        middle = axes.left + axes.width / 2
        yield Text(
            middle, axes.top + 24.0, f"{short(highest)} everywhere", size=SIZE,
            anchor="middle", fill="quiet", group="level",
        )  # fmt: skip
    taken = list(keep_free)
    labels: list[Mark] = []
    for level in levels:
        strokes = [
            simplified([_on_sheet(p, surface, axes) for p in stroke])
            for stroke in contour(surface, level)
        ]
        for stroke in strokes:
            yield Line(
                stroke, stroke="neutral", thickness=0.9, group=f"level {short(level)}",
                title=short(level),
            )  # fmt: skip
        labels += _label(short(level).removesuffix(".0"), strokes, taken, axes)
    yield from labels


def _on_sheet(place: Point, surface: Floats, axes: Axes) -> Point:
    column, row = place
    rows, columns = surface.shape
    x = axes.left + axes.width * column / (columns - 1)
    return x, axes.top + axes.height * (1.0 - row / (rows - 1))


def _label(
    text: str, strokes: list[tuple[Point, ...]], taken: list[Point], axes: Axes
) -> list[Mark]:
    """The height of a line, written on it at the place that is most free."""
    half = width_of(text, SIZE) / 2 + 3.0
    best, room = None, APART
    for x, y in (point for stroke in strokes for point in stroke):
        inside = axes.left + half < x < axes.left + axes.width - half
        if inside and axes.top + 9.0 < y < axes.top + axes.height - 9.0:
            gap = min((math.hypot(x - a, y - b) for a, b in taken), default=2 * APART)
            if gap > room:
                best, room = (x, y), gap
    if best is None:
        return []
    taken.append(best)
    x, y = best
    return [
        Rectangle(
            x - half, y - 6.0, 2 * half, 12.0, radius=3.0, fill="paper", opacity=0.85
        ),
        Text(x, y + 3.2, text, size=SIZE, anchor="middle", fill="ink", group="level"),
    ]
