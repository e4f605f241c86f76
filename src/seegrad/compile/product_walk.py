"""The walk of one thread over its share of the tiles of a matrix product.

Tiles are counted strip by strip, and every thread takes an equal run of them, so each
output is summed by one thread in an order that does not depend on the others. What a
thread needs packed it packs itself: nobody waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seegrad.compile.loops import Count
from seegrad.compile.packing import (
    Strip,
    lies_along_inner,
    pack_straight,
    pack_turned,
    read_vector,
)
from seegrad.compile.product_operand import Operand
from seegrad.compile.product_plan import Plan
from seegrad.compile.product_split import Pieces, Split
from seegrad.compile.product_vectors import Vectors
from seegrad.compile.tiles import Tile, accumulate

Finish = Callable[[Any, Any, Any, int, int], None]
Range = tuple[Any, Any]


@dataclass(frozen=True)
class Place:
    """One tile of outputs: its kind of columns, and where it is."""

    wide: Pieces
    tile: Any
    strip: Any
    row: Any
    column: Any


class Walk:
    """Writes the loops around the innermost one, for a product that has a plan."""

    def __init__(
        self,
        vectors: Vectors,
        plan: Plan,
        left: Operand,
        right: Operand,
        finish: Finish,
        scratch: Any,
    ) -> None:
        self.vectors, self.plan = vectors, plan
        self.left, self.right, self.finish = left, right, finish
        self.loops, self.builder = vectors.loops, vectors.loops.builder
        self.packed_right = scratch
        self.packed_left = vectors.address(scratch, plan.right_size)
        self.sums = vectors.address(scratch, plan.right_size + plan.left_size)

    def emit(self, thread: Any, threads: Any) -> None:
        """Each thread walks its share of all tiles, group of strips by group."""
        plan, b = self.plan, self.builder
        tiles = self.loops.count(plan.rows.parts)
        groups = -(-plan.columns.parts // plan.block_columns)
        work = self.loops.count(groups * plan.rows.parts)
        low = b.udiv(b.mul(work, thread), threads)
        high = b.udiv(b.mul(work, self._add(thread, 1)), threads)
        last = b.udiv(self._add(high, plan.rows.parts - 1), tiles)

        def group(number: Any) -> None:
            before = b.mul(number, tiles)
            begin = self._larger(b.sub(low, before), 0)
            end = self.loops.smaller(b.sub(high, before), tiles)
            strip = b.mul(number, self.loops.count(plan.block_columns))
            stop = self._add(strip, plan.block_columns)
            strips = strip, self.loops.smaller(stop, plan.columns.parts)
            self._group(strips, (begin, end))

        self.loops.loop(b.udiv(low, tiles), last, group)

    def _group(self, strips: Range, tiles: Range) -> None:
        """All tiles of one group of strips that belong to this thread."""
        plan = self.plan
        if plan.packs_right and plan.inner.parts == 1:
            self._pack_right(strips, self.loops.count(0), plan.inner.total)
        if plan.block_rows >= plan.rows.parts:
            self._block(strips, tiles)
            return

        def block(tile: Any) -> None:
            far = self._add(tile, plan.block_rows)
            self._block(strips, (tile, self.loops.smaller(far, tiles[1])))

        self.loops.loop(*tiles, block, step=plan.block_rows)

    def _block(self, strips: Range, tiles: Range) -> None:
        """A block of tiles, one depth after the other."""
        plan = self.plan
        if plan.inner.parts == 1:
            if plan.packs_left:
                self._pack_left(tiles, self.loops.count(0), plan.inner.total)
            self._tiles(strips, tiles, self.loops.count(0), plan.inner.total)
        else:
            self._clear(strips, tiles)
            self.loops.loop(
                0, plan.inner.parts, lambda n: self._depth(strips, tiles, n)
            )
        if plan.waits:
            self._finish_block(strips, tiles)

    def _depth(self, strips: Range, tiles: Range, number: Any) -> None:
        plan = self.plan
        begin, end = self._ends(plan.inner, number)
        depth = self.builder.sub(end, begin)
        if plan.packs_right:
            self._pack_right(strips, begin, depth)
        if plan.packs_left:
            self._pack_left(tiles, begin, depth)
        self._tiles(strips, tiles, begin, depth)

    def _pack_right(self, strips: Range, begin: Any, depth: Count) -> None:
        """Pack the strips; those that have to be turned, vector by vector."""
        plan, vectors, lanes = self.plan, self.vectors, self.plan.lanes
        total = plan.columns.total * lanes - plan.missing

        def straight(wide: Pieces, number: Any) -> None:
            first = self._times(plan.columns.start(self.loops, number), lanes)
            place = self._right_strip(strips, number)
            size = wide.size * lanes - wide.missing
            strip = Strip(place, plan.strip, first, size, size, total, begin)
            pack_straight(vectors, self.right, strip, depth)

        def turned(number: Any) -> None:
            start, end = self._ends(plan.columns, number)
            place = self._right_strip(strips, number)

            def one(v: Any) -> None:
                first = self._times(self.builder.add(start, v), lanes)
                at = vectors.address(place, self._times(v, lanes))
                sure = 0 if plan.missing else lanes
                strip = Strip(at, plan.strip, first, lanes, sure, total, begin)
                pack_turned(vectors, self.right, strip, depth)

            self.loops.loop(0, self.builder.sub(end, start), one)

        if lies_along_inner(self.right):
            self.loops.loop(*strips, turned)
        else:
            self._each(plan.columns.kinds(plan.missing), strips, straight)

    def _pack_left(self, tiles: Range, begin: Any, depth: Count) -> None:
        """Pack the rows of each tile; the last row may be one too many."""
        plan, left = self.plan, self.left.swapped()
        size, total = plan.tile.rows, plan.rows.total
        turned = lies_along_inner(left)

        def one(tile: Any) -> None:
            first = plan.rows.start(self.loops, tile)
            place = self._left_strip(tiles, tile)
            strip = Strip(place, size, first, size, plan.rows.sure, total, begin)
            pack_turned(self.vectors, left, strip, depth)

        def straight(tall: Pieces, tile: Any) -> None:
            first = plan.rows.start(self.loops, tile)
            place = self._left_strip(tiles, tile)
            strip = Strip(place, size, first, tall.size, tall.size, total, begin)
            pack_straight(self.vectors, left, strip, depth)

        if turned:
            self.loops.loop(*tiles, one)
        else:
            self._each(plan.rows.kinds(), tiles, straight)

    def _right_strip(self, strips: Range, strip: Any) -> Any:
        size = self.plan.strip * self.plan.inner.size
        offset = self._times(self.builder.sub(strip, strips[0]), size)
        return self.vectors.address(self.packed_right, offset)

    def _left_strip(self, tiles: Range, tile: Any) -> Any:
        size = self.plan.tile.rows * self.plan.inner.size
        offset = self._times(self.builder.sub(tile, tiles[0]), size)
        return self.vectors.address(self.packed_left, offset)

    def _sums_tile(self, strips: Range, tiles: Range, strip: Any, tile: Any) -> Any:
        plan, b = self.plan, self.builder
        number = b.sub(strip, strips[0])
        number = b.add(self._times(number, plan.block_rows), b.sub(tile, tiles[0]))
        offset = self._times(number, plan.tile.rows * plan.strip)
        return self.vectors.address(self.sums, offset)

    def _each(
        self, kinds: list[Pieces], limits: Range, body: Callable[[Pieces, Any], None]
    ) -> None:
        """The pieces within the limits, with code of their own for every kind."""
        for kind in kinds:
            begin = self._larger(limits[0], kind.first)
            end = self.loops.smaller(limits[1], kind.stop)
            self.loops.loop(begin, end, lambda number, kind=kind: body(kind, number))

    def _tiles(self, strips: Range, tiles: Range, begin: Any, depth: Count) -> None:
        plan = self.plan

        def strip(wide: Pieces, number: Any) -> None:
            column = self._times(plan.columns.start(self.loops, number), plan.lanes)

            def tile(which: Any) -> None:
                row = plan.rows.start(self.loops, which)
                place = Place(wide, which, number, row, column)
                self._tile(place, strips, tiles, begin, depth)

            self.loops.loop(*tiles, tile)

        self._each(plan.columns.kinds(plan.missing), strips, strip)

    def _tile(
        self, place: Place, strips: Range, tiles: Range, begin: Any, depth: Count
    ) -> None:
        """One tile: sum it, then finish it or keep the sums for later."""
        plan, width = self.plan, place.wide.size
        shape = Tile(plan.tile.rows, width)
        left = self._left_reader(place, tiles, begin)
        right = self._right_reader(place, strips, begin)
        kept = self._sums_tile(strips, tiles, place.strip, place.tile)
        spots = [
            row * plan.strip + column * plan.lanes
            for row in range(shape.rows)
            for column in range(width)
        ]
        before = None
        if plan.inner.parts > 1:
            before = [self.vectors.load(kept, spot) for spot in spots]
        sums = accumulate(self.vectors, shape, depth, left, right, before)
        if plan.waits:
            for spot, value in zip(spots, sums, strict=True):
                self.vectors.store(value, kept, spot)
            return
        for row in range(shape.rows):
            mine = sums[row * width : (row + 1) * width]
            if row < plan.rows.sure:
                self._finish_row(place, row, mine)
                continue
            exists = self.builder.icmp_signed(
                "<", place.tile, self.loops.count(plan.rows.larger)
            )
            with self.loops.when(exists):
                self._finish_row(place, row, mine)

    def _finish_row(self, place: Place, row: int, sums: list[Any]) -> None:
        lanes, i = self.plan.lanes, self._add(place.row, row)
        for column, value in enumerate(sums):
            edge = place.wide.missing if column == place.wide.size - 1 else 0
            j = self._add(place.column, column * lanes)
            self.finish(i, j, value, lanes, lanes - edge)

    def _left_reader(
        self, place: Place, tiles: Range, begin: Any
    ) -> Callable[[Any, int], Any]:
        plan = self.plan
        if plan.packs_left:
            strip = self._left_strip(tiles, place.tile)
            return lambda k, row: self.vectors.load_number(
                strip, self._add(self._times(k, plan.tile.rows), row)
            )
        rows = [self._add(place.row, row) for row in range(plan.tile.rows)]
        for row in range(plan.rows.sure, plan.tile.rows):
            rows[row] = self.loops.smaller(rows[row], plan.rows.total - 1)
        return lambda k, row: self.left.scalar(rows[row], self.builder.add(begin, k))

    def _right_reader(
        self, place: Place, strips: Range, begin: Any
    ) -> Callable[[Any, int], Any]:
        plan, lanes = self.plan, self.plan.lanes
        if plan.packs_right:
            strip = self._right_strip(strips, place.strip)
            return lambda k, column: self.vectors.load(
                strip, self._add(self._times(k, plan.strip), column * lanes)
            )

        def read(k: Any, column: int) -> Any:
            edge = place.wide.missing if column == place.wide.size - 1 else 0
            j = self._add(place.column, column * lanes)
            at = self.builder.add(begin, k)
            return read_vector(self.vectors, self.right, at, j, lanes - edge)

        return read

    def _clear(self, strips: Range, tiles: Range) -> None:
        """Zero all sums of the block."""
        del strips, tiles
        size, lanes = self.plan.sums_size, self.plan.lanes

        def zero(n: Any) -> None:
            self.vectors.store(self.vectors.zero, self.sums, n)

        self.loops.loop(0, size, zero, step=lanes)

    def _finish_block(self, strips: Range, tiles: Range) -> None:
        """Hand on the sums of the block: one code for whole vectors, one for the edge."""
        plan, b, lanes = self.plan, self.builder, self.plan.lanes

        def strip(number: Any) -> None:
            begin, end = self._ends(plan.columns, number)
            whole = b.sub(end, begin)
            last = b.icmp_signed("==", number, self.loops.count(plan.columns.parts - 1))
            if plan.missing:
                whole = b.sub(whole, b.zext(last, whole.type))
            column = self._times(begin, lanes)

            def tile(which: Any) -> None:
                kept = self._sums_tile(strips, tiles, number, which)
                first, end = self._ends(plan.rows, which)

                def row(r: Any) -> None:
                    line = self._times(r, plan.strip)
                    i = b.add(first, r)

                    def one(v: Any, valid: int = lanes) -> None:
                        n = self._times(v, lanes)
                        value = self.vectors.load(kept, b.add(line, n))
                        self.finish(i, b.add(column, n), value, lanes, valid)

                    self.loops.loop(0, whole, one)
                    if plan.missing:
                        with self.loops.when(last):
                            one(whole, lanes - plan.missing)

                self.loops.loop(0, b.sub(end, first), row)

            self.loops.loop(*tiles, tile)

        self.loops.loop(*strips, strip)

    def _ends(self, split: Split, part: Any) -> Range:
        start = split.start(self.loops, part)
        return start, split.start(self.loops, self._add(part, 1))

    def _add(self, a: Any, b: int) -> Any:
        return self.builder.add(a, self.loops.count(b)) if b else a

    def _times(self, a: Any, b: int) -> Any:
        return self.builder.mul(a, self.loops.count(b))

    def _larger(self, a: Any, other: int) -> Any:
        y = self.loops.count(other)
        return self.builder.select(self.builder.icmp_signed(">", a, y), a, y)
