"""Arms wound round each other: hard for a small network, easy for a wider one.

A line from the middle outwards crosses the boundary again and again, so the network has
to fold the plane several times.
"""

from __future__ import annotations

import numpy as np

from seegrad.data.base import (
    Array,
    Labels,
    Points,
    amount,
    class_sizes,
    finished,
)
from seegrad.random import whole_number


def spirals(
    n: int = 200,
    noise: float = 0.03,
    seed: int | None = 0,
    *,
    classes: int = 2,
    turns: float = 1.25,
) -> tuple[Points, Labels]:
    """`n` points on spiral arms, one arm a class: x float32 (n, 2), y int64 (n,).

    Arm k runs from radius 0.1 to 1, at radius r at the angle
    2 pi (turns r + k / classes). `noise` is the standard deviation of a normal shift.
    Raises ArgumentError when classes < 2, n < classes, noise < 0 or turns < 0.

    >>> x, y = spirals(99, classes=3)
    >>> np.bincount(y)
    array([33, 33, 33])
    """
    classes = whole_number("classes", classes, least=2, where="spirals")
    n = whole_number("n", n, least=classes, where="spirals")
    noise = amount("noise", noise, "spirals")
    turns = amount("turns", turns, "spirals")
    arms = [
        _arm(size, turns, k / classes) for k, size in enumerate(class_sizes(n, classes))
    ]
    return finished(arms, noise, seed, "spirals")


def _arm(size: int, turns: float, start: float) -> Array:
    """One arm of `size` points, (size, 2), that begins `start` of a turn round."""
    radius = np.linspace(0.1, 1.0, size)
    angle = 2.0 * np.pi * (turns * radius + start)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
