"""The two factors of a product as its innermost loop reads them: packed, or in place.

The left one gives single numbers of a tile's rows, the right one vectors of a strip's
columns.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from seegrad.compiler.products.packing import (
    Strip,
    lies_along_inner,
    pack_straight,
    pack_turned,
    read_vector,
)
from seegrad.compiler.products.product_block import Block, Place, Range, each_kind
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_plan import Plan
from seegrad.compiler.products.product_split import Pieces, Split
from seegrad.compiler.products.product_vectors import Vectors

ABREAST = 8  # rows of memory that a processor fetches ahead of a copy
Reader = Callable[[Any, int], Any]


class _Factor:
    """A factor in pieces, whose copies lie one behind the other, ``room`` numbers each.

    ``across`` reads it as a right factor, whose columns are cut into the pieces of
    ``split`` in units of ``unit``; the last ``missing`` columns do not exist. In a
    copy, ``stride`` numbers belong to each k.
    """

    across: Operand
    split: Split
    unit = 1
    missing = 0
    stride: int
    room: int

    def __init__(
        self, vectors: Vectors, plan: Plan, operand: Operand, scratch: Any
    ) -> None:
        self.vectors, self.plan, self.operand = vectors, plan, operand
        self.scratch = scratch

    def _pack(self, pieces: Range, block: Block, together: int) -> None:
        """Copy pieces; ``together`` are as many as there may be."""
        v, loops = self.vectors, self.vectors.loops

        def rows(k: Any, end: Any) -> None:
            kinds = self.split.kinds(self.missing)
            straight = partial(self._straight, pieces, block, (k, end))
            each_kind(v, kinds, pieces, straight)

        def several(k: Any) -> None:
            rows(k, loops.smaller(v.plus(k, ABREAST), block.depth))

        if lies_along_inner(self.across):
            loops.loop(*pieces, lambda number: self._turned(pieces, block, number))
        elif together == 1:
            rows(0, block.depth)
        else:  # go along the rows of memory for a while
            loops.loop(0, block.depth, several, step=ABREAST)

    def _straight(
        self, pieces: Range, block: Block, part: Range, kind: Pieces, number: Any
    ) -> None:
        """Copy a piece whose neighbours lie side by side, for a part of all k."""
        v, place = self.vectors, self._place(pieces, number)
        first = v.times(self.split.start(v.loops, number), self.unit)
        size = kind.size * self.unit - kind.missing
        strip = Strip(place, self.stride, first, size, size, size, block.begin)
        pack_straight(v, self.across, strip, *part)

    def _turned(self, pieces: Range, block: Block, number: Any) -> None:
        """Vector by vector, the last one first: only its end is overwritten."""
        v, b, lanes = self.vectors, self.vectors.loops.builder, self.vectors.lanes
        first, end = (v.times(n, self.unit) for n in self.split.ends(v.loops, number))
        total = self.split.total * self.unit - self.missing
        sure = lanes if self.unit == lanes and not self.missing else 0
        place = self._place(pieces, number)
        vectors = v.plus(b.sub(end, first), lanes - 1)
        vectors = b.udiv(vectors, v.loops.count(lanes))

        def vector(n: Any) -> None:
            n = v.times(v.plus(b.sub(vectors, n), -1), lanes)
            at, near = v.address(place, n), b.add(first, n)
            strip = Strip(at, self.stride, near, lanes, sure, total, block.begin)
            pack_turned(v, self.across, strip, block.depth)

        v.loops.loop(0, vectors, vector)

    def _place(self, pieces: Range, number: Any) -> Any:
        v, b = self.vectors, self.vectors.loops.builder
        return v.address(self.scratch, v.times(b.sub(number, pieces[0]), self.room))


class Right(_Factor):
    """The right factor, in strips of a few vectors."""

    def __init__(
        self, vectors: Vectors, plan: Plan, operand: Operand, scratch: Any
    ) -> None:
        super().__init__(vectors, plan, operand, scratch)
        self.across, self.split, self.unit = operand, plan.columns, plan.lanes
        self.missing, self.stride = plan.missing, plan.strip
        self.room = plan.strip * plan.inner.size

    def pack(self, block: Block) -> None:
        """Pack the strips of a block."""
        self._pack(block.strips, block, self.plan.block_columns)

    def reader(self, block: Block, place: Place) -> Reader:
        """How to read vector ``column`` of a strip at k."""
        plan, v, lanes = self.plan, self.vectors, self.plan.lanes
        if plan.packs_right:
            strip = self._place(block.strips, place.strip)
            return lambda k, column: v.load(
                strip, v.plus(v.times(k, plan.strip), column * lanes)
            )

        if self.operand.start is not None:
            begins = [v.plus(place.column, n * lanes) for n in range(place.wide.size)]
            readers = [self.operand.start(begin) for begin in begins]
            return lambda k, column: readers[column](
                v.loops.builder.add(block.begin, k)
            )

        def read(k: Any, column: int) -> Any:
            edge = place.wide.missing if column == place.wide.size - 1 else 0
            at = v.loops.builder.add(block.begin, k)
            j = v.plus(place.column, column * lanes)
            return read_vector(v, self.operand, at, j, lanes - edge)

        return read


class Left(_Factor):
    """The left factor, in tiles of a few rows; the last row may be one too many."""

    def __init__(
        self, vectors: Vectors, plan: Plan, operand: Operand, scratch: Any
    ) -> None:
        super().__init__(vectors, plan, operand, scratch)
        self.across, self.split = operand.swapped(), plan.rows
        self.stride, self.room = plan.tile.rows, plan.left_strip

    def pack(self, block: Block) -> None:
        """Pack the tiles of a block."""
        self._pack(block.tiles, block, self.plan.block_rows)

    def reader(self, block: Block, place: Place) -> Reader:
        """How to read the number of a tile's ``row`` at k."""
        plan, v = self.plan, self.vectors
        if plan.packs_left:
            strip = self._place(block.tiles, place.tile)
            return lambda k, row: v.load_number(
                strip, v.plus(v.times(k, plan.tile.rows), row)
            )
        rows = [v.plus(place.row, row) for row in range(plan.tile.rows)]
        for row in range(plan.rows.sure, plan.tile.rows):
            rows[row] = v.loops.smaller(rows[row], plan.rows.total - 1)
        start = self.operand.start or (lambda i: partial(self.operand.scalar, i))
        readers = [start(row) for row in rows]
        return lambda k, row: readers[row](v.loops.builder.add(block.begin, k))
