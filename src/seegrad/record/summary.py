"""What is kept of an array that is too large to keep: its shape and how it is spread.

A tape of a long training would outgrow the memory if it held every number. Beyond the
sizes that `store` names, an array is replaced by the few numbers that one looks at
first: the extremes, the mean, the spread, and how many are zero or not finite.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

FIRST = 8  # numbers from the beginning that are kept as they were


@dataclass(frozen=True, slots=True)
class Summary:
    """The extremes, mean, spread and norm of the finite numbers of an array.

    ``zeros`` and ``nonfinite`` count numbers, ``first`` holds the first few of them.
    """

    shape: tuple[int, ...]
    dtype: str
    minimum: float
    maximum: float
    mean: float
    std: float
    norm: float
    zeros: int
    nonfinite: int
    first: tuple[float, ...]

    @property
    def size(self) -> int:
        """How many numbers there were."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """About what it takes in memory."""
        return 200


def summary(data: Any) -> Summary:
    """Summarise an array (or a float); a summary is returned as it is.

    >>> summary(np.array([3.0, -4.0, 0.0, np.inf])).norm
    5.0
    """
    if isinstance(data, Summary):
        return data
    array = np.asarray(data)
    with np.errstate(all="ignore"):
        numbers = array.astype(np.float64).ravel()
        finite = numbers[np.isfinite(numbers)]
        known = finite if finite.size else np.array([math.nan])
        return Summary(
            array.shape,
            str(array.dtype),
            float(known.min()),
            float(known.max()),
            float(known.mean()),
            float(known.std()),
            float(np.sqrt((finite * finite).sum())),
            int((numbers == 0.0).sum()),
            int(numbers.size - finite.size),
            tuple(numbers[:FIRST].tolist()),
        )
