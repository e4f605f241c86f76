"""How numbers are written in pictures: short, aligned, and readable back.

Four significant digits are enough to recompute a step by hand. The minus is the real
one, as long as the plus is wide; a negative zero is a zero.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def short(number: float) -> str:
    """A number with four significant digits.

    >>> short(0.70710678), short(-6.0), short(-0.0), short(12345.678), short(1.2e-7)
    ('0.7071', '−6.0', '0.0', '12346', '1.2e−7')
    """
    number = float(number)
    if not math.isfinite(number):
        return f"{number}".replace("-", "−")
    size = abs(number)
    if size == 0.0:
        return "0.0"
    if size < 9.9995e-4 or size >= 999999.5:
        mantissa, exponent = f"{number:.3e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    decimals = max(0, 3 - math.floor(math.log10(float(f"{size:.3e}"))))
    text = f"{number:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0")
        text += "0" if text.endswith(".") else ""
    return text.replace("-", "−")


def fixed(number: float) -> str:
    """A number as `short` writes it, but with three digits: for crowded places.

    >>> fixed(0.70710678), fixed(-0.0004), fixed(123.456)
    ('0.707', '−4e−4', '123')
    """
    number = float(number)
    if not math.isfinite(number) or number == 0.0:
        return short(number)
    text = short(float(f"{number:.2e}"))
    return text.removesuffix(".0") if abs(number) >= 100 else text


def bracketed(number: float) -> str:
    """A number as it stands in a sum or a product: brackets around a minus.

    >>> bracketed(-0.5), bracketed(2.0)
    ('(−0.5)', '2.0')
    """
    return f"({short(number)})" if number < 0 else short(number)


def read(text: str) -> float:
    """The number that `short` or `fixed` wrote.

    >>> read("−1.2e−7")
    -1.2e-07
    """
    return float(text.replace("−", "-"))


def summary(data: Any) -> str:
    """A few numbers in full, or many as their mean and range.

    >>> summary(0.5), summary(np.array([1.0, -2.0]))
    ('0.5', '1.0, −2.0')
    >>> summary(np.arange(100.0))
    '0.0 … 99.0'
    """
    array = np.asarray(data)
    if array.size == 0:
        return "empty"
    if array.dtype == bool:
        return f"{int(array.sum())} of {array.size} true"
    if array.size <= 2:
        return ", ".join(short(x) for x in array.ravel().tolist())
    low, high = float(array.min()), float(array.max())
    if low == high or (math.isnan(low) and math.isnan(high)):
        return f"all {short(low)}" if low == high else "holds nan"
    return f"{short(low)} … {short(high)}"


def signed(data: Any) -> float:
    """+1 or -1 if all numbers (but zeros) have that sign, else 0.

    >>> signed(-3.0), signed(np.array([0.0, 2.0])), signed(np.array([-1.0, 2.0]))
    (-1.0, 1.0, 0.0)
    """
    array = np.asarray(data, dtype=float)
    above, below = bool((array > 0).any()), bool((array < 0).any())
    return float(above) - float(below)
