"""The walk of one thread over its share of the tiles of a matrix product.

Tiles are counted strip by strip, and every thread takes an equal run of them, so each
output is summed by one thread in an order that does not depend on the others. What a
thread needs packed it packs itself: nobody waits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from seegrad.compiler.products.product_block import Block, Place, Range, each_kind
from seegrad.compiler.products.product_factors import Left, Right
from seegrad.compiler.products.product_plan import Plan
from seegrad.compiler.products.product_split import Pieces
from seegrad.compiler.products.product_sums import Sums
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.products.tiles import Tile, accumulate


class Walk:
    """Writes the loops around the innermost one, for a product that has a plan."""

    def __init__(
        self, vectors: Vectors, plan: Plan, left: Left, right: Right, sums: Sums
    ) -> None:
        self.vectors, self.plan = vectors, plan
        self.left, self.right, self.sums = left, right, sums
        self.loops, self.builder = vectors.loops, vectors.loops.builder

    def emit(self, thread: Any, threads: Any) -> None:
        """Each thread walks its share of all tiles, group of strips by group."""
        plan, v, b = self.plan, self.vectors, self.builder
        tiles = self.loops.count(plan.rows.parts)
        groups = -(-plan.columns.parts // plan.block_columns)
        low, high = self.loops.shares(groups * plan.rows.parts, thread, threads)
        last = b.udiv(v.plus(high, plan.rows.parts - 1), tiles)

        def group(number: Any) -> None:
            before = b.mul(number, tiles)
            begin = v.larger(b.sub(low, before), 0)
            end = self.loops.smaller(b.sub(high, before), tiles)
            strip = v.times(number, plan.block_columns)
            stop = v.plus(strip, plan.block_columns)
            strips = strip, self.loops.smaller(stop, plan.columns.parts)
            self._group(strips, (begin, end))

        self.loops.loop(b.udiv(low, tiles), last, group)

    def _group(self, strips: Range, tiles: Range) -> None:
        """All tiles of one group of strips that belong to this thread, by depths."""

        def depth(number: Any) -> None:
            begin, k = self.loops.count(0), self.plan.inner.total
            if self.plan.inner.parts > 1:
                begin, end = self.plan.inner.ends(self.loops, number)
                k = self.builder.sub(end, begin)
            block = Block(strips, tiles, number, begin, k)
            if self.plan.packs_right:
                self.right.pack(block)
            self._rows(block)

        self.loops.loop(0, self.plan.inner.parts, depth)

    def _rows(self, block: Block) -> None:
        """The tiles of a block, as many at a time as can be packed together."""
        size, (first, stop) = self.plan.block_rows, block.tiles

        def rows(tile: Any) -> None:
            far = self.loops.smaller(self.vectors.plus(tile, size), stop)
            part = replace(block, tiles=(tile, far))
            if self.plan.packs_left:
                self.left.pack(part)
            self._tiles(part)

        if size < self.plan.rows.parts:
            self.loops.loop(first, stop, rows, step=size)
        else:
            rows(first)

    def _tiles(self, block: Block) -> None:
        plan, v = self.plan, self.vectors

        def strip(wide: Pieces, number: Any) -> None:
            column = v.times(plan.columns.start(self.loops, number), plan.lanes)

            def tile(which: Any) -> None:
                row = plan.rows.start(self.loops, which)
                self._tile(block, Place(wide, number, which, row, column))

            self.loops.loop(*block.tiles, tile)

        each_kind(v, plan.columns.kinds(plan.missing), block.strips, strip)

    def _tile(self, block: Block, place: Place) -> None:
        """One tile: sum it, then finish it or keep the sums for later."""
        shape = Tile(self.plan.tile.rows, place.wide.size)
        left, right = self.left.reader(block, place), self.right.reader(block, place)
        before = self.sums.before(block, place)
        sums = accumulate(self.vectors, shape, block.depth, left, right, before)
        self.sums.after(block, place, sums)
