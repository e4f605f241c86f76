"""Which part of a product is being written: names for a block, and a tile in it.

The counts in both are LLVM values, except where the cut is known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seegrad.compiler.products.product_split import Pieces
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.registers.loops import Count, Loops

Range = tuple[Any, Any]


@dataclass(frozen=True)
class Block:
    """Some strips of columns by some tiles of rows, for ``depth`` k from ``begin`` on.

    ``number`` counts the depths; those of one block come one after the other.
    """

    strips: Range
    tiles: Range
    number: Any
    begin: Any
    depth: Count


@dataclass(frozen=True)
class Place:
    """One tile: which strip and tile it is, and its first row and column."""

    wide: Pieces
    strip: Any
    tile: Any
    row: Any
    column: Any


def each_kind(
    vectors: Vectors,
    kinds: list[Pieces],
    limits: Range,
    body: Callable[[Pieces, Any], None],
) -> None:
    """The pieces within the limits, with code of their own for every kind."""
    loops: Loops = vectors.loops
    for kind in kinds:
        begin = vectors.larger(limits[0], kind.first)
        end = loops.smaller(limits[1], kind.stop)
        loops.loop(begin, end, lambda number, kind=kind: body(kind, number))
