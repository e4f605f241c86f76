"""Two moons, 2-16-16-1, 100 points: so small that only overhead is measured.

The points are made here and not by `seegrad.data`, because the other engines' processes
must not hold seegrad.
"""

from __future__ import annotations

import numpy as np

from bench.workloads._perceptron import perceptron
from bench.workloads.base import Array


def source(batch: int) -> tuple[Array, Array]:
    """Points of the upper and the lower moon in turn, with labels 0 and 1."""
    random = np.random.default_rng(1)
    y = np.arange(batch) % 2
    t = random.uniform(0.0, np.pi, batch)
    upper, lower = (np.cos(t), np.sin(t)), (1.0 - np.cos(t), 0.5 - np.sin(t))
    x = np.where(y[:, None] == 0, np.stack(upper, 1), np.stack(lower, 1))
    return (x + random.normal(0.0, 0.1, x.shape)).astype(np.float32), y


WORKLOADS = [perceptron("moons", [2, 16, 16, 1], 100, source)]
