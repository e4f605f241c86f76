"""Learning rates over the steps of training, before a single step has been taken.

A schedule is a function of the number of steps, so it can be drawn beforehand. Several
get a panel each, on the same scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from seegrad.draw.axes import Axes, padded
from seegrad.draw.grid import columns_for, places
from seegrad.draw.heading import panel_name, sheet
from seegrad.draw.lettering import cut, wrap
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Circle, Line, Mark, Text
from seegrad.draw.simplify import thinned
from seegrad.draw.ticks import nice_ticks, whole_ticks
from seegrad.errors import ArgumentError, InputTypeError
from seegrad.optim.schedule import Schedule
from seegrad.random import whole_number

WHERE = "draw.schedule"
LEFT, TOP = 56.0, 102.0
Rates = dict[str, list[float]]


def schedule(
    schedules: Schedule | Iterable[Schedule] | Mapping[str, Schedule],
    *,
    steps: int = 100,
    title: str = "Learning rate",
    theme: str = "auto",
) -> Picture:
    """Draw the learning rate that schedules give for each of ``steps`` steps.

    One schedule, several, or a dict of them by name; they may belong to different
    optimizers, and none of them takes a step. Raises InputTypeError for anything else.

    >>> from seegrad import nn, optim
    >>> sgd = optim.SGD([nn.Parameter(1.0)], lr=0.5)
    >>> schedule(optim.StepLR(sgd, 10, gamma=0.5), steps=30).scene.texts("numbers")
    ['first 0.5 · last 0.125']
    """
    named = _named(schedules)
    count = whole_number("steps", steps, least=2, where=WHERE)
    rates = {name: [float(s.at(i)) for i in range(count)] for name, s in named.items()}
    lowest = min(map(min, rates.values()))
    low, high = padded(min(0.0, lowest), max(map(max, rates.values())), 0.08)
    low = 0.0 if lowest >= 0.0 else low
    alone = len(rates) == 1
    size = (440.0, 180.0) if alone else (176.0, 96.0)
    columns = columns_for(len(rates))
    step = (size[0] + 48.0, size[1] + 94.0)
    corners = places(len(rates), columns, LEFT, TOP, step)
    marks: list[Mark] = []
    for (name, values), (left, top) in zip(rates.items(), corners, strict=True):
        axes = Axes(left, top, *size, (0.0, count - 1.0), (low, high), name=name)
        marks += _panel(axes, name, named[name], values)
    width = LEFT + columns * step[0] - 22.0
    below = "over the number of steps taken, which counts from 0"
    scene = sheet(title, below, marks, width, corners[-1][1] + size[1] + 46.0)
    return Picture(scene, _alt(title, rates, count), theme)


def _named(schedules: Any) -> dict[str, Schedule]:
    """The schedules by name: that of the class, and a number if there are more."""
    if isinstance(schedules, Schedule):
        schedules = [schedules]
    if isinstance(schedules, Mapping):
        found = {str(name): each for name, each in schedules.items()}
    else:
        found = {}
        for each in schedules if isinstance(schedules, Iterable) else [schedules]:
            name, number = type(each).__name__, 2
            while name in found:
                name, number = f"{type(each).__name__} {number}", number + 1
            found[name] = each
    for each in found.values():
        if not isinstance(each, Schedule):
            raise InputTypeError(
                f"a {type(each).__name__} is not a schedule of a learning rate",
                where=WHERE,
                hint="optim.StepLR(optimizer, 10), or a list of schedules",
            )
    if not found:
        raise ArgumentError("there is no schedule to draw", where=WHERE)
    return found


def _panel(axes: Axes, name: str, made: Schedule, rates: list[float]) -> list[Mark]:
    settings = repr(made).partition("(")[2].removesuffix(")")
    lines = wrap(settings, 9.0, axes.width)
    base = axes.top - 8.0 - 12.0 * len(lines)
    title = cut(name, 11.0, axes.width, bold=True)
    marks: list[Mark] = [panel_name(title, axes.left, base - 2.0)]
    for line in lines:
        base += 12.0
        marks.append(
            Text(axes.left, base, line, size=9.0, fill="quiet", group="settings")
        )
    last = len(rates) - 1
    marks += axes.ticks(whole_ticks(0, last, 5), nice_ticks(*axes.y_limits, 4), "", "")
    points = thinned([axes.at(float(i), rate) for i, rate in enumerate(rates)])
    marks.append(Line(tuple(points), stroke="data", thickness=2.0, group=name))
    marks += [Circle(*point, 3.0, fill="data") for point in (points[0], points[-1])]
    said = f"first {short(rates[0])} · last {short(rates[-1])}"
    base = axes.top + axes.height + 31.0
    marks.append(Text(axes.left, base, said, size=9.5, fill="data", group="numbers"))
    return marks


def _alt(title: str, rates: Rates, steps: int) -> str:
    sentences = [f"{title} over {steps} steps."]
    for name, values in rates.items():
        most = max(values)
        sentences.append(
            f"{name} begins at {short(values[0])}, is highest at step "
            f"{values.index(most)} with {short(most)}, and ends at "
            f"{short(values[-1])}."
        )
    return " ".join(sentences)
