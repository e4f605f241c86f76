"""Strokes with fewer points that look the same, so that files stay small."""

from __future__ import annotations

import math

from seegrad.draw.scene import Point

MOST_POINTS = 1200  # more cannot be told apart on the width of a sheet


def simplified(points: list[Point], tolerance: float = 0.3) -> tuple[Point, ...]:
    """The points without those that the stroke passes within ``tolerance`` anyway.

    The farthest point of a piece stays and divides it in two, until none is far
    (Douglas and Peucker 1973).

    >>> simplified([(0.0, 0.0), (1.0, 0.1), (2.0, 0.0), (2.0, 5.0)])
    ((0.0, 0.0), (2.0, 0.0), (2.0, 5.0))
    """
    kept = {0, len(points) - 1}
    pieces = [(0, len(points) - 1)]
    while pieces:
        first, last = pieces.pop()
        farthest, gap = first, tolerance
        for k in range(first + 1, last):
            away = _distance(points[k], points[first], points[last])
            if away > gap:
                farthest, gap = k, away
        if farthest != first:
            kept.add(farthest)
            pieces += [(first, farthest), (farthest, last)]
    return tuple(points[k] for k in sorted(kept))


def thinned(points: list[Point], most: int = MOST_POINTS) -> list[Point]:
    """The points; of more than ``most``, the lowest and highest of each stretch.

    The first and the last stay, and a gap (nan) within a stretch stays one.

    >>> thinned([(0.0, 1.0), (1.0, 5.0), (2.0, 3.0), (3.0, 2.0), (4.0, 0.0)], most=2)
    [(0.0, 1.0), (1.0, 5.0), (3.0, 2.0), (4.0, 0.0)]
    """
    if len(points) <= most:
        return points
    stretch = math.ceil(len(points) / (most // 2))
    kept = points[:1]
    for start in range(1, len(points) - 1, stretch):
        part = points[start : min(start + stretch, len(points) - 1)]
        holes = [p for p in part if math.isnan(p[1])]
        by_height = sorted((p for p in part if p not in holes), key=lambda p: p[1])
        kept += sorted({*by_height[:1], *by_height[-1:]}) + holes[:1]
    return kept + points[-1:]


def _distance(point: Point, start: Point, end: Point) -> float:
    """How far a point is from the straight piece between two others."""
    (x, y), (dx, dy) = point, (end[0] - start[0], end[1] - start[1])
    length = dx * dx + dy * dy
    share = ((x - start[0]) * dx + (y - start[1]) * dy) / length if length else 0.0
    share = min(max(share, 0.0), 1.0)
    return math.hypot(x - start[0] - share * dx, y - start[1] - share * dy)
