"""The two factors of a product as its innermost loop reads them: packed, or in place.

The left one gives single numbers of a tile's rows, the right one vectors of a strip's
columns. A packed piece holds, for one k after the other, the neighbours that the loop
reads together. Packing also turns what lies along k, by transposing blocks in
registers, and computes what is expensive to read only once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from seegrad.compiler.products.product_block import Block, Place, Range, each_kind
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_plan import Plan
from seegrad.compiler.products.product_split import Pieces, Split
from seegrad.compiler.products.product_vectors import Vectors

ABREAST = 8  # rows of memory that a processor fetches ahead of a copy
Reader = Callable[[Any, int], Any]


class _Factor:
    """A factor in pieces, whose copies lie one behind the other, ``room`` numbers each.

    Its neighbours are cut into the pieces of ``split`` in units of ``unit``; the last
    ``missing`` of them do not exist. In a copy, ``stride`` numbers belong to each k.
    """

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

        if self.operand.contiguous == "inner":
            loops.loop(*pieces, lambda number: self._turned(pieces, block, number))
        elif together == 1:
            rows(0, block.depth)
        else:  # go along the rows of memory for a while
            loops.loop(0, block.depth, several, step=ABREAST)

    def _straight(
        self, pieces: Range, block: Block, part: Range, kind: Pieces, number: Any
    ) -> None:
        """Copy a piece whose neighbours lie side by side, for a part of all k.

        Whole vectors are stored: what stands behind the last number is overwritten.
        """
        v, b, lanes = self.vectors, self.vectors.loops.builder, self.vectors.lanes
        place = self._place(pieces, number)
        first = v.times(self.split.start(v.loops, number), self.unit)
        size = kind.size * self.unit - kind.missing

        def copy(k: Any) -> None:
            source, row = b.add(block.begin, k), v.times(k, self.stride)
            for n in range(0, size, lanes):
                valid = min(lanes, size - n)
                value = self.operand.vector(source, v.plus(first, n), lanes, valid)
                v.store(value, place, v.plus(row, n))

        v.loops.loop(*part, copy)

    def _turned(self, pieces: Range, block: Block, number: Any) -> None:
        """Copy a piece that lies along k, a block of lanes by lanes at a time.

        The vectors of neighbours come the last one first: only its end is overwritten.
        The last block of k begins early enough to be whole.
        """
        v, loops, lanes = self.vectors, self.vectors.loops, self.vectors.lanes
        b, depth, place = loops.builder, block.depth, self._place(pieces, number)
        first, end = (v.times(n, self.unit) for n in self.split.ends(loops, number))
        vectors = v.plus(b.sub(end, first), lanes - 1)
        vectors = b.udiv(vectors, loops.count(lanes))
        whole = not isinstance(depth, int) or depth >= lanes
        valid = lanes if whole else depth
        last = b.sub(loops.count(depth), loops.count(lanes))

        def vector(n: Any) -> None:
            n = v.times(v.plus(b.sub(vectors, n), -1), lanes)
            to, near = v.address(place, n), b.add(first, n)

            def turn(k: Any) -> None:
                k = loops.smaller(k, last) if whole else k
                rows = self._rows(b.add(block.begin, k), near, valid)
                for lane, column in enumerate(v.transpose(rows)[:valid]):
                    v.store(column, to, v.times(v.plus(k, lane), self.stride))

            loops.loop(0, depth, turn, step=lanes)

        loops.loop(0, vectors, vector)

    def _rows(self, k: Any, near: Any, valid: int) -> list[Any]:
        """As many neighbours as there are lanes, each read along k.

        Those that do not exist are read as the last one that does: whatever is packed
        for them is never looked at.
        """
        v, lanes = self.vectors, self.vectors.lanes
        at = [v.plus(near, lane) for lane in range(lanes)]
        if self.missing or self.unit != lanes:
            last = self.split.total * self.unit - self.missing - 1
            at = [v.loops.smaller(one, last) for one in at]
        return [self.operand.along_inner(k, one, lanes, valid) for one in at]

    def _place(self, pieces: Range, number: Any) -> Any:
        v, b = self.vectors, self.vectors.loops.builder
        return v.address(self.scratch, v.times(b.sub(number, pieces[0]), self.room))


class Right(_Factor):
    """The right factor, in strips of a few vectors."""

    def __init__(
        self, vectors: Vectors, plan: Plan, operand: Operand, scratch: Any
    ) -> None:
        super().__init__(vectors, plan, operand, scratch)
        self.split, self.unit, self.missing = plan.columns, plan.lanes, plan.missing
        self.stride, self.room = plan.strip, plan.strip * plan.inner.size

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

        def read(k: Any, column: int) -> Any:
            edge = place.wide.missing if column == place.wide.size - 1 else 0
            at = v.loops.builder.add(block.begin, k)
            j = v.plus(place.column, column * lanes)
            return self.operand.vector(at, j, lanes, lanes - edge)

        return read


class Left(_Factor):
    """The left factor, in tiles of a few rows; the last row may be one too many."""

    def __init__(
        self, vectors: Vectors, plan: Plan, operand: Operand, scratch: Any
    ) -> None:
        super().__init__(vectors, plan, operand, scratch)
        self.split = plan.rows
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
        readers = [self.operand.start(row) for row in rows]
        return lambda k, row: readers[row](v.loops.builder.add(block.begin, k))
