"""A product whose results are the places of an image: a convolution, or its gradient.

The lanes run along the places, so every vector of pixels is one load from the box. A
block is an ordinary matrix product: weights, packed once for all images, times vectors
of places. These begin anew with every row of places, or go on from row to row over the
frame between them, whichever are fewer; what is summed beyond a row is never looked at.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.factors import split
from seegrad.compiler.machine.host import Host
from seegrad.compiler.planning.kernels import ProductKernel
from seegrad.compiler.products.product_block import Block, Place
from seegrad.compiler.products.product_factors import Left, Reader, Right
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_sums import Sums
from seegrad.compiler.products.product_walk import Walk
from seegrad.compiler.programs.index import Axis
from seegrad.compiler.windows.window_kernel import WindowKernel

BLOCKS = 8  # from which threads have enough to share; else they share the weights


class ImageProduct(WindowKernel):
    """Writes a kernel of the kind "product" whose last two columns are places."""

    def __init__(self, access: Access, kernel: ProductKernel, machine: Host) -> None:
        super().__init__(access, kernel, machine, summed=False)
        self.fits = self.fits and self._fits()
        if not self.fits:
            return
        step = self.index[-1].atoms.get(self.along, 1)
        self.cut((*self.inner, self.along), step, wanted=BLOCKS)
        self.starts, self.pitch = self._vectors()
        self.width = len(self.starts) * self.lanes
        k = Axis(math.prod(axis.length for axis in self.inner), "k")
        self.weights = self.left_factor(k, split(self.inner, k))
        self.pixels = self._pixels()
        sizes = self.row.length, self.width, k.length
        p = self.planned(sizes, self.weights, self.pixels)
        self.plan = replace(p, packs_left=True, packs_right=False)

    def _fits(self) -> bool:
        """Whether the lanes meet nothing but one row of pixels."""
        *others, last = [part.atoms for part in self.index]
        if any(self.along in atoms for atoms in others) or last.get(self.along, 1) < 1:
            return False
        return set(last) <= {self.along, *self.inner}

    def _vectors(self) -> tuple[list[int], int]:
        """Where vectors begin in the box; and from row to row of their sums."""
        places, lanes = self.box.offsets(self.down, self.along), self.lanes
        by_rows = places[:, ::lanes]
        pitch = int(places[-1, 0]) // max(len(places) - 1, 1)
        through = range(0, int(places[-1, -1]) + 1, lanes)
        if pitch >= self.along.length and len(through) < by_rows.size:
            return list(through), pitch
        return list(by_rows.ravel()), by_rows.shape[1] * lanes

    def _pixels(self) -> Operand:
        """The vectors of the box."""
        v, b = self.vectors, self.loops.builder

        def start(j: Any) -> Any:
            number = b.udiv(j, self.loops.count(self.lanes))
            first = v.address(self.copy.pointer, self.start(number))
            return lambda k: v.load(first, self.offset(k))

        return Operand(start, contiguous="outer")

    def _sizes(self) -> list[int]:
        """Scratch memory: the box, the sums of a tile, and the weights."""
        p, vector = self.plan, self.lanes  # one more of which may be touched
        sums = p.tile.rows * self.width + vector
        return self.whole_vectors(self.box.size + vector, sums, p.left_size + vector)

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return sum(self._sizes()) * self.term.dtype.itemsize

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """Threads share the blocks, or where there are few, the tiles of weights."""
        v, loops, p = self.vectors, self.loops, self.plan
        box, sums, _ = self._sizes()
        self.sums, self.packed = v.address(scratch, box), v.address(scratch, box + sums)
        self.start = self.table(np.array(self.starts))
        self.offset = self.table(self.box.offsets(*self.inner))
        self.items = self.kernel.items_at(split(self.rows, self.row))
        zero, tiles = loops.count(0), p.rows.parts
        if self.blocks < BLOCKS:
            blocks = zero, loops.count(self.blocks)
            self.tiles = loops.shares(tiles, thread, threads)
        else:
            blocks = loops.shares(self.blocks, thread, threads)
            self.tiles = zero, loops.count(tiles)

        def block() -> None:
            loops.loop(*self.tiles, self._tile)

        def product() -> None:
            weights = Left(v, p, self.weights, self.packed)
            weights.pack(Block((zero, zero), self.tiles, zero, zero, p.inner.total))
            self.each_block(blocks, block)

        self.products(scratch, product)

    def _tile(self, tile: Any) -> None:
        """Some rows of weights with everything in the box."""
        v, b, loops, p = self.vectors, self.loops.builder, self.loops, self.plan
        number = b.sub(tile, self.tiles[0])
        packed = v.address(self.packed, v.times(number, p.left_strip))
        first, end = p.rows.ends(loops, tile)
        begin = self.access.counters[self.down]

        def keep(i: Any, j: Any, sums: Any, lanes: int, valid: int) -> None:
            at = b.add(v.times(b.sub(i, first), self.width), j)
            v.store(sums, self.sums, at)

        left = Packed(v, p, self.weights, packed)
        right = Pixels(v, p, self.pixels, None)
        walk = Walk(v, p, left, right, Sums(v, p, keep, None))
        walk.emit(tile, loops.count(p.rows.parts))

        def row(r: Any) -> None:
            line = v.times(b.sub(r, first), self.width)

            def down(d: Any) -> None:
                start = b.add(line, v.times(d, self.pitch))
                self._finish_row(r, b.add(begin, d), start)

            loops.loop(0, self.height, down)

        loops.loop(first, end, row)

    def _finish_row(self, row: Any, down: Any, start: Any) -> None:
        """The places of one row, whose sums begin at ``start``."""

        def vector(at: Any, valid: int = self.lanes) -> None:
            sums = self.vectors.load(self.sums, self.loops.builder.add(start, at))
            counters = {self.row: row, self.down: down, self.along: at}
            self.access.store_product(
                self.items, sums, counters, self.along, self.lanes, valid
            )

        self.loops.by_lanes(0, self.along.length, self.lanes, vector)


class Packed(Left):
    """Weights that were packed before."""

    def pack(self, block: Block) -> None:
        """Nothing is left to do."""


class Pixels(Right):
    """Vectors of a box, each of which begins where a list says."""

    def reader(self, block: Block, place: Place) -> Reader:
        """How to read vector ``column`` of a strip at k."""
        v, lanes = self.vectors, self.vectors.lanes
        begins = [v.plus(place.column, n * lanes) for n in range(place.wide.size)]
        readers = [self.operand.start(begin) for begin in begins]
        return lambda k, column: readers[column](k)
