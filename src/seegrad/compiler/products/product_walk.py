"""The walk of one thread over its share of the tiles of a matrix product.

Tiles are counted strip by strip, or row by row where the results are much memory, and
every thread takes an equal run of them, so each output is summed by one thread in an
order that does not depend on the others. What a thread needs packed it packs itself:
nobody waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from seegrad.compiler.products.product_block import Block, Place, Range, each_kind
from seegrad.compiler.products.product_factors import Left, Right
from seegrad.compiler.products.product_plan import Plan
from seegrad.compiler.products.product_split import Pieces
from seegrad.compiler.products.product_sums import Sums
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.products.tiles import Tile, accumulate

Fetch = Callable[[Any, Any], None]


class Walk:
    """Writes the loops around the innermost one, for a product that has a plan."""

    def __init__(
        self,
        vectors: Vectors,
        plan: Plan,
        left: Left,
        right: Right,
        sums: Sums,
        fetch: Fetch | None = None,
    ) -> None:
        self.vectors, self.plan, self.fetch = vectors, plan, fetch
        self.left, self.right, self.sums = left, right, sums
        self.loops, self.builder = vectors.loops, vectors.loops.builder

    def emit(self, thread: Any, threads: Any) -> None:
        """Each thread walks its share of all tiles: an equal run, line by line.

        A line is a group of strips with all its tiles; by rows, a tile with all strips.
        """
        plan, v, b = self.plan, self.vectors, self.builder
        lines, length = -(-plan.columns.parts // plan.block_columns), plan.rows.parts
        if plan.by_rows:
            lines, length = plan.rows.parts, plan.columns.parts
        low, high = self.loops.shares(lines * length, thread, threads)
        size = self.loops.count(length)

        def line(number: Any) -> None:
            before = b.mul(number, size)
            begin = v.larger(b.sub(low, before), 0)
            run = begin, self.loops.smaller(b.sub(high, before), size)
            if plan.by_rows:
                self._group(run, (number, v.plus(number, 1)))
                return
            strip = v.times(number, plan.block_columns)
            stop = v.plus(strip, plan.block_columns)
            self._group((strip, self.loops.smaller(stop, plan.columns.parts)), run)

        last = b.udiv(v.plus(high, length - 1), size)
        self.loops.loop(b.udiv(low, size), last, line)

    def _group(self, strips: Range, tiles: Range) -> None:
        """These tiles of these strips, by depths."""

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
        before, fetch = self.sums.before(block, place), self._fetcher(place)
        sums = accumulate(self.vectors, shape, block.depth, left, right, before, fetch)
        self.sums.after(block, place, sums)

    def _fetcher(self, place: Place) -> Callable[[Any], None] | None:
        """What asks for the memory that finishing a row of a tile needs."""
        fetch, v = self.fetch, self.vectors
        if fetch is None or not self.plan.by_rows:
            return None

        def row(number: Any) -> None:
            i = self.builder.add(place.row, number)
            for n in range(place.wide.size):
                fetch(i, v.plus(place.column, n * self.plan.lanes))

        return row
