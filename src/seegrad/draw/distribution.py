"""How numbers are spread, step by step: a histogram for each step, seen from above.

Steps go across and values up; where many numbers lie, the map is strong. A line follows
their mean. A step of which the tape kept only a summary shows its range as a stroke.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes, padded
from seegrad.draw.grid import columns_for, places
from seegrad.draw.heading import panel_name, sheet
from seegrad.draw.inputs import Floats
from seegrad.draw.lettering import cut
from seegrad.draw.numbers import short
from seegrad.draw.over_steps import count_of
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Image, Line, Mark, Point, Text
from seegrad.draw.taped import MOST_STEPS, is_summary, some, whole
from seegrad.draw.ticks import log_ticks, nice_ticks, whole_ticks
from seegrad.errors import DataError

LEFT, TOP, WIDTH, HEIGHT = 62.0, 92.0, 196.0, 120.0
STEP = (WIDTH + 66.0, HEIGHT + 86.0)
DARKEST, LOWEST = 0.9, 1e-6  # the strongest cell; how far a log axis goes down
MOST_PANELS, LARGEST = 12, 1e150  # the squares of larger numbers are not finite
Records = Mapping[str, Sequence[tuple[int, Any]]]  # by name: step and what it holds


@dataclass(frozen=True, slots=True)
class Spread:
    """The numbers of one step: all of them, or their summary.

    ``size`` is their root mean square, ``low`` and ``high`` their extremes.
    """

    numbers: Floats | None
    low: float
    high: float
    mean: float
    size: float
    zeros: float  # the share of them that is exactly zero


Spreads = dict[int, Spread]  # by step


def distribution(
    records: Records, *, log: bool, bins: int, title: str, below: str, what: str,
    where: str, theme: str,
) -> Picture:  # fmt: skip
    """A panel for each record, with the histogram of each of its steps.

    With ``log`` the sizes of the numbers are counted, on an axis of powers of ten that
    all panels share. Raises DataError if there is no number at all.
    """
    spreads = {
        name: found
        for name, record in some(list(records.items()), MOST_PANELS)
        if (found := _spreads(record))
    }
    if not spreads:
        finite = "finite " if records else ""
        raise DataError(
            f"there is nothing to draw: the tape holds no {finite}{what}",
            where=where,
            hint="sg.doctor(tape), which names the first number that was not finite"
            if records
            else "record a step that computes them",
        )
    columns = columns_for(len(spreads))
    corners = places(len(spreads), columns, LEFT, TOP, STEP)
    limits = {name: _limits(found.values(), log) for name, found in spreads.items()}
    if log:  # where a panel lies low, its numbers are small
        limits = dict.fromkeys(limits, _shared(limits, spreads))
    marks: list[Mark] = []
    for (name, found), (left, top) in zip(spreads.items(), corners, strict=True):
        marks += _panel(name, found, (left, top), limits[name], log, bins)
    if len(records) > MOST_PANELS:
        below += f"; {MOST_PANELS} of {len(records)}, from first to last"
    if any(s.numbers is None for found in spreads.values() for s in found.values()):
        known = "from the root mean square up" if log else "range, mean ± deviation"
        below += f"; strokes: only a summary was kept ({known})"
    width = LEFT + columns * STEP[0] - 46.0
    height = corners[-1][1] + HEIGHT + 56.0
    scene = sheet(title, below, marks, width, height)
    told = [_told(name, found, log) for name, found in spreads.items()]
    return Picture(scene, f"{title}. {' '.join(told)}", theme)


def _spreads(record: Sequence[tuple[int, Any]]) -> Spreads:
    """The numbers of each step, without those that are not finite or too large."""
    found: Spreads = {}
    for step, value in record:
        if is_summary(value):
            size = value.norm / math.sqrt(max(value.size - value.nonfinite, 1))
            spread = Spread(
                None, value.minimum, value.maximum, value.mean, size,
                value.zeros / max(value.size, 1),
            )  # fmt: skip
            if max(abs(spread.low), abs(spread.high)) < LARGEST:
                found[step] = spread
            continue
        numbers = whole(value)
        if numbers is None:
            continue
        numbers = numbers[np.abs(numbers) < LARGEST]
        if numbers.size:
            found[step] = Spread(
                numbers, float(numbers.min()), float(numbers.max()),
                float(numbers.mean()), float(np.sqrt((numbers**2).mean())),
                float((numbers == 0.0).mean()),
            )  # fmt: skip
    return found


def _panel(
    name: str, found: Spreads, corner: Point, limits: tuple[float, float],
    log: bool, bins: int,
) -> list[Mark]:  # fmt: skip
    (left, top), steps = corner, sorted(found)
    first, last = steps[0], steps[-1]
    count = min(MOST_STEPS, last - first + 1)
    half = (last - first) / (count - 1) / 2 if count > 1 else 0.5
    across = (first - half, last + half)
    axes = Axes(left, top, WIDTH, HEIGHT, across, limits, log, name)
    # A column is as wide as a step; of a long tape it shows the step nearest to it.
    chosen = [
        min(steps, key=lambda step, at=at: abs(step - at))  # type: ignore[misc]
        for at in np.linspace(first, last, count).tolist()
    ]
    marks: list[Mark] = [
        panel_name(cut(name, 11.0, WIDTH, bold=True, tail=True), left, top - 10.0)
    ]
    marks += axes.ticks(
        whole_ticks(first, last, 5),
        log_ticks(*limits) if log else nice_ticks(*limits, 4), "", "",
    )  # fmt: skip
    marks.append(_map(name, [found[step] for step in chosen], axes, bins))
    marks += _ranges(name, found, sorted(set(chosen)), axes)
    marks += _middle(name, found, steps, axes)
    base = top + HEIGHT + 32.0
    facts = _facts(found[first], found[last], log)
    marks.append(Text(left, base, facts, size=9.5, fill="quiet", group=f"facts {name}"))
    return marks


def _limits(spreads: Collection[Spread], log: bool) -> tuple[float, float]:
    if not log:
        return padded(min(s.low for s in spreads), max(s.high for s in spreads), 0.02)
    high = max(max(abs(s.low), abs(s.high)) for s in spreads) or 1.0
    sizes = [np.abs(s.numbers) for s in spreads if s.numbers is not None]
    above = [a[a > high * LOWEST] for a in sizes]
    found = [float(np.quantile(a, 0.01)) for a in above if a.size]
    low = min([*found, high / 100.0, *(s.size for s in spreads if s.size > 0.0)])
    return low / 1.2, high * 1.2


def _shared(
    limits: Mapping[str, tuple[float, float]], spreads: Mapping[str, Spreads]
) -> tuple[float, float]:
    """Limits that hold those of all panels, but for panels of nothing but zeros."""
    alive = [
        limits[name]
        for name, found in spreads.items()
        if any(spread.size for spread in found.values())
    ] or list(limits.values())
    lows, highs = zip(*alive, strict=True)
    return min(lows), max(highs)


def _map(name: str, spreads: list[Spread], axes: Axes, bins: int) -> Image:
    """The share of each bin (from the top) in each step; its root is the strength."""
    low, high = axes.y_limits
    reach = (math.log10(low), math.log10(high)) if axes.log else (low, high)
    table = np.zeros((bins, len(spreads)))
    for column, spread in enumerate(spreads):
        if spread.numbers is None:
            continue
        numbers = spread.numbers
        if axes.log:
            numbers = np.log10(np.clip(np.abs(numbers[numbers != 0.0]), low, high))
        counts, _ = np.histogram(numbers, bins, reach)
        table[:, column] = counts[::-1] / spread.numbers.size
    strength = DARKEST * np.sqrt(table / (table.max() or 1.0))
    which = ((0,) * len(spreads),) * bins
    return Image(
        axes.left, axes.top, axes.width, axes.height, ("positive",), which,
        tuple(map(tuple, np.round(strength, 3).tolist())), smooth=False,
        group=f"map {name}", title=f"largest share of a cell {short(table.max())}",
    )  # fmt: skip


def _ranges(name: str, found: Spreads, chosen: list[int], axes: Axes) -> list[Mark]:
    """The range and the deviation, where only a summary was kept."""
    marks: list[Mark] = []
    for step in chosen:
        spread = found[step]
        if spread.numbers is not None:
            continue
        said = f"step {step}: from {short(spread.low)} to {short(spread.high)}"
        for group, low, high, thickness in _strokes(spread, axes.log):
            if low >= axes.y_limits[0]:
                ends = (axes.at(step, low), axes.at(step, high))
                marks.append(
                    Line(
                        ends, stroke="positive", thickness=thickness, opacity=0.6,
                        group=f"{group} {name}", title=said,
                    )
                )  # fmt: skip
    return marks


def _strokes(spread: Spread, log: bool) -> list[tuple[str, float, float, float]]:
    """What is drawn of a summary: group, from, to, thickness."""
    if log:
        return [("range", spread.size, max(abs(spread.low), abs(spread.high)), 1.4)]
    deviation = math.sqrt(max(spread.size**2 - spread.mean**2, 0.0))
    return [
        ("range", spread.low, spread.high, 0.8),
        ("deviation", spread.mean - deviation, spread.mean + deviation, 2.6),
    ]


def _middle(name: str, found: Spreads, steps: list[int], axes: Axes) -> list[Mark]:
    """A line through the means, or the root mean squares."""
    points = [
        axes.at(step, found[step].size if axes.log else found[step].mean)
        for step in steps
        if not axes.log or found[step].size > axes.y_limits[0]
    ]
    if not points:
        return []
    if len(points) == 1:
        y = points[0][1]
        points = [(axes.left, y), (axes.left + axes.width, y)]
    return [
        Line(tuple(points), stroke="paper", thickness=3.6, opacity=0.7),
        Line(tuple(points), stroke="ink", thickness=1.5, group=f"mean {name}"),
    ]


def _facts(first: Spread, last: Spread, log: bool) -> str:
    if log:
        zeros = f", {100 * last.zeros:.0f} % zeros" if last.zeros else ""
        return f"size {short(first.size)} → {short(last.size)}{zeros}"
    return f"mean {short(first.mean)} → {short(last.mean)}"


def _told(name: str, found: Spreads, log: bool) -> str:
    steps = sorted(found)
    first, last = found[steps[0]], found[steps[-1]]
    whole_steps = sum(spread.numbers is not None for spread in found.values())
    kept = ""
    if whole_steps < len(steps):
        kept = f", {whole_steps} of them with all numbers"
    zeros = f" At last {100 * last.zeros:.0f} % are zero." if last.zeros else ""
    middle = _facts(first, last, log).partition(",")[0].replace("→", "to")
    return (
        f"{name}, {count_of(steps)}{kept}: {middle}, at last from "
        f"{short(last.low)} to {short(last.high)}.{zeros}"
    )
