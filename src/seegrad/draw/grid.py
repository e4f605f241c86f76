"""Panels of equal size in rows: small multiples, which compare at a glance."""

from __future__ import annotations

import math

from seegrad.draw.scene import Point


def places(
    count: int, columns: int, left: float, top: float, step: tuple[float, float]
) -> list[Point]:
    """The upper left corner of each panel, row by row.

    >>> places(3, 2, 0.0, 10.0, (100.0, 50.0))
    [(0.0, 10.0), (100.0, 10.0), (0.0, 60.0)]
    """
    return [
        (left + i % columns * step[0], top + i // columns * step[1])
        for i in range(count)
    ]


def columns_for(count: int, most: int = 3) -> int:
    """How many panels stand in a row, so that the rows are nearly full.

    >>> columns_for(2), columns_for(4), columns_for(5)
    (2, 2, 3)
    """
    return math.ceil(count / math.ceil(count / most))
