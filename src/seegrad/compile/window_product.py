"""A product whose columns are the places of an image: a convolution.

The lanes run along a row of the image. A tile is a few output channels by a few vectors
of places; for one value of the inner counters after the other, the vectors are loaded
from the box at an offset from a list. What lies beyond the end of a row or of the
channels is computed with the rest and never looked at.
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir

from seegrad.compile.access import Access
from seegrad.compile.index import Axis, Expression
from seegrad.compile.loops import FLAG
from seegrad.compile.lower import shares
from seegrad.compile.plan import Kernel
from seegrad.compile.product_target import Target
from seegrad.compile.stage import Stage
from seegrad.compile.tiles import OVERHEAD, Tile, accumulate, fitting
from seegrad.compile.window import Box
from seegrad.compile.window_kernel import Windows, replaced, split

UNITS = 8  # blocks of results, from which threads have enough to share


class WindowProduct(Windows):
    """Writes a kernel of the kind "product" whose last columns are places in a row."""

    def __init__(self, access: Access, kernel: Kernel, target: Target) -> None:
        super().__init__(access, kernel, target)
        self.lane = self.columns[-1]
        self.fits = self._fits()
        if not self.fits:
            return
        assert self.axes is not None
        self.down, self.images = self.columns[-2], self.columns[:-2]
        self.step = self.axes[-1].expression.atoms.get(self.lane, 1)
        self.height = self._height()
        self.bands = -(-self.down.length // self.height)
        self.box = self._box(self.height)
        self.in_row = -(-self.lane.length // self.lanes)
        self.tile = min(fitting(target.registers), key=self._cycles)
        rows = self.row.length
        self.tiles = -(-rows // self.tile.rows)
        self.tile = Tile(-(-rows // self.tiles), self.tile.width)

    def _fits(self) -> bool:
        """Whether the lanes meet nothing but one row of pixels."""
        if self.axes is None or len(self.columns) < 2:
            return False
        *others, last = [axis.expression for axis in self.axes]
        if (
            any(self.lane in e.atoms for e in others)
            or last.atoms.get(self.lane, 1) < 1
        ):
            return False
        return not any(axis in last.atoms for axis in self.columns[:-1])

    def _box(self, height: int) -> Box:
        assert self.axes is not None
        moving = {axis: axis.length for axis in (*self.inner, self.lane)}
        return Box(self.axes, moving | {self.down: height}, self.step)

    def _height(self) -> int:
        """Rows of results in a block: its box fits the cache, and there are a few."""
        blocks = math.prod(a.length for a in (*self.batch, *self.images))
        most = -(-self.down.length // -(-UNITS // blocks))
        itemsize = self.term.dtype.itemsize
        while (
            most > 1 and self._box(most).size * itemsize > self.target.second_cache // 4
        ):
            most = -(-most // 2)
        return most

    def _cycles(self, tile: Tile) -> float:
        """About how long a block takes; vectors that cross lines are loaded twice."""
        tall = -(-self.row.length // tile.rows)
        rows = -(-self.row.length // tall)
        wide = -(-self.height * self.in_row // tile.width)
        sums = rows * tile.width
        steady = max(sums / 2, (rows + 2 * tile.width) / 2)
        return tall * wide * (self.depth * steady + OVERHEAD + 2 * sums)

    def cycles(self) -> float:
        """About how long all of it takes."""
        blocks = math.prod(a.length for a in (*self.batch, *self.images)) * self.bands
        return blocks * self._cycles(self.tile)

    # Scratch memory: the box, the left factor, the sums of a tile --------------------

    def _sizes(self) -> list[int]:
        lanes = self.lanes
        box = self.box.size + lanes * (1 + self.in_row)
        left = self.tiles * self.depth * self.tile.rows
        sums = self.tile.rows * self.tile.width * lanes
        there = box * self.product.right.absent
        return [-(-n // lanes) * lanes for n in (box, left, sums, there)]

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return sum(self._sizes()) * self.term.dtype.itemsize

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """Blocks of images and rows are shared out; each is computed by one thread."""
        v = self.vectors
        box, left, sums, _ = self._sizes()
        corners, dtype = self.box.corners([self.down]), self.term.dtype
        self.stage = Stage(self.access, v, self.image, self.box, corners, dtype)
        self.there = Stage(self.access, v, None, self.box, corners, dtype)
        self.stage.pointer = scratch
        self.packed, self.sums = v.address(scratch, box), v.address(scratch, box + left)
        self.there.pointer = v.address(scratch, box + left + sums)
        self.offsets = self.table(self.box.offsets(self.inner).ravel())
        self.items = replaced(self.kernel.items, split(self.rows, self.row))
        self.stage.clear()
        if self.product.right.absent:
            self.there.clear()
        band = Axis(self.bands, "band")
        axes = *self.images, band
        share = shares(self.loops, math.prod(a.length for a in axes), thread, threads)

        def block() -> None:
            begin = v.times(self.access.counters[band], self.height)
            with self.access.at({self.down: begin}):
                self.stage.fill()
                if self.special is not None:
                    with self.loops.when(self.special):
                        self.there.fill()
                self._block(begin)

        def product() -> None:
            self._pack()
            self.special = self._special() if self.product.right.absent else None
            self.each(axes, share, block)

        self.each_batch(product)

    def _pack(self) -> None:
        """The left factor, tile by tile, with the rows of a tile side by side."""
        rows, loops, b = self.tile.rows, self.loops, self.loops.builder
        index = self.left(split(self.rows, self.row))
        place = Expression({}, 0)
        for axis in self.inner:
            place = place * axis.length + Expression.of(axis)

        def number(tile: Any, at: Any) -> None:
            b_at = loops.builder

            def one(r: Any) -> None:
                row = b_at.add(self.vectors.times(tile, rows), r)
                row = loops.smaller(row, self.row.length - 1)
                with self.access.at({self.row: row}):
                    value = self.number(index)
                target = self.vectors.address(self.packed, b_at.add(at, r))
                b_at.store(value, target, align=self.vectors.itemsize)

            loops.loop(0, rows, one)

        def nest(tile: Any, axes: tuple[Axis, ...]) -> None:
            if not axes:
                k = self.access.scalar(place)
                start = b.add(b.mul(tile, loops.count(self.depth)), k)
                number(tile, self.vectors.times(start, rows))
                return

            def one(i: Any) -> None:
                with self.access.at({axes[0]: i}):
                    nest(tile, axes[1:])

            loops.loop(0, axes[0].length, one)

        loops.loop(0, self.tiles, lambda tile: nest(tile, self.inner))

    def _special(self) -> Any:
        """Whether a number of the left factor is infinite or NaN."""
        v, b = self.vectors, self.loops.builder
        size = self.tiles * self.depth * self.tile.rows

        def add(n: Any, total: Any, valid: int = self.lanes) -> list[Any]:
            value = v.load(self.packed, n)
            mask = [k < valid for k in range(self.lanes)]
            kept = ir.Constant(ir.VectorType(FLAG, self.lanes), mask)
            return [v.multiply_add(b.select(kept, value, v.zero), v.zero, total)]

        whole = size // self.lanes * self.lanes
        (total,) = self.loops.loop(0, whole, add, step=self.lanes, carried=[v.zero])
        if whole < size:
            (total,) = add(self.loops.count(whole), total, size - whole)
        unequal = b.fcmp_unordered("!=", total, total)
        bits = b.bitcast(unequal, ir.IntType(self.lanes))
        return b.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    # One block -----------------------------------------------------------------------

    def _block(self, begin: Any) -> None:
        loops, b, v = self.loops, self.loops.builder, self.vectors
        left = b.sub(loops.count(self.down.length), begin)
        count = self.height * self.in_row
        if self.bands > 1:
            count = v.times(loops.smaller(left, self.height), self.in_row)

        def tile(t: Any) -> None:
            size = self.depth * self.tile.rows
            strip = v.address(self.packed, v.times(t, size))
            loops.loop(
                0,
                count,
                lambda first: self._tile(begin, t, strip, first, loops.count(count)),
                step=self.tile.width,
            )

        loops.loop(0, self.tiles, tile)

    def _tile(self, begin: Any, t: Any, strip: Any, first: Any, count: Any) -> None:
        v, b, loops, tile = self.vectors, self.loops.builder, self.loops, self.tile
        last = b.sub(count, loops.count(1))
        starts, ats = [], []
        for n in range(tile.width):
            down, part = self._where(loops.smaller(v.plus(first, n), last))
            at = v.times(down, self.box.stride(self.down))
            at = b.add(at, v.times(part, self.lanes))
            ats.append(at)
            starts.append(v.address(self.stage.pointer, at))
        known: dict[int, Any] = {}

        def right(k: Any, n: int) -> Any:
            if id(k) not in known:
                known[id(k)] = k, self.entry(self.offsets, k)
            return v.load(starts[n], known[id(k)][1])

        def left(k: Any, row: int) -> Any:
            return v.load_number(strip, v.plus(v.times(k, tile.rows), row))

        def plainly() -> None:
            sums = accumulate(v, tile, self.depth, left, right)
            for n, value in enumerate(sums):
                v.store(value, self.sums, n * self.lanes)

        if self.special is None:
            plainly()
        else:
            with loops.when(b.not_(self.special)):
                plainly()
            with loops.when(self.special):
                self._carefully(strip, ats)
        rows = b.sub(loops.count(self.row.length), v.times(t, tile.rows))
        rows = loops.smaller(rows, tile.rows)

        def vector(n: Any) -> None:
            self._finish(begin, b.add(first, n), n, v.times(t, tile.rows), rows)

        left_over = b.sub(count, first)
        loops.loop(0, loops.smaller(left_over, tile.width), vector)

    def _carefully(self, strip: Any, ats: list[Any]) -> None:
        """Sum only what is there: zero times infinity must not be added."""
        v, b, loops, tile = self.vectors, self.loops.builder, self.loops, self.tile
        size = tile.rows * tile.width * self.lanes
        loops.loop(0, size, lambda n: v.store(v.zero, self.sums, n), step=self.lanes)

        def step(k: Any) -> None:
            offset = self.entry(self.offsets, k)
            places = [b.add(at, offset) for at in ats]
            values = [v.load(self.stage.pointer, place) for place in places]
            ones = [v.load(self.there.pointer, place) for place in places]
            there = [b.fcmp_ordered("!=", one, v.zero) for one in ones]

            def row(r: Any) -> None:
                at = b.add(v.times(k, tile.rows), r)
                number = v.broadcast(v.load_number(strip, at))
                for n, (value, inside) in enumerate(zip(values, there, strict=True)):
                    place = b.add(v.times(r, tile.width), loops.count(n))
                    place = v.times(place, self.lanes)
                    old = v.load(self.sums, place)
                    new = v.multiply_add(number, value, old)
                    v.store(b.select(inside, new, old), self.sums, place)

            loops.loop(0, tile.rows, row)

        loops.loop(0, self.depth, step)

    def _where(self, vector: Any) -> tuple[Any, Any]:
        """In which row of the block a vector is, and which of that row it is."""
        b, in_row = self.loops.builder, self.loops.count(self.in_row)
        if self.in_row == 1:
            return vector, self.loops.count(0)
        return b.udiv(vector, in_row), b.urem(vector, in_row)

    def _finish(self, begin: Any, vector: Any, n: Any, first: Any, rows: Any) -> None:
        """One vector of every row of the tile; the last of a row may be shorter."""
        v, b, loops = self.vectors, self.loops.builder, self.loops
        down, part = self._where(vector)
        edge = self.lane.length % self.lanes

        def all_rows(valid: int) -> None:
            def one(r: Any) -> None:
                at = b.add(v.times(r, self.tile.width), n)
                value = v.load(self.sums, v.times(at, self.lanes))
                counters = {
                    self.row: b.add(first, r),
                    self.down: b.add(begin, down),
                    self.lane: v.times(part, self.lanes),
                }
                self.finish(self.items, counters, self.lane, value, valid)

            loops.loop(0, rows, one)

        if not edge or self.in_row == 1:
            all_rows(edge or self.lanes)
            return
        last = b.icmp_signed("==", part, loops.count(self.in_row - 1))
        with loops.when(b.not_(last)):
            all_rows(self.lanes)
        with loops.when(last):
            all_rows(edge)
