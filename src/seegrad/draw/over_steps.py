"""Lines over steps or epochs, with a gap where there is no number, and their words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sized

from seegrad.draw.axes import Axes
from seegrad.draw.end_labels import End, end_labels
from seegrad.draw.heading import sheet
from seegrad.draw.looks import Look, look
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Circle, Line, Mark
from seegrad.draw.ticks import whole_ticks

Points = list[tuple[float, float]]  # step and number, nan for a gap


def step_limits(steps: Iterable[int]) -> tuple[float, float]:
    """The limits of an axis of step numbers, never empty.

    >>> step_limits([0, 4, 9]), step_limits([3])
    ((0.0, 9.0), (2.5, 3.5))
    """
    numbers = list(steps)
    low, high = float(min(numbers)), float(max(numbers))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def step_ticks(limits: tuple[float, float]) -> list[float]:
    """Whole numbers of steps.

    >>> step_ticks((2.5, 3.5))
    [3.0]
    """
    return whole_ticks(math.ceil(limits[0]), math.floor(limits[1]))


def count_of(steps: Sized) -> str:
    """How many steps, in words.

    >>> count_of([0]), count_of([0, 1])
    ('1 step', '2 steps')
    """
    return f"{len(steps)} step{'s' if len(steps) != 1 else ''}"


def lines_over_steps(
    series: Mapping[str, Points], axes: Axes, said: Mapping[str, str]
) -> tuple[list[Mark], float]:
    """A stroke for each series, its label (``said``) where it ends; the widest label.

    The strokes have the names of the series as their groups, the labels "label "
    before it.
    """
    marks: list[Mark] = []
    ends = []
    for order, (name, points) in enumerate(series.items()):
        marks += strokes(name, points, look(order), axes)
        ends.append(end_of(name, said[name], points, look(order), axes))
    labels, widest = end_labels(ends, axes)
    return marks + labels, widest


def chart(
    series: Mapping[str, Points], axes: Axes, marks: list[Mark], title: str, below: str,
    beginning: str, theme: str, *, unit: str = "",
    called: Mapping[str, str] | None = None,
) -> Picture:  # fmt: skip
    """The picture of lines over steps; its words have ``beginning`` before them.

    The names are those of the series, unless ``called`` has others.
    """
    names = {name: name for name in series} if called is None else called
    said = {name: f"{names[name]} {last(series[name], unit)}" for name in series}
    lines, widest = lines_over_steps(series, axes, said)
    right, bottom = axes.left + axes.width, axes.top + axes.height
    width, height = right + 50.0 + widest, bottom + 46.0
    scene = sheet(title, below, [*marks, *lines], width, height)
    words = [told(names[name], points, unit) for name, points in series.items()]
    return Picture(scene, " ".join([beginning, *words]), theme)


def strokes(name: str, points: Points, look: Look, axes: Axes) -> list[Mark]:
    """The strokes between the gaps of a line; a point alone becomes a dot."""
    role, dash = look
    marks: list[Mark] = []
    for run in _runs(points):
        places = tuple(axes.at(x, y) for x, y in run)
        if len(run) == 1:
            marks.append(Circle(*places[0], 3.0, fill=role, group=name))
        else:
            marks.append(
                Line(
                    places, stroke=role, thickness=2.0, dash=dash, group=name,
                    title=name,
                )
            )  # fmt: skip
    return marks


def end_of(name: str, said: str, points: Points, look: Look, axes: Axes) -> End:
    """Where the last number of a line stands, or the top if it has none."""
    numbers = known(points)
    height = axes.at(axes.x_limits[0], numbers[-1])[1] if numbers else axes.top
    return End(height, said, *look, f"label {name}")


def known(points: Points) -> list[float]:
    """The numbers without the gaps."""
    return [y for _, y in points if not math.isnan(y)]


def last(points: Points, unit: str = "") -> str:
    """The last number as it is written behind the name of a line.

    >>> last([(0.0, 2.5), (1.0, math.nan)], " %"), last([])
    ('2.5 %', 'unknown')
    """
    numbers = known(points)
    return f"{short(numbers[-1])}{unit}" if numbers else "unknown"


def told(name: str, points: Points, unit: str = "") -> str:
    """A line in words.

    >>> told("loss", [(0.0, 2.0), (1.0, 0.5), (2.0, 1.0)])
    'loss goes from 2.0 to 1.0 (lowest 0.5, highest 2.0).'
    """
    numbers = known(points)
    if not numbers:
        return f"{name}: no number is known."
    first, final, low, high = (
        f"{short(number)}{unit}"
        for number in (numbers[0], numbers[-1], min(numbers), max(numbers))
    )
    return f"{name} goes from {first} to {final} (lowest {low}, highest {high})."


def _runs(points: Points) -> list[Points]:
    """The points between gaps."""
    runs: list[Points] = [[]]
    for x, y in points:
        if math.isnan(y):
            runs.append([])
        else:
            runs[-1].append((x, y))
    return [run for run in runs if run]
