"""A product whose columns are the places of an image: a convolution.

The lanes run along a row of the image. A tile is a few output channels by a few vectors
of places. Short rows of places are taken together, with the frame between them; what
lies beyond a row or beyond the channels is computed with the rest and never looked at.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.lower import shares
from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.products.product_target import Target
from seegrad.compiler.products.tiles import OVERHEAD, Tile, fitting
from seegrad.compiler.programs.index import Axis
from seegrad.compiler.windows.stage import Stage
from seegrad.compiler.windows.window import Box
from seegrad.compiler.windows.window_kernel import Windows, replaced, split
from seegrad.compiler.windows.window_left import Packed
from seegrad.compiler.windows.window_tile import Tiles

KEPT = 1 << 15  # bytes of sums, up to which those of several rows are kept
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
        self.pitch = self.box.stride(self.down)
        ways = [(t, c) for t in fitting(target.registers) for c in (False, True)]
        # Whether vectors go on from one row of places to the next, over the frame.
        best, self.continued = min(ways, key=lambda way: self._cycles(*way))
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

    def _vectors(self, continued: bool) -> int:
        """Vectors of places in a block."""
        if continued:
            return -(-((self.height - 1) * self.pitch + self.lane.length) // self.lanes)
        return self.height * self.in_row

    def _cycles(self, tile: Tile, continued: bool) -> float:
        """About how long a block takes; vectors that cross lines are loaded twice."""
        tall = -(-self.row.length // tile.rows)
        rows = -(-self.row.length // tall)
        wide = -(-self._vectors(continued) // tile.width)
        sums = rows * tile.width
        kept = sums * wide * self.lanes * self.term.dtype.itemsize
        if continued and (self.pitch < self.lane.length or kept > KEPT):
            return math.inf
        steady = max(sums / 2, (rows + 2 * tile.width) / 2)
        return tall * wide * (self.depth * steady + OVERHEAD + 2 * sums)

    def cycles(self) -> float:
        """About how long all of it takes."""
        return self._blocks() * self.bands * self._cycles(self.tile, self.continued)

    # Scratch memory: the box, the left factor, the sums of a tile --------------------

    def _sizes(self) -> list[int]:
        """Numbers for each; the last is a box that tells what there is."""
        lanes = self.lanes
        box = self.box.size + lanes * (1 + self.in_row)
        sums = self.tile.rows * self._plane()
        sizes = (
            box,
            self.left_factor.size + lanes,
            sums,
            box * self.product.right.absent,
        )
        return [-(-n // lanes) * lanes for n in sizes]

    def _plane(self) -> int:
        """Numbers that are kept for one row of a tile."""
        width, vectors = self.tile.width, self._vectors(True)
        several = -(-vectors // width) if self.continued else 1
        return several * width * self.lanes

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
                        self.sums_of.there.fill()
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
        there = Stage(self.access, v, None, self.box, corners, dtype)
        self.stage.pointer = scratch
        self.left_factor.pointer = v.address(scratch, box)
        self.sums = v.address(scratch, box + left)
        there.pointer = v.address(scratch, box + left + sums)
        offsets = self.table(self.box.offsets(self.inner).ravel())
        self.sums_of = Tiles(self, self.tile, self._plane(), self.stage, there, offsets)
        self.items = replaced(self.kernel.items, split(self.rows, self.row))
        self.stage.clear()
        if self.product.right.absent:
            there.clear()

    # One block -----------------------------------------------------------------------

    def _block(self, begin: Any) -> None:
        """Every tile of rows by all vectors of places in the block."""
        loops, b, v = self.loops, self.loops.builder, self.vectors
        rows, count = loops.count(self.height), self._vectors(self.continued)
        if self.bands > 1:
            over = b.sub(loops.count(self.down.length), begin)
            rows = loops.smaller(over, self.height)
            if self.continued:
                reach = v.times(b.sub(rows, loops.count(1)), self.pitch)
                reach = v.plus(reach, self.lane.length + self.lanes - 1)
                count = b.udiv(reach, loops.count(self.lanes))
            else:
                count = v.times(rows, self.in_row)

        def tile(t: Any) -> None:
            first = v.times(t, self.tile.rows)
            channels = b.sub(loops.count(self.row.length), first)
            own = first, loops.smaller(channels, self.tile.rows)

            def strip(vector: Any) -> None:
                self._tile(t, vector, loops.count(count))
                if not self.continued:
                    self._finish_strip(begin, vector, loops.count(count), own)

            loops.loop(0, count, strip, step=self.tile.width)
            if self.continued:
                loops.loop(0, rows, lambda down: self._finish_row(begin, down, own))

        loops.loop(0, self.tiles, tile)

    def _tile(self, t: Any, first: Any, count: Any) -> None:
        """Sum one tile, whose vectors begin with number ``first``."""
        v, b, loops, tile = self.vectors, self.loops.builder, self.loops, self.tile
        strip = self.left_factor.begin(t)
        last = b.sub(count, loops.count(1))
        places = [
            self._place(loops.smaller(v.plus(first, n), last))
            for n in range(tile.width)
        ]
        kept = self.sums
        if self.continued:
            kept = v.address(kept, v.times(first, self.lanes))
        if self.special is None:
            self.sums_of.sum(strip, places, kept)
        else:
            with loops.when(b.not_(self.special)):
                self.sums_of.sum(strip, places, kept)
            with loops.when(self.special):
                self.sums_of.sum_what_is_there(strip, places, kept)

    def _where(self, vector: Any) -> tuple[Any, Any]:
        """In which row of the block a vector is, and which of that row it is."""
        b, in_row = self.loops.builder, self.loops.count(self.in_row)
        if self.in_row == 1:
            return vector, self.loops.count(0)
        return b.udiv(vector, in_row), b.urem(vector, in_row)

    def _place(self, vector: Any) -> Any:
        """Where a vector begins in the box, without an offset."""
        v = self.vectors
        if self.continued:
            return v.times(vector, self.lanes)
        down, part = self._where(vector)
        row = v.times(down, self.pitch)
        return self.loops.builder.add(row, v.times(part, self.lanes))

    # The end -------------------------------------------------------------------------

    def _finish_strip(self, begin: Any, first: Any, count: Any, own: Any) -> None:
        """The vectors of one strip; the last one in a row of places may be shorter."""
        b, loops, edge = self.loops.builder, self.loops, self.lane.length % self.lanes

        def vector(n: Any) -> None:
            down, part = self._where(b.add(first, n))
            place = b.add(begin, down), part, self.vectors.times(n, self.lanes)
            if not edge or self.in_row == 1:
                self._finish(place, own, edge or self.lanes)
                return
            last = b.icmp_signed("==", part, loops.count(self.in_row - 1))
            with loops.when(b.not_(last)):
                self._finish(place, own, self.lanes)
            with loops.when(last):
                self._finish(place, own, edge)

        loops.loop(0, loops.smaller(b.sub(count, first), self.tile.width), vector)

    def _finish_row(self, begin: Any, down: Any, own: Any) -> None:
        """One row of places, whose sums were kept with those of the others."""
        v, b = self.vectors, self.loops.builder
        whole, edge = divmod(self.lane.length, self.lanes)

        def vector(part: Any, valid: int = self.lanes) -> None:
            at = b.add(v.times(down, self.pitch), v.times(part, self.lanes))
            self._finish((b.add(begin, down), part, at), own, valid)

        self.loops.loop(0, whole, vector)
        if edge:
            vector(self.loops.count(whole), edge)

    def _finish(self, place: Any, own: Any, valid: int) -> None:
        """One vector of every row of the tile, of which so many numbers exist."""
        v, b = self.vectors, self.loops.builder
        (down, part, at), (first, rows) = place, own

        def one(r: Any) -> None:
            value = v.load(self.sums, b.add(v.times(r, self._plane()), at))
            places = {
                self.row: b.add(first, r),
                self.down: down,
                self.lane: v.times(part, self.lanes),
            }
            self.finish(self.items, places, self.lane, value, valid)

        self.loops.loop(0, rows, one)
