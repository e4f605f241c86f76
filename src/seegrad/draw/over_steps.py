"""Lines over the recorded steps, with a gap where the tape did not keep a number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from seegrad.draw.axes import Axes
from seegrad.draw.end_labels import End, end_labels
from seegrad.draw.looks import look
from seegrad.draw.scene import Circle, Line, Mark

Points = list[tuple[float, float]]  # step and number, nan for a gap


def step_limits(steps: Iterable[int]) -> tuple[float, float]:
    """The limits of an axis of step numbers, never empty.

    >>> step_limits([0, 4, 9]), step_limits([3])
    ((0.0, 9.0), (2.5, 3.5))
    """
    numbers = list(steps)
    low, high = float(min(numbers)), float(max(numbers))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def lines_over_steps(
    series: Mapping[str, Points], axes: Axes, said: Mapping[str, str]
) -> tuple[list[Mark], float]:
    """A stroke for each series, its label (``said``) where it ends; the widest label.

    A point between two gaps is a dot. The strokes have the names of the series as
    their groups, the labels "label " before it.
    """
    marks: list[Mark] = []
    ends = []
    for order, (name, points) in enumerate(series.items()):
        role, dash = look(order)
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
        known = [y for _, y in points if not math.isnan(y)]
        height = axes.at(axes.x_limits[0], known[-1])[1] if known else axes.top
        ends.append(End(height, said[name], role, dash, f"label {name}"))
    labels, widest = end_labels(ends, axes)
    return marks + labels, widest


def _runs(points: Points) -> list[Points]:
    """The points between gaps."""
    runs: list[Points] = [[]]
    for x, y in points:
        if math.isnan(y):
            runs.append([])
        else:
            runs[-1].append((x, y))
    return [run for run in runs if run]
