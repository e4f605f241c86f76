"""Round numbers for an axis: steps of 1, 2 or 5 times a power of ten."""

from __future__ import annotations

import math


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About ``count`` round numbers that lie between low and high.

    >>> nice_ticks(0.0, 1.0), nice_ticks(-3.2, 7.9)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [-2.0, 0.0, 2.0, 4.0, 6.0])
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low]
    rough = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * min((1, 2, 5, 10), key=lambda n: abs(math.log(n * power / rough)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return [round(i * step, digits) + 0.0 for i in range(first, last + 1)]


def whole_ticks(low: int, high: int, count: int = 6) -> list[float]:
    """Round whole numbers, for an axis that counts.

    >>> whole_ticks(1, 3), whole_ticks(1, 100)
    ([1.0, 2.0, 3.0], [20.0, 40.0, 60.0, 80.0, 100.0])
    """
    if high - low <= count:
        return [float(n) for n in range(low, high + 1)]
    return [tick for tick in nice_ticks(low, high, count) if tick == int(tick)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten from low to high; if there are few, also 2 and 5 times those.

    >>> log_ticks(0.05, 20.0)
    [0.1, 1.0, 10.0]
    >>> log_ticks(0.3, 2.5)
    [0.5, 1.0, 2.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for digits in ((1,), (1, 2, 5), (1, 2, 3, 4, 5, 6, 8)):
        found = [
            float(f"{digit}e{power}")
            for power in range(first, last + 1)
            for digit in digits
            if low <= float(f"{digit}e{power}") <= high
        ]
        if len(found) >= 3:
            return found[:: math.ceil(len(found) / 8)]
    return nice_ticks(low, high, 3)
