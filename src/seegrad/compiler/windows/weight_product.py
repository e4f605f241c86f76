"""A product whose columns are the places in a window: the gradient for the weights.

Every result is a sum over all places of all images. A block of an image is a matrix
product that adds its share to the sums: the pixels of the box, one by one, times
vectors that hold a gradient for each output channel. So lanes run along the channels,
and the sums are turned when they are finished.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from llvmlite import ir

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.factors import flat, split
from seegrad.compiler.machine.host import Host
from seegrad.compiler.planning.kernels import ProductKernel
from seegrad.compiler.products.product_block import each_kind
from seegrad.compiler.products.product_factors import Left, Right
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_plan import Plan
from seegrad.compiler.products.product_split import Pieces, Split
from seegrad.compiler.products.product_sums import Sums
from seegrad.compiler.products.product_vectors import LANE
from seegrad.compiler.products.product_walk import Walk
from seegrad.compiler.products.tiles import BUSY, Tile
from seegrad.compiler.programs.index import Axis, Expression
from seegrad.compiler.registers.loops import FLAG, INDEX, POINTER
from seegrad.compiler.windows.window_kernel import WindowKernel

MOST = 1 << 27  # bytes of scratch; a thread touches only its share of the sums
TILES = 4  # that threads can share, if none gets too small by it


class WeightProduct(WindowKernel):
    """Writes a kernel of the kind "product" whose last two inner axes are places."""

    def __init__(self, access: Access, kernel: ProductKernel, machine: Host) -> None:
        super().__init__(access, kernel, machine, summed=True)
        if not self.fits:
            return
        self.fits = set(self.index[-1].atoms) <= {*self.columns, self.along}
        if not self.fits:
            return
        channels = -(-self.row.length // self.lanes) * self.lanes
        near = channels * self.along.length
        self.cut((*self.columns, self.along), step=1, more=near)
        self.column = flat(self.columns, "column")
        pixels = Operand(self._pixels)
        k = Axis(self.height * self.along.length, "k")
        self.right = self._gradients(k)
        sizes = self.column.length, self.row.length, k.length
        self.plan = self._shared(self.planned(sizes, pixels, self.right))
        # Only in a narrow tile there are registers for pointers to all of its rows.
        narrow = self.plan.tile.width == 1
        self.left = pixels if narrow else Operand(lambda i: partial(self._pixel, i))
        self.fits = self.scratch_bytes() <= MOST

    def _gradients(self, k: Axis) -> Operand:
        """The other factor, for place number k of a block."""
        place, across = Expression.of(k), self.along.length
        down = Expression.of(self.bands) * self.height + place // across
        new = {self.down: down, self.along: place % across}
        return self.left_factor(k, new)

    def _shared(self, p: Plan) -> Plan:
        """The plan, with enough tiles for several threads."""
        columns = self.column.length
        rows = Split(columns, max(p.rows.parts, min(TILES, columns // BUSY)))
        tile = Tile(rows.size, p.tile.width)
        return replace(p, tile=tile, rows=rows, block_rows=rows.parts, packs_left=False)

    def _pixels(self, i: Any) -> Any:
        """The numbers of the box that one place in the window meets."""
        first = self.vectors.address(self.copy.pointer, self.start(i))
        return lambda k: self.vectors.load_number(first, self.offset(k))

    def _pixel(self, i: Any, k: Any) -> Any:
        """One of them, with a pointer that is used once."""
        return self._pixels(i)(k)

    def _sizes(self) -> list[int]:
        """Scratch memory: the box, all sums, and what the product needs."""
        p = self.plan
        return self.whole_vectors(
            self.box.size + self.lanes,
            self.column.length * p.columns.total * self.lanes,
            p.right_size,
        )

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return sum(self._sizes()) * self.term.dtype.itemsize

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """Each thread goes through all images, for the tiles that belong to it."""
        v, p, (box, sums, _) = self.vectors, self.plan, self._sizes()
        self.sums = v.address(scratch, box)
        packed = v.address(scratch, box + sums)
        self.start = self.table(self.box.offsets(*self.columns))
        self.offset = self.table(self.box.offsets(self.down, self.along))
        new = split(self.rows, self.row) | split(self.columns, self.column)
        self.items = self.kernel.items_at(new)
        mine = self.loops.shares(p.rows.parts, thread, threads)

        def block() -> None:
            left, right = Left(v, p, self.left, None), Right(v, p, self.right, packed)
            Walk(v, p, left, right, Sums(v, p, self._add, None)).emit(thread, threads)

        def product() -> None:
            self._clear(mine)
            self.each_block((0, self.blocks), block)
            each_kind(v, p.rows.kinds(), mine, self._finish_tile)

        self.products(scratch, product)

    def _at(self, column: Any, row: Any) -> Any:
        """Where a sum is kept: a vector of rows for each column, strip by strip."""
        b, lanes = self.loops.builder, self.loops.count(self.lanes)
        lane = b.urem(row, lanes)
        strip = self.vectors.times(b.sub(row, lane), self.column.length)
        return b.add(b.add(strip, b.mul(column, lanes)), lane)

    def _clear(self, mine: tuple[Any, Any]) -> None:
        """Zeros for the tiles of a thread; others have theirs in other memory."""
        v, rows = self.vectors, self.plan.rows
        first, end = (rows.start(self.loops, tile) for tile in mine)

        def strip(row: Any) -> None:
            def clear(column: Any) -> None:
                v.store(v.zero, self.sums, self._at(column, row))

            self.loops.loop(first, end, clear)

        self.loops.loop(0, self.row.length, strip, step=self.lanes)

    def _add(self, i: Any, j: Any, sums: Any, lanes: int, valid: int) -> None:
        v, at = self.vectors, self._at(i, j)
        v.store(self.loops.builder.fadd(v.load(self.sums, at), sums), self.sums, at)

    def _finish_tile(self, kind: Pieces, number: Any) -> None:
        """All rows of a tile of columns, with the lanes along these."""
        v, first = self.vectors, self.plan.rows.start(self.loops, number)

        def row(r: Any) -> None:
            for start in range(0, kind.size, self.lanes):
                valid = min(self.lanes, kind.size - start)
                column = v.plus(first, start)
                sums = self._turned(column, r, valid)
                counters = {self.row: r, self.column: column}
                self.access.store_product(
                    self.items, sums, counters, self.column, self.lanes, valid
                )

        self.loops.loop(0, self.row.length, row)

    def _turned(self, column: Any, row: Any, valid: int) -> Any:
        """The sums of one row, for the columns from one on."""
        v, b, lanes = self.vectors, self.loops.builder, self.lanes
        steps = [lanes * min(n, valid - 1) for n in range(lanes)]
        index = ir.Constant(ir.VectorType(INDEX, lanes), steps)
        first = v.address(self.sums, self._at(column, row))
        places = b.gep(first, [index], source_etype=v.number)
        places.type = ir.VectorType(POINTER, lanes)  # llvmlite takes it for one
        name = f"llvm.masked.gather.v{lanes}f{8 * v.itemsize}.v{lanes}p0"
        all_ = ir.Constant(ir.VectorType(FLAG, lanes), [1] * lanes)
        arguments = [places, LANE(v.itemsize), all_, v.zero]
        return self.loops.intrinsic(name, v.vector, arguments)
