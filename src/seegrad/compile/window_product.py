"""A product whose columns are the places of an image: a convolution.

The lanes run along a row of the image. A tile is a few output channels by a few vectors
of places; for one value of the inner counters after the other, the vectors are loaded
from the box at an offset from a list. What lies beyond the end of a row or of the
channels is computed with the rest and never looked at.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.compile.access import Access
from seegrad.compile.index import Axis
from seegrad.compile.lower import shares
from seegrad.compile.kernels import Kernel
from seegrad.compile.product_target import Target
from seegrad.compile.stage import Stage
from seegrad.compile.tiles import OVERHEAD, Tile, accumulate, fitting
from seegrad.compile.window import Box
from seegrad.compile.window_kernel import Windows, replaced, split
from seegrad.compile.window_left import Packed

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
        best = min(fitting(target.registers), key=self._cycles)
        self.tiles = -(-self.row.length // best.rows)
        self.tile = Tile(-(-self.row.length // self.tiles), best.width)
        self.left_factor = Packed(self, self.tile, self.tiles)
        self.special: Any = None  # whether a number of the left factor is infinite

    def _fits(self) -> bool:
        """Whether the lanes meet nothing but one row of pixels."""
        if self.axes is None or len(self.columns) < 2:
            return False
        *others, last = [axis.expression.atoms for axis in self.axes]
        if any(self.lane in atoms for atoms in others) or last.get(self.lane, 1) < 1:
            return False
        return last.keys().isdisjoint(self.columns[:-1])

    def _box(self, height: int) -> Box:
        assert self.axes is not None
        moving = {axis: axis.length for axis in (*self.inner, self.lane)}
        return Box(self.axes, moving | {self.down: height}, self.step)

    def _blocks(self) -> int:
        return math.prod(axis.length for axis in (*self.batch, *self.images))

    def _height(self) -> int:
        """Rows of results in a block: its box fits the cache, and there are a few."""
        most = -(-self.down.length // -(-UNITS // max(self._blocks(), 1)))
        room = self.target.second_cache // 4 // self.term.dtype.itemsize
        while most > 1 and self._box(most).size > room:
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
        return self._blocks() * self.bands * self._cycles(self.tile)

    # Scratch memory: the box, the left factor, the sums of a tile --------------------

    def _sizes(self) -> list[int]:
        """Numbers for each; the last is a box that tells what there is."""
        lanes = self.lanes
        box = self.box.size + lanes * (1 + self.in_row)
        sums = self.tile.rows * self.tile.width * lanes
        sizes = box, self.left_factor.size, sums, box * self.product.right.absent
        return [-(-n // lanes) * lanes for n in sizes]

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return sum(self._sizes()) * self.term.dtype.itemsize

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """Blocks of images and rows are shared out; each is computed by one thread."""
        v, loops = self.vectors, self.loops
        self._prepare(scratch)
        band = Axis(self.bands, "band")
        axes = *self.images, band
        count = math.prod(axis.length for axis in axes)
        share = shares(loops, count, thread, threads)

        def block() -> None:
            begin = v.times(self.access.counters[band], self.height)
            with self.access.at({self.down: begin}):
                self.stage.fill()
                if self.special is not None:
                    with loops.when(self.special):
                        self.there.fill()
                self._block(begin)

        def product() -> None:
            self.left_factor.pack()
            if self.product.right.absent:
                self.special = self.left_factor.special()
            self.each(axes, share, block)

        self.each_batch(product)

    def _prepare(self, scratch: Any) -> None:
        v, (box, left, sums, _) = self.vectors, self._sizes()
        corners, dtype = self.box.corners([self.down]), self.term.dtype
        self.stage = Stage(self.access, v, self.image, self.box, corners, dtype)
        self.there = Stage(self.access, v, None, self.box, corners, dtype)
        self.stage.pointer = scratch
        self.left_factor.pointer = v.address(scratch, box)
        self.sums = v.address(scratch, box + left)
        self.there.pointer = v.address(scratch, box + left + sums)
        self.offsets = self.table(self.box.offsets(self.inner).ravel())
        self.items = replaced(self.kernel.items, split(self.rows, self.row))
        self.stage.clear()
        if self.product.right.absent:
            self.there.clear()

    # One block -----------------------------------------------------------------------

    def _block(self, begin: Any) -> None:
        """Every tile of rows by all vectors of places in the block."""
        loops, b = self.loops, self.loops.builder
        count: Any = self.height * self.in_row
        if self.bands > 1:
            over = b.sub(loops.count(self.down.length), begin)
            rows = loops.smaller(over, self.height)
            count = self.vectors.times(rows, self.in_row)

        def tile(t: Any) -> None:
            def strip(first: Any) -> None:
                self._tile(begin, t, first, loops.count(count))

            loops.loop(0, count, strip, step=self.tile.width)

        loops.loop(0, self.tiles, tile)

    def _tile(self, begin: Any, t: Any, first: Any, count: Any) -> None:
        v, b, loops, tile = self.vectors, self.loops.builder, self.loops, self.tile
        strip = self.left_factor.begin(t)
        last = b.sub(count, loops.count(1))
        places = [
            self._place(loops.smaller(v.plus(first, n), last))
            for n in range(tile.width)
        ]
        if self.special is None:
            self._sum(strip, places)
        else:
            with loops.when(b.not_(self.special)):
                self._sum(strip, places)
            with loops.when(self.special):
                self._sum_what_is_there(strip, places)
        row = v.times(t, tile.rows)
        rows = loops.smaller(b.sub(loops.count(self.row.length), row), tile.rows)

        def vector(n: Any) -> None:
            self._finish(begin, b.add(first, n), n, row, rows)

        loops.loop(0, loops.smaller(b.sub(count, first), tile.width), vector)

    def _where(self, vector: Any) -> tuple[Any, Any]:
        """In which row of the block a vector is, and which of that row it is."""
        b, in_row = self.loops.builder, self.loops.count(self.in_row)
        if self.in_row == 1:
            return vector, self.loops.count(0)
        return b.udiv(vector, in_row), b.urem(vector, in_row)

    def _place(self, vector: Any) -> Any:
        """Where a vector begins in the box, without an offset."""
        v, (down, part) = self.vectors, self._where(vector)
        row = v.times(down, self.box.stride(self.down))
        return self.loops.builder.add(row, v.times(part, self.lanes))

    def _sum(self, strip: Any, places: list[Any]) -> None:
        """The sums of a tile, to where they are kept."""
        v, rows = self.vectors, self.tile.rows
        starts = [v.address(self.stage.pointer, place) for place in places]

        def pixels(k: Any, n: int) -> Any:
            return v.load(starts[n], self.entry(self.offsets, k))

        def weight(k: Any, row: int) -> Any:
            return v.load_number(strip, v.plus(v.times(k, rows), row))

        sums = accumulate(v, self.tile, self.depth, weight, pixels)
        for n, value in enumerate(sums):
            v.store(value, self.sums, n * self.lanes)

    def _sum_what_is_there(self, strip: Any, places: list[Any]) -> None:
        """The same, slowly: zero times infinity must not be added."""
        v, b, loops, tile = self.vectors, self.loops.builder, self.loops, self.tile
        size = tile.rows * tile.width * self.lanes
        loops.loop(0, size, lambda n: v.store(v.zero, self.sums, n), step=self.lanes)

        def step(k: Any) -> None:
            offset = self.entry(self.offsets, k)
            at = [b.add(place, offset) for place in places]
            pixels = [v.load(self.stage.pointer, n) for n in at]
            ones = [v.load(self.there.pointer, n) for n in at]
            there = [b.fcmp_ordered("!=", one, v.zero) for one in ones]

            def row(r: Any) -> None:
                weight = v.load_number(strip, b.add(v.times(k, tile.rows), r))
                weight, line = v.broadcast(weight), v.times(r, tile.width * self.lanes)
                for n, (pixel, inside) in enumerate(zip(pixels, there, strict=True)):
                    spot = v.plus(line, n * self.lanes)
                    old = v.load(self.sums, spot)
                    new = v.multiply_add(weight, pixel, old)
                    v.store(b.select(inside, new, old), self.sums, spot)

            loops.loop(0, tile.rows, row)

        loops.loop(0, self.depth, step)

    def _finish(self, begin: Any, vector: Any, n: Any, first: Any, rows: Any) -> None:
        """One vector of every row of the tile; the last of a row may be shorter."""
        v, b, loops = self.vectors, self.loops.builder, self.loops
        down, part = self._where(vector)
        edge = self.lane.length % self.lanes

        def all_rows(valid: int) -> None:
            def one(r: Any) -> None:
                at = b.add(v.times(r, self.tile.width), n)
                value = v.load(self.sums, v.times(at, self.lanes))
                places = {
                    self.row: b.add(first, r),
                    self.down: b.add(begin, down),
                    self.lane: v.times(part, self.lanes),
                }
                self.finish(self.items, places, self.lane, value, valid)

            loops.loop(0, rows, one)

        if not edge or self.in_row == 1:
            all_rows(edge or self.lanes)
            return
        last = b.icmp_signed("==", part, loops.count(self.in_row - 1))
        with loops.when(b.not_(last)):
            all_rows(self.lanes)
        with loops.when(last):
            all_rows(edge)
