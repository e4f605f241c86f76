"""The picture of a finding: the steps around its beginning, and the numbers then.

Above, lines by step, with a mark where it began; below, one bar for each layer, feature
or class at that very step. Bars of very different lengths are drawn by their powers of
ten, and say so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from seegrad.draw.axes import Axes, padded
from seegrad.draw.lettering import cut, width_of, wrap
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import DASHED, Circle, Line, Mark, Rectangle, Scene, Text
from seegrad.draw.ticks import log_ticks, nice_ticks, whole_ticks

LEFT, WIDTH, PANEL, MARGIN, LABEL = 68.0, 430.0, 150.0, 16.0, 11.0
BAR, ROW, MOST_BARS, NAME = 12.0, 20.0, 14, 150.0
BEFORE, AFTER, MOST_LINES = 20, 60, 6
WIDE = 100.0  # largest / smallest number from which powers of ten are drawn
DASHES: tuple[tuple[float, ...], ...] = ((), (6.0, 3.5), (1.5, 3.0))
BEGINNING = "negative"
LARGEST = 1e300  # of larger numbers, the margins of the axes would be infinite
Points = list[tuple[int, float]]
Lines = dict[str, Points]
Bars = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn; ``series`` are numbers at ``times``, ``moment`` those of one."""

    title: str
    evidence: str
    unit: str
    began: int
    times: list[int]
    series: dict[str, list[float]]
    moment: dict[str, float]
    moment_of: str


