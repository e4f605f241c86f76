"""The innermost loop of a matrix product, and the shape of the tile it fills.

A tile of outputs stays in registers while k runs over the whole inner size: a few
vectors of the right factor meet one number after the other of the left. The shape
decides how many multiplications each load feeds, and how much of the edge is wasted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from seegrad.compiler.products.product_split import Split
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.registers.loops import Count

BUSY = 8  # sums in flight: a multiply-add takes 4 cycles, and 2 begin in each
UNEVEN = 1.03  # two widths are twice the code: so much must be gained by it
FRICTION = 0.7  # cycles lost for each k: small tiles lose more of them
OVERHEAD = 12.0  # cycles a tile costs besides its multiplications


@dataclass(frozen=True)
class Tile:
    """So many rows by so many vectors of outputs, summed in registers."""

    rows: int
    width: int

    def cycles(self, inner: int) -> float:
        """About how long a tile takes: two sums and two loads in each cycle."""
        sums, loads = self.rows * self.width, self.rows + self.width
        return inner * (max(sums, loads, BUSY) / 2 + FRICTION) + OVERHEAD + sums


def fitting(registers: int) -> list[Tile]:
    """The tiles whose sums, right vectors and one left number fit in the registers.

    Where there is one row, each right vector is used once, and two are enough.
    """
    return [
        Tile(rows, width)
        for width in (1, 2, 3, 4, 6, 8, 12, 16)
        for rows in range(1, registers)
        if rows * width + (width if rows > 1 else 2) < registers
    ]


def best_tile(registers: int, rows: int, vectors: int, inner: int) -> Tile:
    """The tile that covers rows × vectors of outputs in the fewest cycles.

    >>> best_tile(32, 512, 32, 512)
    Tile(rows=14, width=2)
    """

    def cycles(tile: Tile) -> float:
        tall, wide = Split.at_most(tile.rows, rows), Split.at_most(tile.width, vectors)
        kinds = wide.kinds()
        total = tall.parts * sum(
            (kind.stop - kind.first) * Tile(tall.size, kind.size).cycles(inner)
            for kind in kinds
        )
        return total * (1.0 if len(kinds) == 1 else UNEVEN)

    best = min(fitting(registers), key=cycles)
    return Tile(
        Split.at_most(best.rows, rows).size, Split.at_most(best.width, vectors).size
    )


def accumulate(
    vectors: Vectors,
    tile: Tile,
    depth: Count,
    left: Callable[[Any, int], Any],
    right: Callable[[Any, int], Any],
    sums: Sequence[Any] | None = None,
    fetch: Callable[[Any], None] | None = None,
) -> list[Any]:
    """The sums, row by row, after adding ``left(k, row) * right(k, column)`` for all k.

    ``left`` gives numbers, ``right`` vectors. ``fetch(row)`` is called for one row
    after another while k runs, if it runs long enough.
    """

    def step(k: Any, *now: Any) -> list[Any]:
        columns = [right(k, column) for column in range(tile.width)]
        out = []
        for row in range(tile.rows):
            number = vectors.broadcast(left(k, row))
            for column, old in zip(columns, now[row * tile.width :], strict=False):
                out.append(vectors.multiply_add(number, column, old))
        return out

    start = sums or [vectors.zero] * (tile.rows * tile.width)
    if fetch is None or depth < tile.rows:
        return vectors.loops.loop(0, depth, step, carried=start)
    b, count = vectors.loops.builder, vectors.loops.count
    every = 1 << ((depth // tile.rows).bit_length() - 1)

    def fetching(k: Any, *now: Any) -> list[Any]:
        its_turn = b.icmp_unsigned("==", b.and_(k, count(every - 1)), count(0))
        exists = b.icmp_unsigned("<", k, count(every * tile.rows))
        with vectors.loops.when(b.and_(its_turn, exists)):
            fetch(b.udiv(k, count(every)))
        return step(k, *now)

    return vectors.loops.loop(0, depth, fetching, carried=start)
