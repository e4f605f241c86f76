"""Where a loss that had fallen rises again.

Single losses jump about, so medians of some steps are compared. A rise counts if more
than half of what was learned is lost at the end, or if the loss was far above its start
on the way, and if it is large beside what the medians do by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WINDOWS = 40  # in which the losses are put together
LEAST = 8  # windows that say something
FAR = 2.0  # times the first loss
CHANCE = 6.0  # times what neighbouring medians differ by


@dataclass(frozen=True)
class Leap:
    """From the ``best`` loss, at the place ``fell``, to ``worst``, beginning ``at``.

    ``end`` is the loss that it ended with, ``start`` the one that it began with.
    """

    at: int
    fell: int
    start: float
    best: float
    worst: float
    end: float


def leap(losses: Sequence[float], least: int) -> Leap | None:
    """The rise, if there is one; ``least`` losses are put together at least."""
    places = np.flatnonzero(np.isfinite(np.asarray(losses, float)))
    values = np.asarray(losses, float)[places]
    width = max(least, len(values) // WINDOWS)
    count = len(values) // width
    if count < LEAST:
        return None
    medians = np.median(values[: count * width].reshape(count, width), axis=1)
    start, low = float(medians[0]), int(np.argmin(medians))
    end = float(np.median(values[-2 * width :]))
    peak = int(np.argmax(medians))
    if medians[peak] > FAR * start > 0.0 and peak > 1:
        low = int(np.argmin(medians[:peak]))  # what it was before the worst
    best = float(medians[low])
    worst = float(medians[low:].max())
    chance = CHANCE * float(np.median(abs(np.diff(medians))))
    half = (start + best) / 2.0
    is_lost = end > half and start - best > chance and end - best > chance
    is_far = worst > FAR * start > 0.0 and worst - best > chance
    if not (is_lost or is_far) or start - best < 0.1 * abs(start):
        return None
    level = half if is_lost else start
    first = low + int(np.argmax(medians[low:] > level))
    begin = max(first - 1, 0) * width
    at = begin + int(np.argmax(values[begin:] > level))
    fell = int(places[low * width])
    return Leap(int(places[at]), fell, start, best, worst, end)