def picture(chart: Chart, theme: str = "auto") -> Picture:
    """Draw it: title, evidence, lines with the mark, and bars where there are any."""
    marks: list[Mark] = [
        Text(MARGIN, 26.0, chart.title, size=13.0, bold=True, fill="ink")
    ]
    y, widest = 45.0, width_of(chart.title, 13.0, bold=True) - LEFT - WIDTH
    for line in wrap(chart.evidence, LABEL, LEFT + WIDTH + 60.0):
        marks.append(Text(MARGIN, y, line, size=LABEL, fill="quiet", group="evidence"))
        y += 15.0
    lines = _around(chart)
    if lines:
        drawn, label = _panel(chart, lines, y + 24.0)
        marks, widest = marks + drawn, max(widest, label)
        y += PANEL + 70.0
    bars = [(n, v) for n, v in chart.moment.items() if abs(v) < LARGEST]
    if len(bars) > MOST_BARS:  # the first and the last ones
        bars = bars[: MOST_BARS // 2] + bars[-MOST_BARS // 2 :]
    if bars:
        marks += _bars(chart, bars, y + 14.0)
        y += 26.0 + ROW * len(bars)
    scene = Scene(
        round(LEFT + WIDTH + 40.0 + max(widest, 40.0), 1), y + 8.0, tuple(marks),
        chart.title,
    )  # fmt: skip
    return Picture(scene, _alt(chart, lines, bars), theme)


def _around(chart: Chart) -> Lines:
    """The points of each line near the beginning; where there is no number, NaN."""
    at = next((k for k, t in enumerate(chart.times) if t >= chart.began), 0)
    start, end = max(0, at - BEFORE), at + AFTER
    found: Lines = {}
    for name, values in list(chart.series.items())[:MOST_LINES]:
        pairs = list(zip(chart.times, values, strict=True))[start:end]
        points = [(t, v if abs(v) < LARGEST else math.nan) for t, v in pairs]
        if any(math.isfinite(v) for _, v in points):
            found[name] = points
    return found


def _known(points: Points) -> Points:
    return [(t, v) for t, v in points if math.isfinite(v)]


def _panel(chart: Chart, lines: Lines, top: float) -> tuple[list[Mark], float]:
    """The axes, the mark of the beginning, the lines and their labels."""
    times = [t for points in lines.values() for t, _ in points] + [chart.began]
    values = [v for points in lines.values() for _, v in _known(points)]
    first, last, low, high = min(times), max(times), min(values), max(values)
    log = low > 0.0 and high > WIDE * low
    limits = (low / 1.3, high * 1.3) if log else padded(low, high)
    if low >= 0.0 > limits[0]:
        limits = 0.0, limits[1]
    across = (float(first), float(last)) if last > first else (first - 0.5, first + 0.5)
    axes = Axes(LEFT, top, WIDTH, PANEL, across, limits, log)
    marks = axes.ticks(
        whole_ticks(first, last), log_ticks(*limits) if log else nice_ticks(*limits, 4),
        chart.unit, "",
    )  # fmt: skip
    if log:
        foot = top + PANEL + 33.0
        marks.append(Text(MARGIN, foot, "powers of ten", size=10.0, fill="quiet"))
    marks += _beginning(chart, axes)
    for order, (line, points) in enumerate(lines.items()):
        marks += _line(line, points, axes, order, chart.began)
    labels, widest = _labels(lines, axes)
    return marks + labels, widest


def _beginning(chart: Chart, axes: Axes) -> list[Mark]:
    """The mark where it began: a dashed stroke, with words above it."""
    x = axes.at(float(chart.began), axes.y_limits[1])[0]
    left = x < axes.left + axes.width / 2
    foot = axes.top + axes.height
    return [
        Line(
            ((x, axes.top - 4.0), (x, foot)), stroke=BEGINNING, thickness=1.5,
            dash=DASHED, group="beginning",
        ),
        Text(
            x if left else x + 4.0, axes.top - 9.0,
            f"it began at {chart.unit} {chart.began}", size=LABEL,
            anchor="start" if left else "end", fill="gradient", bold=True,
            group="beginning",
        ),
    ]  # fmt: skip


def _line(name: str, points: Points, axes: Axes, order: int, began: int) -> list[Mark]:
    """The strokes between gaps, and a dot where it began or a point stands alone."""
    role, dash = f"class{order}", DASHES[order % len(DASHES)]
    marks: list[Mark] = []
    run: Points = []
    for t, v in [*points, (0, math.nan)]:
        if math.isfinite(v):
            run.append((t, v))
            continue
        places = tuple(axes.at(float(t), v) for t, v in run)
        if len(run) > 1:
            marks.append(
                Line(
                    places, stroke=role, thickness=2.0, dash=dash, group=name,
                    title=name,
                )
            )  # fmt: skip
        marks += [
            Circle(
                *place, 4.0, fill=role, stroke="paper", group=f"{name} then",
                title=f"{name} {_told(v)}",
            )
            for (t, v), place in zip(run, places, strict=True)
            if t == began or len(run) == 1
        ]  # fmt: skip
        run = []
    return marks


def _labels(lines: Lines, axes: Axes) -> tuple[list[Mark], float]:
    """At the end of each line its name and last value, moved apart where they meet."""
    ends = sorted(
        (axes.at(*_known(points)[-1])[1], order, name, points[-1][1])
        for order, (name, points) in enumerate(lines.items())
    )
    marks: list[Mark] = []
    floor, widest = axes.top + 4.0, 0.0
    for place, (height, order, name, value) in enumerate(ends):
        below = (len(ends) - 1 - place) * 16.0
        y = max(min(height, axes.top + axes.height - below), floor)
        floor, x = y + 16.0, axes.left + axes.width + 8.0
        text = f"{cut(name, LABEL, NAME)} {_told(value)}"
        dash = DASHES[order % len(DASHES)]
        sample = ((x, y), (x + 20.0, y))
        marks += [
            Line(sample, stroke=f"class{order}", thickness=2.0, dash=dash),
            Text(
                x + 26.0, y + 4.0, text, size=LABEL, fill="ink", group=f"label {name}"
            ),
        ]
        widest = max(widest, width_of(text, LABEL))
    return marks, widest


def _bars(chart: Chart, bars: Bars, top: float) -> list[Mark]:
    """One bar for each number, from 0, or from a power of ten below the smallest."""
    sizes = [abs(v) for _, v in bars if v]
    log = min(v for _, v in bars) >= 0.0 and max(sizes, default=1.0) > WIDE * min(
        sizes, default=1.0
    )
    title = chart.moment_of
    marks: list[Mark] = [
        Text(
            MARGIN, top, f"{title} (powers of ten)" if log else title, size=LABEL,
            fill="ink", bold=True,
        )
    ]  # fmt: skip
    names = [cut(name, LABEL, NAME) for name, _ in bars]
    left = MARGIN + max(width_of(name, LABEL) for name in names) + 10.0
    axis = Axes(left, top, LEFT + WIDTH - left, 1.0, _reach(bars, log), (0.0, 1.0))
    for k, (name, (full, value)) in enumerate(zip(names, bars, strict=True)):
        y = top + 10.0 + k * ROW
        start, end = sorted(
            axis.at(_length(v, log, bars), 0.0)[0] for v in (0.0, value)
        )
        sign = "negative" if value < 0.0 else "positive"
        marks += [
            Text(left - 8.0, y + 10.0, name, size=LABEL, anchor="end", fill="quiet"),
            Rectangle(
                start, y, max(end - start, 1.0), BAR, fill=sign, group=f"bar {full}",
                title=f"{full}: {_told(value)}",
            ),
            Text(
                end + 6.0, y + 10.0, _told(value), size=LABEL, fill="ink",
                group="bar value",
            ),
        ]  # fmt: skip
    return marks


def _reach(bars: Bars, log: bool) -> tuple[float, float]:
    lengths = [0.0, *(_length(v, log, bars) for _, v in bars)]
    low, high = min(lengths), max(lengths)
    return low, high if high > low else low + 1.0


def _length(value: float, log: bool, bars: Bars) -> float:
    """How long a bar is: the number, or how many powers of ten above the floor."""
    if not log:
        return value
    floor = math.floor(math.log10(min(v for _, v in bars if v > 0.0))) - 0.5
    return math.log10(value) - floor if value > 0.0 else 0.0


def _alt(chart: Chart, lines: Lines, bars: Bars) -> str:
    """The picture in words, with its numbers."""
    words = [f"{chart.title}, since {chart.unit} {chart.began}: {chart.evidence}."]
    for name, points in lines.items():
        (first, start), (last, end) = points[0], points[-1]
        then = dict(points).get(chart.began, math.nan)
        inside = first < chart.began < last
        now = f", {_told(then)} at {chart.unit} {chart.began}" if inside else ""
        words.append(
            f"{name} goes from {_told(start)} at {chart.unit} {first} to {_told(end)} "
            f"at {chart.unit} {last}{now}."
        )
    if bars:
        listed = ", ".join(f"{name} {_told(value)}" for name, value in bars)
        words.append(f"{chart.moment_of}: {listed}.")
    return " ".join(words)


def _told(number: float) -> str:
    """A number in few digits; counts without a decimal point."""
    return short(number).removesuffix(".0")
