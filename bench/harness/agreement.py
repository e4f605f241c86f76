"""Do all engines compute the same? Their losses are compared, so nobody skips work."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median


def deviations(losses: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """For each engine its largest distance from the median loss, relative to that.

    >>> deviations({"a": [1.0, 2.0], "b": [1.0, 2.0], "c": [1.0, 2.5]})
    {'a': 0.0, 'b': 0.0, 'c': 0.25}
    """
    middles = [median(column) for column in zip(*losses.values(), strict=True)]
    return {name: max(map(deviation, found, middles)) for name, found in losses.items()}


def deviation(found: float, middle: float) -> float:
    """|found - middle| / |middle|; infinity for what is no number."""
    if not math.isfinite(found) or not math.isfinite(middle):
        return math.inf
    return abs(found - middle) / max(abs(middle), 1e-30)
