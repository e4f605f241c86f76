"""Medians, and ratios with the interval in which the middle half of the rounds lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median, quantiles
from typing import NamedTuple


class Ratio(NamedTuple):
    """How many times as long another engine takes, and the quartiles of that."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{figures(self.middle)} ({figures(self.low)} to {figures(self.high)})"


def ratio(others: Sequence[float], ours: Sequence[float]) -> Ratio:
    """The ratios of each round: their median, and their first and third quartile.

    >>> ratio([2.0, 4.0, 6.0], [1.0, 1.0, 1.0])
    Ratio(middle=4.0, low=3.0, high=5.0)
    """
    each = [other / own for other, own in zip(others, ours, strict=True)]
    if len(each) == 1:
        return Ratio(each[0], each[0], each[0])
    low, middle, high = quantiles(each, n=4, method="inclusive")
    return Ratio(middle, low, high)


def fastest(times: Mapping[str, Sequence[float]], among: Sequence[str]) -> str | None:
    """The engine with the smallest median, of those that were measured.

    >>> fastest({"a": [3.0], "b": [1.0], "c": [2.0]}, ["a", "c", "d"])
    'c'
    """
    measured = [name for name in among if times.get(name)]
    return min(measured, key=lambda name: median(times[name]), default=None)


def figures(number: float) -> str:
    """A ratio with two figures, or all of those before the point.

    >>> figures(3.0), figures(12.34), figures(0.456), figures(123.4)
    ('3.0', '12', '0.46', '123')
    """
    return f"{number:.0f}" if number >= 9.95 else f"{number:#.2g}"


def duration(seconds: float) -> str:
    """A time with three figures and its unit.

    >>> duration(1.234e-6), duration(0.04567), duration(12.3)
    ('1.23 µs', '45.7 ms', '12.3 s')
    """
    units = (("s", 1.0), ("ms", 1e-3))
    fitting = [each for each in units if seconds >= 0.9995 * each[1]]
    unit, size = fitting[0] if fitting else ("µs", 1e-6)
    number = seconds / size
    decimals = 0 if number >= 99.95 else 1 if number >= 9.995 else 2
    return f"{number:.{decimals}f} {unit}"
