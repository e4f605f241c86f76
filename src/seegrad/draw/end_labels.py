"""Labels where lines end, so that nobody has to look from a legend to a line and back.

Where ends meet, their labels move apart; a sample of the stroke stands before each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seegrad.draw.axes import Axes
from seegrad.draw.lettering import width_of
from seegrad.draw.scene import Line, Mark, Text

SIZE, ROW = 11.0, 16.0


@dataclass(frozen=True, slots=True)
class End:
    """Where a line ends on the sheet (its height), what it is called, how it looks."""

    height: float
    text: str
    role: str
    dash: tuple[float, ...]
    group: str


def end_labels(ends: Iterable[End], axes: Axes) -> tuple[list[Mark], float]:
    """The labels to the right of the axes, and the width of the widest text."""
    ordered = sorted(ends, key=lambda end: end.height)
    marks: list[Mark] = []
    floor, widest = axes.top + 4.0, 0.0
    room = axes.top + axes.height - floor
    for place, end in enumerate(ordered):
        below = (len(ordered) - 1 - place) * ROW
        y = min(max(end.height, floor), max(floor, axes.top + room - below))
        floor = y + ROW
        x = axes.left + axes.width + 8.0
        sample = ((x, y), (x + 20.0, y))
        marks += [
            Line(sample, stroke=end.role, thickness=2.0, dash=end.dash),
            Text(x + 26.0, y + 4.0, end.text, size=SIZE, fill="ink", group=end.group),
        ]
        widest = max(widest, width_of(end.text, SIZE))
    return marks, widest
