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
from seegrad.compiler.products.product_split import Pieces
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.registers.loops import Count

ABREAST = 8  # rows of memory that a processor fetches ahead of a copy
Reader = Callable[[Any, int], Any]


class Right:
    """The right factor, in strips of a few vectors."""

    def __init__(
        self, vectors: Vectors, plan: Plan, operand: Operand, scratch: Any
    ) -> None:
        self.vectors, self.plan, self.operand = vectors, plan, operand
        self.scratch = scratch

    def pack(self, block: Block) -> None:
        """Pack the strips of a block."""
        plan, v = self.plan, self.vectors
        if lies_along_inner(self.operand):
            v.loops.loop(*block.strips, lambda number: self._turned(block, number))
            return
        kinds = plan.columns.kinds(plan.missing)
        several(
            v,
            block.depth,
            plan.block_columns,
            lambda part: each_kind(
                v, kinds, block.strips, partial(self._straight, block, part)
            ),
        )

    def _straight(self, block: Block, part: Range, wide: Pieces, number: Any) -> None:
        plan, v = self.plan, self.vectors
        first = v.times(plan.columns.start(v.loops, number), plan.lanes)
        size = wide.size * plan.lanes - wide.missing
        place = self._strip(block, number)
        strip = Strip(place, plan.strip, first, size, size, size, block.begin)
        pack_straight(v, self.operand, strip, *part)

    def _turned(self, block: Block, number: Any) -> None:
        """Vector by vector, so that one piece of code turns them all."""
        plan, v, lanes = self.plan, self.vectors, self.plan.lanes
        total = plan.columns.total * lanes - plan.missing
        sure = 0 if plan.missing else lanes
        start, end = plan.columns.ends(v.loops, number)
        place = self._strip(block, number)

        def one(n: Any) -> None:
            first = v.times(v.loops.builder.add(start, n), lanes)
            at = v.address(place, v.times(n, lanes))
            strip = Strip(at, plan.strip, first, lanes, sure, total, block.begin)
            pack_turned(v, self.operand, strip, block.depth)

        v.loops.loop(0, v.loops.builder.sub(end, start), one)

    def _strip(self, block: Block, number: Any) -> Any:
        v, b = self.vectors, self.vectors.loops.builder
        number = b.sub(number, block.strips[0])
        size = self.plan.strip * self.plan.inner.size
        return v.address(self.scratch, v.times(number, size))

    def reader(self, block: Block, place: Place) -> Reader:
        """How to read vector ``column`` of a strip at k."""
        plan, v, lanes = self.plan, self.vectors, self.plan.lanes
        if plan.packs_right:
            strip = self._strip(block, place.strip)
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


class Left:
    """The left factor, in tiles of a few rows; the last row may be one too many."""

    def __init__(
        self, vectors: Vectors, plan: Plan, operand: Operand, scratch: Any
    ) -> None:
        self.vectors, self.plan, self.operand = vectors, plan, operand
        self.turned = operand.swapped()
        self.scratch = scratch

    def pack(self, block: Block) -> None:
        """Pack the tiles of a block."""
        plan, v = self.plan, self.vectors
        if lies_along_inner(self.operand):
            v.loops.loop(*block.tiles, lambda number: self._turned(block, number))
            return
        several(
            v,
            block.depth,
            plan.block_rows,
            lambda part: each_kind(
                v, plan.rows.kinds(), block.tiles, partial(self._straight, block, part)
            ),
        )

    def _straight(self, block: Block, part: Range, tall: Pieces, number: Any) -> None:
        pack_straight(
            self.vectors, self.turned, self._strip(block, number, tall.size), *part
        )

    def _turned(self, block: Block, number: Any) -> None:
        strip = self._strip(block, number, self.plan.tile.rows)
        pack_turned(self.vectors, self.turned, strip, block.depth)

    def _strip(self, block: Block, number: Any, size: int) -> Strip:
        plan, v = self.plan, self.vectors
        first, place = plan.rows.start(v.loops, number), self._place(block, number)
        sure, total = plan.rows.sure, plan.rows.total
        return Strip(place, plan.tile.rows, first, size, sure, total, block.begin)

    def _place(self, block: Block, number: Any) -> Any:
        v, b = self.vectors, self.vectors.loops.builder
        number = b.sub(number, block.tiles[0])
        return v.address(self.scratch, v.times(number, self.plan.left_strip))

    def reader(self, block: Block, place: Place) -> Reader:
        """How to read the number of a tile's ``row`` at k."""
        plan, v = self.plan, self.vectors
        if plan.packs_left:
            strip = self._place(block, place.tile)
            return lambda k, row: v.load_number(
                strip, v.plus(v.times(k, plan.tile.rows), row)
            )
        rows = [v.plus(place.row, row) for row in range(plan.tile.rows)]
        for row in range(plan.rows.sure, plan.tile.rows):
            rows[row] = v.loops.smaller(rows[row], plan.rows.total - 1)
        start = self.operand.start or (lambda i: partial(self.operand.scalar, i))
        readers = [start(row) for row in rows]
        return lambda k, row: readers[row](v.loops.builder.add(block.begin, k))


def several(
    vectors: Vectors, depth: Count, pieces: int, body: Callable[[Range], None]
) -> None:
    """Where several pieces are packed, go along the rows of memory for a while."""
    if pieces == 1:
        body((0, depth))
        return
    loops = vectors.loops
    loops.loop(
        0,
        depth,
        lambda k: body((k, loops.smaller(vectors.plus(k, ABREAST), depth))),
        step=ABREAST,
    )
