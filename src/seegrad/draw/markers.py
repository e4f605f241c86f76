"""Ten markers for ten classes, different in form as well as in colour."""

from __future__ import annotations

import math

from seegrad.draw.scene import Circle, Mark, Point, Polygon

RADIUS = 4.2


def marker(kind: int, x: float, y: float, title: str = "") -> Mark:
    """The marker of class ``kind`` at (x, y): circle, square, triangle, diamond, ...

    >>> marker(0, 5.0, 5.0).fill, len(marker(2, 5.0, 5.0).points)
    ('class0', 3)
    """
    role, group = f"class{kind % 10}", f"class {kind}"
    if kind % 10 == 0:
        return Circle(
            x, y, RADIUS, fill=role, stroke="paper", title=title, group=group,
        )  # fmt: skip
    points = tuple(
        (x + px * RADIUS, y + py * RADIUS) for px, py in _OUTLINES[kind % 10]
    )
    return Polygon(points, fill=role, stroke="paper", title=title, group=group)


def _ring(corners: int, turn: float, reach: float, inner: float = 0.0) -> list[Point]:
    """A regular polygon, or a star if the corners in between lie on an inner ring."""
    steps = 2 * corners if inner else corners
    points = []
    for i in range(steps):
        angle = 2 * math.pi * i / steps + math.radians(turn)
        radius = inner if inner and i % 2 else reach
        points.append((radius * math.sin(angle), -radius * math.cos(angle)))
    return points


_PLUS = [
    (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4),
    (0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
]  # fmt: skip
_CROSS = [((px - py) * 0.7071, (px + py) * 0.7071) for px, py in _PLUS]
_OUTLINES: dict[int, list[Point]] = {
    1: _ring(4, 45.0, 1.3),  # square
    2: _ring(3, 0.0, 1.4),  # triangle
    3: _ring(4, 0.0, 1.4),  # diamond
    4: _PLUS,
    5: _CROSS,
    6: _ring(3, 180.0, 1.4),  # triangle on its tip
    7: _ring(5, 0.0, 1.5, 0.65),  # star
    8: _ring(6, 0.0, 1.25),  # hexagon
    9: _ring(4, 0.0, 1.7, 0.6),  # four-pointed star
}
