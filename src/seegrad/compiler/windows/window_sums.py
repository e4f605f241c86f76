"""A product whose columns are the places in a window: the gradient for the weights.

Every result is a sum over all places of all images. The lanes run along the output
channels, whose gradients are turned to lie side by side; a tile is some places in the
window by a few vectors of channels. Each block of an image is summed on its own and
then added to the rest, always in the same order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.lower import shares
from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.products.product_target import Target
from seegrad.compiler.products.product_vectors import LANE
from seegrad.compiler.products.tiles import Tile, accumulate
from seegrad.compiler.programs.index import Axis
from seegrad.compiler.registers.loops import FLAG, INDEX, POINTER
from seegrad.compiler.windows.stage import Stage
from seegrad.compiler.windows.window import Box
from seegrad.compiler.windows.window_cut import Cut, cuts
from seegrad.compiler.windows.window_kernel import Windows, flat, replaced, split
from seegrad.compiler.windows.window_turn import Turned

FINISH = 60.0  # cycles to collect one vector of results from the sums, and to store it
MOST = 1 << 27  # bytes of scratch; a thread touches only its share of the sums
TURN = 3.0  # cycles to turn one vector


class WindowSums(Windows):
    """Writes a kernel of the kind "product" whose inner axes are places of an image."""

    def __init__(self, access: Access, kernel: Kernel, target: Target) -> None:
        super().__init__(access, kernel, target)
        absent = self.product.right.absent
        self.fits = self.axes is not None and len(self.inner) >= 2 and not absent
        if not self.fits:
            return
        self.down, self.along = self.inner[-2:]
        self.images = self.inner[:-2]
        self.height = self._height()
        self.bands = -(-self.down.length // self.height)
        self.box = self._box(self.height)
        self.k = Axis(self.height * self.along.length, "k")
        lengths = tuple(axis.length for axis in self.columns)
        backwards = [not self._grows(axis) for axis in self.columns]
        vectors = -(-self.row.length // self.lanes)
        found = cuts(lengths, backwards, vectors, target.registers)
        self.fits = bool(found)
        if not found:
            return
        self.cut = min(found, key=self._cost)
        self.tile = Tile(self.cut.tall, self.cut.width)
        self.left_factor = Turned(self, self.k, self.down, self.along, self.cut.width)
        self.strip = self.left_factor.strip
        self.fits = self.scratch_bytes() <= MOST

    def _box(self, height: int) -> Box:
        assert self.axes is not None
        moving = {axis: axis.length for axis in (*self.columns, self.along)}
        return Box(self.axes, moving | {self.down: height})

    def _height(self) -> int:
        """Rows of an image in a block: what belongs to it fits the cache."""
        most, itemsize = self.down.length, self.term.dtype.itemsize
        room = self.target.second_cache // 4 // itemsize
        row = -(-self.row.length // self.lanes) * self.lanes * self.along.length
        while most > 1 and self._box(most).size + row * most > room:
            half = -(-most // 2)
            # Also the last block must be long enough for a vector along its places.
            least = min(half, self.down.length % half or half)
            if least * self.along.length < self.lanes:
                break
            most = half
        return most

    def _cost(self, cut: Cut) -> float:
        """Cycles on one, two and four threads: a few units cannot be shared evenly."""
        units = cut.tiles * cut.groups
        rounds = sum(-(-units // threads) for threads in (1, 2, 4))
        return cut.cycles(self.k.length) / units * rounds

    def _grows(self, counter: Axis) -> bool:
        """Whether what lies beyond the end of a counter lies behind in the box."""
        assert self.axes is not None
        return all(a.expression.atoms.get(counter, 0) >= 0 for a in self.axes)

    def cycles(self) -> float:
        """About how long all of it takes."""
        blocks = math.prod(a.length for a in (*self.batch, *self.images)) * self.bands
        turned = self.left_factor.size / self.lanes * TURN
        vectors = math.prod(self.cut.lengths) * self.row.length / self.lanes
        each = self.cut.cycles(self.k.length) + turned
        return blocks * each + vectors * FINISH

    # Scratch memory: the box, the turned left factor, all sums ------------------------

    def _sizes(self) -> list[int]:
        lanes, cut = self.lanes, self.cut
        beyond = cut.beyond * self.box.stride(self.columns[cut.axis])
        box = self.box.size + beyond + lanes
        sums = cut.tiles * cut.groups * cut.tall * self.strip
        sizes = box, self.left_factor.size, sums
        return [-(-n // lanes) * lanes for n in sizes]

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return sum(self._sizes()) * self.term.dtype.itemsize

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """Each thread goes through all images, for the tiles that belong to it."""
        v, loops = self.vectors, self.loops
        self._prepare(scratch)
        mine = shares(loops, self.cut.tiles * self.cut.groups, thread, threads)
        band = Axis(self.bands, "band")
        axes = *self.images, band

        def block() -> None:
            begin = v.times(self.access.counters[band], self.height)
            with self.access.at({self.down: begin}):
                self.stage.fill()
                self._block(begin, mine)

        def product() -> None:
            self._clear(mine)
            self.each(axes, (0, math.prod(a.length for a in axes)), block)
            loops.loop(*mine, self._finish_unit)

        self.stage.clear()
        self.each_batch(product)

    def _prepare(self, scratch: Any) -> None:
        v, (box, left, _) = self.vectors, self._sizes()
        corners = self.box.corners([self.down])
        self.stage = Stage(
            self.access, v, self.image, self.box, corners, self.term.dtype
        )
        self.stage.pointer = scratch
        self.left_factor.pointer = v.address(scratch, box)
        self.sums = v.address(scratch, box + left)
        self.offsets = self.table(self.box.offsets((self.down, self.along)).ravel())
        self.starts, self.firsts = self._tables()
        self.column = flat(self.columns, "column")
        new = split(self.rows, self.row) | split(self.columns, self.column)
        self.items = replaced(self.kernel.items, new)

    def _tables(self) -> tuple[Any, Any]:
        """Where each tile begins: in the box, and among the columns."""
        cut = self.cut
        every = (..., slice(None, None, cut.several))
        offsets = self.box.offsets(self.columns[: cut.axis + 1])[every]
        numbers = np.arange(math.prod(cut.lengths))
        firsts = numbers.reshape(*cut.lengths[: cut.axis + 1], -1)[..., 0][every]
        return self.table(offsets.ravel()), self.table(firsts.ravel())

    def _inside(self) -> list[int]:
        """Where the columns of a tile are in the box, counted from its first."""
        axis, *rest = self.columns[self.cut.axis :]
        step = self.box.stride(axis)
        after = self.box.offsets(rest).ravel() if rest else np.zeros(1, np.int64)
        return [int(n * step + m) for n in range(self.cut.several) for m in after]

    def _clear(self, mine: tuple[Any, Any]) -> None:
        v, loops = self.vectors, self.loops
        low, high = (v.times(n, self.tile.rows * self.strip) for n in mine)
        loops.loop(low, high, lambda n: v.store(v.zero, self.sums, n), step=self.lanes)

    def _unit(self, u: Any) -> tuple[Any, Any, Any]:
        """The tile and the group of rows of a unit of work, and where its sums are."""
        v, b, groups = (
            self.vectors,
            self.loops.builder,
            self.loops.count(self.cut.groups),
        )
        kept = v.address(self.sums, v.times(u, self.tile.rows * self.strip))
        return b.udiv(u, groups), b.urem(u, groups), kept

    # One block -----------------------------------------------------------------------

    def _block(self, begin: Any, mine: tuple[Any, Any]) -> None:
        """Add what a block has to give to every tile that is this thread's."""
        v, b, loops, tile = self.vectors, self.loops.builder, self.loops, self.tile
        depth: Any = self.k.length
        if self.bands > 1:
            over = b.sub(loops.count(self.down.length), begin)
            depth = v.times(loops.smaller(over, self.height), self.along.length)
        self.left_factor.pack(depth)
        inside = self._inside()

        def unit(u: Any) -> None:
            number, group, kept = self._unit(u)
            start = v.address(self.stage.pointer, self.entry(self.starts, number))
            strip = self.left_factor.begin(group)

            def pixel(k: Any, column: int) -> Any:
                at = v.address(start, self.entry(self.offsets, k))
                return v.load_number(at, loops.count(inside[column]))

            def channels(k: Any, n: int) -> Any:
                return v.load(strip, v.plus(v.times(k, self.strip), n * self.lanes))

            sums = accumulate(v, tile, depth, pixel, channels)
            for n, value in enumerate(sums):
                there = v.load(kept, n * self.lanes)
                v.store(b.fadd(there, value), kept, n * self.lanes)

        loops.loop(*mine, unit)

    # The end -------------------------------------------------------------------------

    def _finish_unit(self, u: Any) -> None:
        """Every row of a tile, with the lanes along the columns."""
        b, loops, cut = self.loops.builder, self.loops, self.cut
        number = self._unit(u)[0]
        if not cut.rest:
            self._lines(u, cut.tall)
            return
        last = b.urem(number, loops.count(cut.along))
        is_last = b.icmp_signed("==", last, loops.count(cut.along - 1))
        with loops.when(b.not_(is_last)):
            self._lines(u, cut.tall)
        with loops.when(is_last):
            self._lines(u, cut.rest)

    def _lines(self, u: Any, columns: int) -> None:
        v, b, loops, lanes = self.vectors, self.loops.builder, self.loops, self.lanes
        number, group, kept = self._unit(u)
        column, first = self.entry(self.firsts, number), v.times(group, self.strip)
        over = b.sub(loops.count(self.row.length), first)

        def line(r: Any) -> None:
            for start in range(0, columns, lanes):
                valid = min(lanes, columns - start)
                at = v.address(kept, v.plus(r, start * self.strip))
                places = {self.row: b.add(first, r), self.column: v.plus(column, start)}
                value = self._collected(at, valid)
                self.finish(self.items, places, self.column, value, valid)

        loops.loop(0, loops.smaller(over, self.strip), line)

    def _collected(self, pointer: Any, valid: int) -> Any:
        """The sums of one row and of the first columns from a place on."""
        v, lanes = self.vectors, self.lanes
        steps = [self.strip * min(n, valid - 1) for n in range(lanes)]
        index = ir.Constant(ir.VectorType(INDEX, lanes), steps)
        places = self.loops.builder.gep(pointer, [index], source_etype=v.number)
        places.type = ir.VectorType(POINTER, lanes)  # llvmlite takes it for one
        name = f"llvm.masked.gather.v{lanes}f{8 * v.itemsize}.v{lanes}p0"
        all_ = ir.Constant(ir.VectorType(FLAG, lanes), [1] * lanes)
        arguments = [places, LANE(v.itemsize), all_, v.zero]
        return self.loops.intrinsic(name, v.vector, arguments)
