"""Round clouds of points, one cloud a class: the easiest dataset there is.

Straight lines separate the clouds until `spread` makes them overlap, so it shows what a
single layer can do, and what no network can.
"""

from __future__ import annotations

import numpy as np

from seegrad.data.base import Labels, Points, amount, class_sizes, finished
from seegrad.random import whole_number


def blobs(
    n: int = 200, *, classes: int = 3, spread: float = 0.4, seed: int | None = 0
) -> tuple[Points, Labels]:
    """`n` points in normal clouds: x float32 (n, 2), y int64 (n,) of 0 to classes - 1.

    Cloud k is centred on a circle of radius 2 at the angle 2 pi k / classes; `spread`
    is the standard deviation of a cloud along each axis. Raises ArgumentError when
    classes < 2, n < classes or spread < 0.

    >>> x, y = blobs(90, classes=3)
    >>> np.bincount(y)
    array([30, 30, 30])
    """
    classes = whole_number("classes", classes, least=2, where="blobs")
    n = whole_number("n", n, least=classes, where="blobs")
    spread = amount("spread", spread, "blobs")
    angles = 2.0 * np.pi * np.arange(classes) / classes
    centres = 2.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    clouds = [
        np.tile(centre, (size, 1))
        for centre, size in zip(centres, class_sizes(n, classes), strict=True)
    ]
    return finished(clouds, spread, seed, "blobs")
