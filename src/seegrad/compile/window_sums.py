"""A product whose columns are the places in a window: the gradient for the weights.

Every result is a sum over all places of all images. The lanes run along the output
channels, whose gradients are turned to lie side by side; a tile is some places in the
window by a few vectors of channels. Each block of an image is summed on its own and
then added to the rest, always in the same order.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir

from seegrad.compile.access import Access
from seegrad.compile.index import Axis, Expression
from seegrad.compile.loops import INDEX, POINTER
from seegrad.compile.lower import shares
from seegrad.compile.lower_product import layout
from seegrad.compile.origins import Index
from seegrad.compile.packing import Strip, pack_straight, pack_turned
from seegrad.compile.plan import Kernel
from seegrad.compile.product_operand import Operand
from seegrad.compile.product_target import Target
from seegrad.compile.product_vectors import LANE
from seegrad.compile.stage import Stage
from seegrad.compile.tiles import OVERHEAD, Tile, accumulate, fitting
from seegrad.compile.window import Box
from seegrad.compile.window_kernel import Windows, replaced, split

FINISH = 60.0  # cycles to collect one vector of results from the sums, and to store it


class Cut(NamedTuple):
    """How the columns are cut into tiles of one shape.

    A tile is ``several`` values of axis number ``axis`` with all that comes after it;
    ``width`` is its vectors of rows.
    """

    axis: int
    several: int
    width: int


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
        self.lengths = [axis.length for axis in self.columns]
        self.height = self._height()
        self.bands = -(-self.down.length // self.height)
        self.box = self._box(self.height)
        self.k = Axis(self.height * self.along.length, "k")
        cuts = self._cuts()
        self.fits = bool(cuts)
        if not self.fits:
            return
        self.cut = min(cuts, key=self._cycles)
        self.tile = Tile(self._tall(self.cut), self.cut.width)
        self.groups = -(-self.row.length // (self.cut.width * self.lanes))
        self.fits = self.scratch_bytes() <= 2 * target.second_cache

    def _box(self, height: int) -> Box:
        assert self.axes is not None
        moving = {axis: axis.length for axis in (*self.columns, self.along)}
        return Box(self.axes, moving | {self.down: height})

    def _height(self) -> int:
        """Rows of an image in a block: what belongs to it fits the cache."""
        most, itemsize = self.down.length, self.term.dtype.itemsize
        room = self.target.second_cache // 4 // itemsize
        rows = -(-self.row.length // self.lanes) * self.lanes * self.along.length
        while most > 1 and self._box(most).size + rows * most > room:
            most = -(-most // 2)
        # The last block must be long enough for a vector along its places.
        rest = self.down.length % most
        if rest and rest * self.along.length < self.lanes:
            return self.down.length
        return most

    # Tiles ---------------------------------------------------------------------------

    def _cuts(self) -> list[Cut]:
        shapes = set(fitting(self.target.registers))
        widest = -(-self.row.length // self.lanes)
        return [
            cut
            for axis, length in enumerate(self.lengths)
            for several in range(1, length + 1)
            for width in range(1, min(widest, 4) + 1)
            if Tile(self._tall(cut := Cut(axis, several, width)), width) in shapes
            if length % several == 0 or self._grows(self.columns[axis])
        ]

    def _tall(self, cut: Cut) -> int:
        """Columns in a tile."""
        return cut.several * math.prod(self.lengths[cut.axis + 1 :])

    def _grows(self, counter: Axis) -> bool:
        """Whether reading beyond the end of a counter stays behind the box's begin."""
        assert self.axes is not None
        return all(a.expression.atoms.get(counter, 0) >= 0 for a in self.axes)

    def _along(self, cut: Cut) -> int:
        """Tiles along the axis that is cut."""
        return -(-self.lengths[cut.axis] // cut.several)

    def _tiles(self, cut: Cut) -> int:
        return math.prod(self.lengths[: cut.axis]) * self._along(cut)

    def _cycles(self, cut: Cut) -> float:
        """About how long a block takes."""
        tall, wide = self._tall(cut), cut.width
        groups = -(-self.row.length // (wide * self.lanes))
        sums = tall * wide
        steady = max(sums / 2, (tall + wide) / 2, 4)
        each = self.k.length * steady + OVERHEAD + 3 * sums
        return self._tiles(cut) * groups * each

    def cycles(self) -> float:
        """About how long all of it takes."""
        blocks = math.prod(a.length for a in (*self.batch, *self.images)) * self.bands
        turned = self.k.length * self.row.length / self.lanes * 3
        finished = math.prod(self.lengths) * self.row.length / self.lanes * FINISH
        return blocks * (self._cycles(self.cut) + turned) + finished

    # Scratch memory: the box, the turned left factor, all sums ------------------------

    def _sizes(self) -> list[int]:
        lanes, strip = self.lanes, self.cut.width * self.lanes
        box = self.box.size + self._beyond() + lanes
        left = self.groups * strip * self.k.length
        sums = self._tiles(self.cut) * self.groups * self.tile.rows * strip
        return [-(-n // lanes) * lanes for n in (box, left, sums)]

    def _beyond(self) -> int:
        """How far behind the box the last tile may read."""
        axis = self.columns[self.cut.axis]
        over = self._along(self.cut) * self.cut.several - axis.length
        return over * self.box.stride(axis)

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return sum(self._sizes()) * self.term.dtype.itemsize

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """Each thread goes through all images, for the tiles that belong to it."""
        v = self.vectors
        box, left, _ = self._sizes()
        corners = self.box.corners([self.down])
        self.stage = Stage(
            self.access, v, self.image, self.box, corners, self.term.dtype
        )
        self.stage.pointer = scratch
        self.packed, self.sums = v.address(scratch, box), v.address(scratch, box + left)
        self.offsets = self.table(self.box.offsets((self.down, self.along)).ravel())
        self.starts, self.firsts = self._tables()
        column = Axis(math.prod(self.lengths), "column")
        self.column = self.columns[0] if len(self.columns) == 1 else column
        new = split(self.rows, self.row) | split(self.columns, self.column)
        self.items = replaced(self.kernel.items, new)
        self.stage.clear()
        count = self._tiles(self.cut) * self.groups
        mine = shares(self.loops, count, thread, threads)
        band = Axis(self.bands, "band")
        axes = *self.images, band
        blocks = 0, math.prod(a.length for a in axes)

        def block() -> None:
            begin = v.times(self.access.counters[band], self.height)
            with self.access.at({self.down: begin}):
                self.stage.fill()
                self._block(begin, mine)

        def product() -> None:
            self._clear(mine)
            self.each(axes, blocks, block)
            self.loops.loop(*mine, self._finish_unit)

        self.each_batch(product)

    def _tables(self) -> tuple[Any, Any]:
        """Where each tile begins: in the box, and among the columns."""
        axes = self.columns[: self.cut.axis + 1]
        offsets = self.box.offsets(axes)[..., :: self.cut.several]
        lengths = self.lengths
        first = np.arange(math.prod(lengths)).reshape(lengths)
        index = (..., slice(None, None, self.cut.several))
        rest = (0,) * (len(lengths) - len(axes))
        first = first[(Ellipsis, *rest)] if rest else first
        return self.table(offsets.ravel()), self.table(first[index].ravel())

    def _inside(self) -> list[int]:
        """Where the columns of a tile are in the box, counted from its first."""
        axis, *rest = self.columns[self.cut.axis :]
        step = self.box.stride(axis)
        after = self.box.offsets(rest).ravel() if rest else np.zeros(1, np.int64)
        return [int(n * step + m) for n in range(self.cut.several) for m in after]

    def _clear(self, mine: tuple[Any, Any]) -> None:
        v, b = self.vectors, self.loops.builder
        size = self.tile.rows * self.tile.width * self.lanes
        low, high = (b.mul(n, self.loops.count(size)) for n in mine)
        self.loops.loop(
            low, high, lambda n: v.store(v.zero, self.sums, n), step=self.lanes
        )

    # One block -----------------------------------------------------------------------

    def _block(self, begin: Any, mine: tuple[Any, Any]) -> None:
        v, b, loops, tile = self.vectors, self.loops.builder, self.loops, self.tile
        depth: Any = self.k.length
        if self.bands > 1:
            left = b.sub(loops.count(self.down.length), begin)
            depth = v.times(loops.smaller(left, self.height), self.along.length)
        self._pack(depth)
        inside, strip = self._inside(), tile.width * self.lanes

        def unit(u: Any) -> None:
            number = b.udiv(u, loops.count(self.groups))
            group = b.urem(u, loops.count(self.groups))
            start = v.address(self.stage.pointer, self.entry(self.starts, number))
            packed = v.address(self.packed, v.times(group, strip * self.k.length))
            known: dict[int, Any] = {}

            def left(k: Any, row: int) -> Any:
                if id(k) not in known:
                    offset = self.entry(self.offsets, k)
                    known[id(k)] = k, v.address(start, offset)
                return v.load_number(known[id(k)][1], loops.count(inside[row]))

            def right(k: Any, n: int) -> Any:
                return v.load(packed, v.plus(v.times(k, strip), n * self.lanes))

            sums = accumulate(v, tile, depth, left, right)
            kept = v.address(self.sums, v.times(u, tile.rows * strip))
            for n, value in enumerate(sums):
                there = v.load(kept, n * self.lanes)
                v.store(b.fadd(there, value), kept, n * self.lanes)

        loops.loop(*mine, unit)

    def _pack(self, depth: Any) -> None:
        """Turn the left factor, so that neighbours are rows of the product."""
        v, loops, lanes = self.vectors, self.loops, self.lanes
        operand, width = self._operand(), self.cut.width
        strip, total = width * lanes, self.row.length

        def pack(n: Any, size: int) -> None:
            group, part = loops.builder.udiv(n, loops.count(width)), None
            part = loops.builder.urem(n, loops.count(width))
            at = v.times(group, strip * self.k.length)
            at = loops.builder.add(at, v.times(part, lanes))
            near = v.address(self.packed, at)
            if operand.contiguous == "inner":
                sure = lanes if total % lanes == 0 else 0
                begin = loops.count(0)
                first = v.times(n, lanes)
                block = Strip(near, strip, first, lanes, sure, total, begin)
                pack_turned(v, operand, block, depth)
                return
            block = Strip(
                near, strip, v.times(n, lanes), size, size, size, loops.count(0)
            )
            pack_straight(v, operand, block, 0, depth)

        whole, rest = divmod(total, lanes)
        if operand.contiguous == "inner":
            loops.loop(0, -(-total // lanes), lambda n: pack(n, lanes))
            return
        loops.loop(0, whole, lambda n: pack(n, lanes))
        if rest:
            pack(loops.count(whole), rest)

    def _operand(self) -> Operand:
        """The left factor as the packing reads it."""
        k, length = Expression.of(self.k), self.along.length
        new = split(self.rows, self.row)
        down = Expression.of(self.down) + k // length
        new |= {self.down: down, self.along: k % length}
        index = self.left(new)
        term = self.term.inputs[self.product.left.position]
        where = layout(self.access, term, index)
        turned = where is not None and where.affine and where.atoms.get(self.k) == 1
        direction: Any = "inner" if turned else "neither"
        return Operand(
            lambda i, k: self._vector(index, self.row, k, i, 1, 1),
            lambda k, i, lanes, valid: self._vector(
                index, self.row, k, i, lanes, valid
            ),
            lambda k, i, lanes, valid: self._vector(index, self.k, k, i, lanes, valid),
            direction,
        )

    def _vector(
        self, index: Index, lane: Axis, k: Any, i: Any, lanes: int, valid: int
    ) -> Any:
        """Neighbours of the left factor along an axis; zeros after them."""
        access, count = self.access, self.loops.count
        term = self.term.inputs[self.product.left.position]
        with access.at({self.k: count(k), self.row: count(i)}, lane, lanes, valid):
            words = access.words(lanes)
            found = words.splat(access.read(term, index).astype(self.term.dtype), lanes)
            tail = access._tail()
            return found.value if tail is None else words.where(tail, found, 0).value

    # The end -------------------------------------------------------------------------

    def _finish_unit(self, u: Any) -> None:
        """Every row of a tile, with the lanes along the columns."""
        v, b, loops = self.vectors, self.loops.builder, self.loops
        number = b.udiv(u, loops.count(self.groups))
        group = b.urem(u, loops.count(self.groups))
        column = self.entry(self.firsts, number)
        strip = self.tile.width * self.lanes
        first = v.times(group, strip)
        rows = loops.smaller(b.sub(loops.count(self.row.length), first), strip)
        kept = v.address(self.sums, v.times(u, self.tile.rows * strip))
        tall = self.tile.rows
        inner = tall // self.cut.several
        rest = self.lengths[self.cut.axis] % self.cut.several * inner

        def lines(valid: int) -> None:
            def line(r: Any) -> None:
                for start in range(0, valid, self.lanes):
                    some = min(self.lanes, valid - start)
                    at = v.address(kept, v.plus(r, start * strip))
                    value = self._gather(at, strip, some)
                    counters = {
                        self.row: b.add(first, r),
                        self.column: v.plus(column, start),
                    }
                    self.finish(self.items, counters, self.column, value, some)

            loops.loop(0, rows, line)

        if not rest:
            lines(tall)
            return
        last = b.urem(number, loops.count(self._along(self.cut)))
        is_last = b.icmp_signed(
            "==", last, loops.count(self._along(self.cut) - 1)
        )
        with loops.when(b.not_(is_last)):
            lines(tall)
        with loops.when(is_last):
            lines(rest)

    def _gather(self, pointer: Any, stride: int, valid: int) -> Any:
        """Numbers that are a stride apart, in the first lanes."""
        v, b, lanes = self.vectors, self.loops.builder, self.lanes
        steps = [stride * min(n, valid - 1) for n in range(lanes)]
        index = ir.Constant(ir.VectorType(INDEX, lanes), steps)
        places = b.gep(pointer, [index], source_etype=v.number)
        places.type = ir.VectorType(POINTER, lanes)  # llvmlite takes it for one
        name = f"llvm.masked.gather.v{lanes}f{8 * v.itemsize}.v{lanes}p0"
        all_ = ir.Constant(ir.VectorType(ir.IntType(1), lanes), [1] * lanes)
        return self.loops.intrinsic(
            name, v.vector, [places, LANE(v.itemsize), all_, v.zero]
        )
