"""Training reads the data in small portions, in a fresh order on every pass.

A portion is enough to see which way is down, and the changing order keeps the network
from learning the order itself. The order is a pure function of the seed and the number
of the pass, so a run that was interrupted goes on with the very rows it would have met.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

from seegrad.data.base import Array, as_rows, same_length
from seegrad.errors import ArgumentError
from seegrad.random import derive, key_from, permutation, whole_number

Batch = TypeVar("Batch")


class Batches(Generic[Batch]):
    """Batches of the same rows, in a fresh order on each pass. Made by `batches`.

    `passes` counts the passes begun; set it to go on from there. ``len()`` is the
    number of batches in one pass.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        size: int = 32,
        seed: int | None = 0,
        shuffle: bool = True,
        drop_last: bool = False,
    ) -> None:
        self.x = as_rows("x", x, "batches")
        self.y = None if y is None else as_rows("y", y, "batches")
        if self.y is not None:
            same_length(self.x, self.y, "batches")
        self.size = whole_number("size", size, least=1, where="batches")
        self.seed = key_from(seed, where="batches")
        self.shuffle, self.drop_last = bool(shuffle), bool(drop_last)
        self._passes = 0
        if self.drop_last and len(self.x) < self.size:
            raise ArgumentError(
                f"drop_last=True drops the only batch: {len(self.x)} rows are fewer "
                f"than size={self.size}",
                where="batches",
                hint=f"drop_last=False, or size={len(self.x)} or less",
            )

    @property
    def passes(self) -> int:
        """How many passes have begun; the next one is the pass of this number."""
        return self._passes

    @passes.setter
    def passes(self, number: int) -> None:
        self._passes = whole_number("passes", number, where="batches")

    def order(self, number: int) -> NDArray[np.int64]:
        """The order in which pass `number` (from 0) meets the rows, int64 (rows,)."""
        number = whole_number("number", number, where="Batches.order")
        if not self.shuffle:
            return np.arange(len(self.x), dtype=np.int64)
        return permutation(derive("batches", self.seed, number), len(self.x))

    def __len__(self) -> int:
        full, rest = divmod(len(self.x), self.size)
        return full + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Batch]:
        # Counted here rather than at the first batch: two loops begun at once differ.
        order = self.order(self._passes)
        self._passes += 1
        return self._walk(order)

    def _walk(self, order: NDArray[np.int64]) -> Iterator[Batch]:
        for start in range(0, len(self) * self.size, self.size):
            rows = order[start : start + self.size]
            xb = self.x[rows]
            yield cast(Batch, xb if self.y is None else (xb, self.y[rows]))

    def __repr__(self) -> str:
        return f"Batches({len(self.x)} rows in {len(self)} batches of {self.size})"


@overload
def batches(
    x: Any,
    y: None = None,
    size: int = 32,
    seed: int | None = 0,
    shuffle: bool = True,
    drop_last: bool = False,
) -> Batches[Array]: ...
@overload
def batches(
    x: Any,
    y: Any,
    size: int = 32,
    seed: int | None = 0,
    shuffle: bool = True,
    drop_last: bool = False,
) -> Batches[tuple[Array, Array]]: ...
def batches(
    x: Any,
    y: Any = None,
    size: int = 32,
    seed: int | None = 0,
    shuffle: bool = True,
    drop_last: bool = False,
) -> Batches[Any]:
    """Portions of `size` rows: yields (xb, yb), or xb alone when there is no y.

    Every loop over the result is one pass in a fresh order, given by `seed` and the
    number of the pass. The last, smaller batch is kept unless `drop_last`. Batches are
    copies of NumPy arrays. Raises DataError for empty data or unequal lengths,
    ArgumentError for a bad size.

    >>> [len(xb) for xb, yb in batches(np.zeros((10, 2)), np.zeros(10), size=4)]
    [4, 4, 2]
    """
    return Batches(x, y, size, seed, shuffle, drop_last)
