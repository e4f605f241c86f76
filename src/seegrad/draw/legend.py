"""The legend of a drawing: small samples, each with a word or two, in as many rows as
they need.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seegrad.draw.lettering import cut, width_of
from seegrad.draw.scene import Circle, Line, Mark, Polygon, Rectangle, Text

ROW, SIZE, GAP, SPACE = 18.0, 10.5, 6.0, 20.0
Entry = tuple[Mark, str]  # a sample drawn around (0, 0), and what it means


def legend(
    entries: Iterable[Entry], x: float, y: float, width: float
) -> tuple[list[Mark], float]:
    """The marks of a legend whose first row has its middle at ``y``, and its height."""
    marks: list[Mark] = []
    at, row = x, y
    for sample, words in entries:
        reach = sample_width(sample)
        words = cut(words, SIZE, width - reach - GAP)
        step = reach + GAP + width_of(words, SIZE)
        if at > x and at + step > x + width:
            at, row = x, row + ROW
        marks.append(moved(sample, at + reach / 2, row))
        marks.append(
            Text(at + reach + GAP, row + SIZE * 0.36, words, size=SIZE, fill="quiet")
        )
        at += step + SPACE
    return marks, row - y + ROW


def stroke(role: str, dash: tuple[float, ...] = (), thickness: float = 2.0) -> Mark:
    """A sample of a line."""
    points = ((-13.0, 0.0), (13.0, 0.0))
    return Line(points, stroke=role, dash=dash, thickness=thickness)


def word(text: str, role: str) -> Mark:
    """A sample of a number as it is written in the drawing."""
    return Text(0.0, SIZE * 0.36, text, size=SIZE, fill=role, anchor="middle")


def sample_width(sample: Mark) -> float:
    """How much room a sample takes."""
    match sample:
        case Text(text=text, size=size, bold=bold):
            return width_of(text, size, bold=bold)
        case Line(points=points) | Polygon(points=points):
            return 2 * max(abs(x) for x, _ in points)
        case Circle(radius=radius):
            return 2 * radius
    return 2 * SIZE


def moved(mark: Mark, dx: float, dy: float) -> Mark:
    """The same mark, somewhere else."""
    match mark:
        case Text() | Circle() | Rectangle():
            return replace(mark, x=mark.x + dx, y=mark.y + dy)
        case Line() | Polygon():
            points = tuple((x + dx, y + dy) for x, y in mark.points)
            return replace(mark, points=points)
    return mark
