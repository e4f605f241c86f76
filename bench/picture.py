"""The times as a picture: a row for each workload, a mark for each engine.

The axis is logarithmic, so equal distances are equal ratios. Every engine has a form of
its own as well as a colour, and every mark says its number when pointed at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from bench.engines import OURS, TITLES
from bench.harness.statistics import duration, fastest, figures, ratio
from bench.tables import OTHERS, Results, engines_of, floors, thread_words, times_of
from bench.workloads import WORKLOADS
from seegrad.draw.legend import legend
from seegrad.draw.markers import marker
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Line, Mark, Scene, Text
from seegrad.draw.ticks import log_ticks

WIDTH, LEFT, RIGHT, TOP, ROW = 920.0, 262.0, 690.0, 92.0, 38.0
NEAR, LANES = 10.0, (0.0, -10.0, 10.0)  # marks that would touch stand in other lanes


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a time stands, and which time stands at a place."""

    low: float
    high: float

    def at(self, seconds: float) -> float:
        """The place of a time.

        >>> Scale(1e-6, 1e-4).at(1e-5) == (LEFT + RIGHT) / 2
        True
        """
        share = math.log(seconds / self.low) / math.log(self.high / self.low)
        return LEFT + share * (RIGHT - LEFT)

    def read(self, place: float) -> float:
        """The time that stands at a place."""
        share = (place - LEFT) / (RIGHT - LEFT)
        return self.low * (self.high / self.low) ** share


def picture(results: Results, workloads: Sequence[str], threads: str) -> Picture:
    """The medians of all engines on these workloads, with so many threads."""
    shown = [name for name in workloads if times_of(results, name, threads)]
    engines = engines_of(results, shown)
    scale = scale_of(results, shown, threads)
    title = f"Time of one training step, {thread_words(threads)}"
    marks: list[Mark] = [
        Text(20.0, 30.0, title, size=15.0, bold=True, fill="ink"),
    ]
    entries = [(kind(name, 0.0, 0.0), TITLES[name]) for name in engines]
    floor = Line(((0.0, -7.0), (0.0, 7.0)), stroke="neutral", thickness=2.0)
    marks += legend([*entries, (floor, "the machine's floor")], 20.0, 52.0, WIDTH - 40)[
        0
    ]
    bottom = TOP + ROW * len(shown)
    marks += axis(scale, bottom)
    for i, workload in enumerate(shown):
        y = TOP + (i + 0.5) * ROW
        marks += row(results, workload, threads, scale, y)
    scene = Scene(WIDTH, bottom + 44.0, tuple(marks), title)
    return Picture(scene, words(results, shown, threads))


def scale_of(results: Results, workloads: Sequence[str], threads: str) -> Scale:
    """From a little under the smallest number to a little over the largest."""
    numbers = [
        median(seconds)
        for name in workloads
        for seconds in times_of(results, name, threads).values()
    ]
    least = (floors(results, name, threads) for name in workloads)
    numbers += [max(pair) for pair in least if pair]
    return Scale(min(numbers, default=1e-6) / 1.3, max(numbers, default=1.0) * 1.3)


def kind(engine: str, x: float, y: float, title: str = "", group: str = "") -> Mark:
    """The mark of an engine: each has its own form."""
    return replace(marker(list(TITLES).index(engine), x, y, title), group=group)


def axis(scale: Scale, bottom: float) -> list[Mark]:
    """A quiet line and a round time at each power of ten."""
    marks: list[Mark] = []
    for seconds in log_ticks(scale.low, scale.high):
        x = scale.at(seconds)
        marks.append(Line(((x, TOP - 4.0), (x, bottom)), stroke="grid"))
        marks.append(
            Text(
                x, bottom + 18.0, round_time(seconds), size=10.0, anchor="middle",
                fill="quiet", group="tick",
            )
        )  # fmt: skip
    middle = (LEFT + RIGHT) / 2
    name = "time of one step (each line ten times the one before)"
    marks.append(
        Text(middle, bottom + 35.0, name, size=10.0, anchor="middle", fill="quiet")
    )
    return marks


def round_time(seconds: float) -> str:
    """A round time without decimals.

    >>> round_time(1e-5), round_time(2e-3)
    ('10 µs', '2 ms')
    """
    number, unit = duration(seconds).split()
    return f"{float(number):g} {unit}"


def row(
    results: Results, workload: str, threads: str, scale: Scale, y: float
) -> list[Mark]:
    """The name of a workload, its floor, the marks of its engines, and the ratio."""
    marks: list[Mark] = [
        Text(LEFT - 14.0, y + 4.0, label(workload), anchor="end", fill="ink"),
        Line(((LEFT, y), (RIGHT, y)), stroke="grid"),
    ]
    least = floors(results, workload, threads)
    if least:
        x = scale.at(max(least))
        said = f"floor of {label(workload)}: {duration(max(least))}"
        marks.append(
            Line(
                ((x, y - 8.0), (x, y + 8.0)), stroke="neutral", thickness=2.0,
                title=said, group=f"{workload} floor",
            )
        )  # fmt: skip
    times = times_of(results, workload, threads)
    marks += engine_marks(workload, times, scale, y)
    verdict = compared(times)
    if verdict:
        marks.append(
            Text(RIGHT + 18.0, y + 4.0, verdict, fill="ink", group=f"{workload} ratio")
        )
    return marks


def engine_marks(
    workload: str, times: dict[str, list[float]], scale: Scale, y: float
) -> list[Mark]:
    """The marks of all engines, the quickest first, none upon another."""
    marks: list[Mark] = []
    ends = [-math.inf] * len(LANES)
    for engine in sorted(times, key=lambda name: median(times[name])):
        seconds = median(times[engine])
        x = scale.at(seconds)
        free = [lane for lane, end in enumerate(ends) if x - end >= NEAR]
        lane = free[0] if free else ends.index(min(ends))
        ends[lane] = x
        said = f"{TITLES[engine]}: {duration(seconds)}"
        group = f"{workload} {engine}"
        marks.append(kind(engine, x, y + LANES[lane], said, group))
    return marks


def label(workload: str) -> str:
    """The title of a workload without its commas' worth of detail."""
    return WORKLOADS[workload].title.replace(" on 28 x 28", "")


def compared(times: dict[str, list[float]]) -> str:
    """How much quicker ours is than the best other engine; empty where one lacks."""
    own, other = fastest(times, OURS), fastest(times, OTHERS)
    if own is None or other is None:
        return ""
    quicker = figures(ratio(times[other], times[own]).middle)
    return f"{quicker}× as fast as {TITLES[other]}"


def words(results: Results, workloads: Sequence[str], threads: str) -> str:
    """The picture in sentences, with every number in it."""
    what = f"Median times of one training step with {thread_words(threads)}"
    sentences = [f"{what}, on a logarithmic axis."]
    for workload in workloads:
        times = times_of(results, workload, threads)
        order = sorted(times, key=lambda name: median(times[name]))
        each = [f"{TITLES[name]} {duration(median(times[name]))}" for name in order]
        least: Any = floors(results, workload, threads)
        floor = [f"floor {duration(max(least))}"] if least else []
        sentences.append(f"{label(workload)}: {', '.join(each + floor)}.")
    return " ".join(sentences)
