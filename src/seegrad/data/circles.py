"""A small circle inside a large one: what decides is the distance from the middle.

A network has to bend its boundary all the way round.
"""

from __future__ import annotations

import numpy as np

from seegrad.data.base import Array, Labels, Points, amount, class_sizes, finished
from seegrad.errors import ArgumentError
from seegrad.random import whole_number


def circles(
    n: int = 200, noise: float = 0.1, seed: int | None = 0, *, factor: float = 0.5
) -> tuple[Points, Labels]:
    """`n` points on two circles: x float32 (n, 2), y int64 (n,), 1 on the inner one.

    Outer circle (cos t, sin t), 0 <= t < 2 pi; the inner one is `factor` times as large
    (0 <= factor < 1), as in scikit-learn. `noise` is the standard deviation of a normal
    shift. Raises ArgumentError when n < 2, noise < 0 or factor is outside its range.

    >>> x, y = circles(100, noise=0.05, seed=0)
    >>> x.shape, y.shape
    ((100, 2), (100,))
    """
    n = whole_number("n", n, least=2, where="circles")
    noise = amount("noise", noise, "circles")
    factor = amount("factor", factor, "circles")
    if factor >= 1.0:
        raise ArgumentError(
            f"factor must be below 1, not {factor}: the second circle lies inside",
            where="circles",
            hint="factor=0.5",
        )
    outer, inner = (_circle(size) for size in class_sizes(n, 2))
    return finished([outer, factor * inner], noise, seed, "circles")


def _circle(size: int) -> Array:
    """`size` points at equal steps round the unit circle, (size, 2)."""
    t = np.linspace(0.0, 2.0 * np.pi, size, endpoint=False)
    return np.stack([np.cos(t), np.sin(t)], axis=1)
