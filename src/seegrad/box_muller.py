"""Normal numbers from uniform ones, with the same bits on every machine.

IEEE 754 says how ``+ - * / sqrt`` are rounded, but nothing of ``log`` and ``cos``, so
both are written out here in those five. The text is spoken by NumPy and, when a step is
compiled, by the registers of the machine.
"""

from __future__ import annotations

import math
from typing import Any

LOG_TERMS = [2.0 / k for k in range(1, 25, 2)]
SINE_TERMS = [(-1) ** (k // 2) / math.factorial(k) for k in range(1, 25, 2)]


def box_muller(xp: Any, u: Any, v: Any) -> Any:
    """sqrt(-2 log u) cos(2 pi v): normal where u and v are uniform over 0..1.

    From Box and Muller (1958). u is never 0, where the logarithm has no value.
    """
    return xp.sqrt(-2.0 * log(xp, u)) * cosine_of_turns(v)


def log(xp: Any, u: Any) -> Any:
    """The natural logarithm: log(m 2**e) = log(m) + e log(2), with m near 1.

    log(m) = 2 (s + s**3/3 + s**5/5 + ...) where s = (m - 1) / (m + 1).
    """
    mantissa, exponent = xp.frexp(u)
    low = mantissa < math.sqrt(0.5)
    mantissa = xp.where(low, 2.0 * mantissa, mantissa)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    return odd_series(s, LOG_TERMS) + (exponent - low) * math.log(2.0)


def cosine_of_turns(v: Any) -> Any:
    """cos(2 pi v) for v in 0..1, folded to a sine between -pi/2 and pi/2."""
    return odd_series(2.0 * math.pi * (abs(v - 0.5) - 0.25), SINE_TERMS)


def odd_series(x: Any, terms: list[float]) -> Any:
    """terms[0] x + terms[1] x**3 + terms[2] x**5 + ..., by Horner's rule."""
    square = x * x
    total = square * terms[-1]
    for term in reversed(terms[1:-1]):
        total += term
        total *= square
    return (total + terms[0]) * x
