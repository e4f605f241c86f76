"""Exclusive or in the plane: the problem that one layer can never solve.

A point belongs to class 1 when exactly one of its two numbers is positive. No straight
line tells the classes apart (Minsky and Papert, 1969); one hidden layer does.
"""

from __future__ import annotations

import numpy as np

from seegrad.data.base import Array, Labels, Points, amount, class_sizes, finished
from seegrad.random import derive, key_from, uniform, whole_number


def xor(
    n: int = 200, noise: float = 0.05, seed: int | None = 0
) -> tuple[Points, Labels]:
    """`n` points in a square: x float32 (n, 2), y int64 (n,), 1 where signs differ.

    The points fill the square from -1 to 1 evenly, as many in each quarter; `noise` is
    the standard deviation of a normal shift made after the labels are set, so that a
    few points cross over. Raises ArgumentError when n < 2 or noise < 0.

    >>> x, y = xor(100, noise=0.0)
    >>> bool(((x[:, 0] * x[:, 1] < 0) == (y == 1)).all())
    True
    """
    n = whole_number("n", n, least=2, where="xor")
    noise = amount("noise", noise, "xor")
    key = key_from(seed, where="xor")
    same, different = (
        _quarters(size, derive("xor quarter", key, label), (1.0, -1.0)[label])
        for label, size in enumerate(class_sizes(n, 2))
    )
    return finished([same, different], noise, key, "xor")


def _quarters(size: int, key: int, product: float) -> Array:
    """Points, (size, 2), in the two quarters where the signs multiply to `product`."""
    # 1 - uniform lies above 0, so that every point has a sign.
    distance = 1.0 - uniform(key, (size, 2), np.float64)
    side = np.where(np.arange(size) % 2 == 0, 1.0, -1.0)
    out: Array = distance * np.stack([side, product * side], axis=1)
    return out
