"""Contour lines of a surface: where a table of heights has one height.

Marching squares: in each square of four neighbouring heights a line enters and leaves
through the sides whose ends lie on different sides of the level, at the place that
straight interpolation gives. The pieces are then joined into long strokes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seegrad.draw.inputs import Floats
from seegrad.draw.scene import Point

Side = tuple[int, int, bool]  # the row, the column, and whether it goes down


def contour(heights: Floats, level: float) -> list[list[Point]]:
    """The strokes along which ``heights`` is ``level``, as (column, row) places.

    >>> contour(np.array([[0.0, 1.0], [0.0, 1.0]]), 0.5)
    [[(0.5, 0.0), (0.5, 1.0)]]
    """
    links: dict[Side, list[Side]] = {}
    for one, other in _pieces(heights > level):
        links.setdefault(one, []).append(other)
        links.setdefault(other, []).append(one)
    strokes = []
    while links:
        ends = (side for side, others in links.items() if len(others) == 1)
        strokes.append(
            [_place(heights, level, side) for side in _walk(links, next(ends, None))]
        )
    return strokes


def _pieces(
    above: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
) -> Iterator[tuple[Side, Side]]:
    """The sides that a line joins, square by square."""
    corners = (above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1])
    mixed = np.stack(corners).any(axis=0) & ~np.stack(corners).all(axis=0)
    for i, j in np.argwhere(mixed).tolist():
        a, b, c, d = (bool(corner[i, j]) for corner in corners)
        top, right = (i, j, False), (i, j + 1, True)
        bottom, left = (i + 1, j, False), (i, j, True)
        crossed = [
            side
            for side, cut in ((top, a != b), (right, b != c), (bottom, c != d),
                              (left, d != a))
            if cut
        ]  # fmt: skip
        yield crossed[0], crossed[1]
        if len(crossed) == 4:  # a saddle: two lines, and either pairing is as good
            yield crossed[2], crossed[3]


def _walk(links: dict[Side, list[Side]], start: Side | None) -> list[Side]:
    """Follow the links from an end, or around a ring, and take them away."""
    here = next(iter(links)) if start is None else start
    path = [here]
    while links.get(here):
        following = links[here].pop()
        links[following].remove(here)
        if not links[here]:
            del links[here]
        here = following
        path.append(here)
    links.pop(here, None)
    return path


def _place(heights: Floats, level: float, side: Side) -> Point:
    i, j, down = side
    one = heights[i, j]
    other = heights[i + 1, j] if down else heights[i, j + 1]
    share = float((level - one) / (other - one))
    return (j + 0.0, i + share) if down else (j + share, i + 0.0)
