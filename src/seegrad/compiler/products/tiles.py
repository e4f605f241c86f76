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
from seegrad.compiler.products.product_target import Target
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.registers.loops import Count

BUSY = 8  # sums that must be in flight: a multiply-add takes 4 cycles, 2 begin in each
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
        return inner * (max(sums, loads) / 2 + FRICTION) + OVERHEAD + sums


def fitting(registers: int) -> list[Tile]:
    """The tiles whose sums, right vectors and one left number fit in the registers."""
    return [
        Tile(rows, width)
        for width in (1, 2, 3, 4, 6, 8, 12)
        for rows in range(1, registers)
        if rows * width + width < registers
    ]


def best_tile(target: Target, rows: int, vectors: int, inner: int) -> Tile:
    """The tile that covers rows × vectors of outputs in the fewest cycles.

    >>> best_tile(Target(64, 32), 512, 32, 512)
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

    best = min(fitting(target.registers), key=cycles)
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
) -> list[Any]:
    """The sums, row by row, after adding ``left(k, row) * right(k, column)`` for all k.

    ``left`` gives numbers, ``right`` vectors. Small tiles add several k side by side,
    so that no addition waits for the one before it.
    """
    count = tile.rows * tile.width
    start = list(sums or [vectors.zero] * count)

    def step(k: Any, now: Sequence[Any]) -> list[Any]:
        columns = [right(k, column) for column in range(tile.width)]
        out = []
        for row in range(tile.rows):
            number = vectors.broadcast(left(k, row))
            for column, old in zip(columns, now[row * tile.width :], strict=False):
                out.append(vectors.multiply_add(number, column, old))
        return out

    chains = -(-BUSY // count) if isinstance(depth, int) else 1
    if chains == 1:
        return vectors.loops.loop(0, depth, lambda k, *now: step(k, now), carried=start)
    return _side_by_side(vectors, depth, step, start, chains)


def _side_by_side(
    vectors: Vectors,
    depth: int,
    step: Callable[[Any, Sequence[Any]], list[Any]],
    start: list[Any],
    chains: int,
) -> list[Any]:
    """As many independent sums as there are ``chains``, added up at the end."""
    loops, builder = vectors.loops, vectors.loops.builder
    size = len(start)
    whole = depth - depth % chains

    def several(k: Any, *now: Any) -> list[Any]:
        out = []
        for chain in range(chains):
            ours = now[chain * size : (chain + 1) * size]
            out += step(builder.add(k, loops.count(chain)), ours)
        return out

    carried = start + [vectors.zero] * (size * (chains - 1))
    now = loops.loop(0, whole, several, step=chains, carried=carried)
    parts = [now[chain * size : (chain + 1) * size] for chain in range(chains)]
    for k in range(whole, depth):
        parts[k - whole] = step(loops.count(k), parts[k - whole])
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        added = [[builder.fadd(*two) for two in zip(*p, strict=True)] for p in pairs]
        parts = added + parts[len(parts) - len(parts) % 2 :]
    return parts[0]
