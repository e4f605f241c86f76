"""Two half circles, one hooked into the other: the first test of a bent boundary.

No straight line separates them, yet a network of a few neurons does.
"""

from __future__ import annotations

import numpy as np

from seegrad.data.base import Labels, Points, amount, class_sizes, finished
from seegrad.random import whole_number


def moons(
    n: int = 200, noise: float = 0.1, seed: int | None = 0
) -> tuple[Points, Labels]:
    """`n` points on two half moons: x float32 (n, 2), y int64 (n,) of 0 and 1.

    Upper moon (cos t, sin t), lower moon (1 - cos t, 1/2 - sin t), 0 <= t <= pi, as in
    scikit-learn. `noise` is the standard deviation of a normal shift of each point.
    Raises ArgumentError when n < 2 or noise < 0.

    >>> x, y = moons(100, noise=0.1, seed=0)
    >>> x.shape, y.shape
    ((100, 2), (100,))
    """
    n = whole_number("n", n, least=2, where="moons")
    noise = amount("noise", noise, "moons")
    t, s = (np.linspace(0.0, np.pi, size) for size in class_sizes(n, 2))
    upper = np.stack([np.cos(t), np.sin(t)], axis=1)
    lower = np.stack([1.0 - np.cos(s), 0.5 - np.sin(s)], axis=1)
    return finished([upper, lower], noise, seed, "moons")
