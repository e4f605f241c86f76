"""A pair of axes: a frame on the sheet, and where a pair of numbers stands in it.

Ticks are round numbers, the grid stays quiet, and what lies outside is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from seegrad.draw.lettering import width_of
from seegrad.draw.numbers import short
from seegrad.draw.scene import Line, Mark, Point, Text

TICK_SIZE, NAME_SIZE = 10.0, 11.0


@dataclass(frozen=True, slots=True)
class Axes:
    """The frame (left, top, width, height) and the limits of x and y."""

    left: float
    top: float
    width: float
    height: float
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    log: bool = False  # the y axis counts powers of ten
    name: str = ""  # of the panel; its ticks are in the groups "name x tick", ...

    def at(self, x: float, y: float) -> Point:
        """Where (x, y) stands on the sheet.

        >>> Axes(10.0, 0.0, 100.0, 50.0, (0.0, 1.0), (0.0, 1.0)).at(0.5, 1.0)
        (60.0, 0.0)
        """
        (x0, x1), (y0, y1) = self.x_limits, self.y_limits
        if self.log:
            y, y0, y1 = math.log10(y), math.log10(y0), math.log10(y1)
        across = (x - x0) / (x1 - x0)
        up = (y - y0) / (y1 - y0)
        return self.left + across * self.width, self.top + (1.0 - up) * self.height

    def ticks(
        self, xs: Sequence[float], ys: Sequence[float], x_name: str, y_name: str
    ) -> list[Mark]:
        """The grid, the numbers along both axes, and the names of the axes."""
        marks: list[Mark] = []
        panel = f"{self.name} " if self.name else ""
        right, bottom = self.left + self.width, self.top + self.height
        widest = 0.0
        for y in ys:
            height = self.at(self.x_limits[0], y)[1]
            line = ((self.left, height), (right, height))
            words = short(y).removesuffix(".0") if self.log else tick_text(y, ys)
            widest = max(widest, width_of(words, TICK_SIZE))
            marks += [
                Line(line, stroke="grid"),
                Text(
                    self.left - 7.0, height + 3.6, words, size=TICK_SIZE,
                    anchor="end", fill="quiet", group=f"{panel}y tick",
                ),
            ]  # fmt: skip
        for x in xs[:: self._every(xs)]:
            place = self.at(x, self.y_limits[1])[0]
            marks += [
                Line(((place, bottom), (place, bottom + 4.0)), stroke="neutral"),
                Text(
                    place, bottom + 16.0, tick_text(x, xs), size=TICK_SIZE,
                    anchor="middle", fill="quiet", group=f"{panel}x tick",
                ),
            ]  # fmt: skip
        marks.append(Line(((self.left, bottom), (right, bottom)), stroke="neutral"))
        middle = self.left + self.width / 2
        if x_name:
            marks.append(
                Text(
                    middle, bottom + 33.0, x_name, size=NAME_SIZE, anchor="middle",
                    fill="quiet",
                )
            )  # fmt: skip
        if y_name:
            beside = max(self.left - max(40.0, widest + 13.0), 11.0)
            marks.append(
                Text(
                    beside, self.top + self.height / 2, y_name, size=NAME_SIZE,
                    anchor="middle", fill="quiet", turned=True,
                )
            )  # fmt: skip
        return marks

    def _every(self, xs: Sequence[float]) -> int:
        """How many ticks of x to go on by, so that their numbers do not touch."""
        if len(xs) < 2:
            return 1
        widest = max(width_of(tick_text(x, xs), TICK_SIZE) for x in xs)
        low, high = self.x_limits
        apart = (xs[1] - xs[0]) / (high - low) * self.width
        return math.ceil((widest + 6.0) / apart)


def tick_text(tick: float, ticks: Sequence[float]) -> str:
    """A tick as short as it can be, with as many decimals as its neighbours.

    >>> [tick_text(t, [0.0, 0.5, 1.0]) for t in (0.0, 0.5)], tick_text(20.0, [20.0])
    (['0.0', '0.5'], '20')
    """
    sizes = [abs(t) for t in ticks if t]
    if not sizes or not 1e-3 <= min(sizes) <= max(sizes) < 1e5:
        return short(tick).removesuffix(".0")
    texts = [f"{t:.10f}".rstrip("0") for t in ticks]
    decimals = max(len(text.split(".")[1]) for text in texts)
    return f"{tick + 0.0:.{decimals}f}".replace("-", "−")


def padded(low: float, high: float, share: float = 0.06) -> tuple[float, float]:
    """Limits a little wider than the numbers, and never empty.

    >>> padded(0.0, 1.0, 0.5), padded(3.0, 3.0)
    ((-0.5, 1.5), (2.5, 3.5))
    """
    if high - low < 1e-300:  # the steps between ticks would be zeros
        half = abs(low) / 6 or 0.5
        return low - half, low + half
    room = (high - low) * share
    return low - room, high + room
