"""The plain loops: adding up at looked-up places, and products of whole numbers.

A scatter adds many numbers to few places, so two threads could meet at one of them.
Each thread therefore takes columns of its own and goes through all rows; no two meet,
and the order of additions is always the same.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.planning.kernels import Kernel, ProductKernel
from seegrad.compiler.programs.index import Expression, axes_of, index_of
from seegrad.compiler.programs.origins import target


class ScatterWriter:
    """Writes a kernel of the kind "scatter"."""

    def __init__(self, access: Access, kernel: Kernel, lanes: int) -> None:
        self.access, self.loops, self.lanes = access, access.loops, lanes
        (self.item,) = kernel.items
        self.term, index = self.item.term, self.item.index
        self.target = target(self.term, index)
        last = index[-1].axis if index else None
        straight = last is not None and self.target[-1].axis is last
        # The axis of the columns, if whole vectors of them can be added at once.
        self.last = last if straight and last and last.length >= lanes else None
        self.rows = [axis for axis in kernel.axes if axis is not self.last]

    def write(self, thread: Any, threads: Any) -> None:
        """Each thread its own columns; where there are none, the first does it all."""
        loops, lanes, last = self.loops, self.lanes, self.last
        if last is None:
            loops.loop(*loops.shares(1, thread, threads), lambda _: self._columns())
            return

        def one(v: Any) -> None:
            start = loops.builder.mul(v, loops.count(lanes))

            def some(valid: int) -> None:
                with self.access.at({last: start}, last, lanes, valid):
                    self._columns()

            loops.existing(v, last.length, lanes, some)

        vectors = -(-last.length // lanes)
        loops.loop(*loops.shares(vectors, thread, threads), one)

    def _columns(self) -> None:
        """Zeros everywhere in these columns; then every number is added to one."""
        access, term = self.access, self.term
        rows = axes_of(term.shape, "z")
        index = index_of(rows)
        if self.last is not None:
            rows, index = rows[:-1], (*index[:-1], Expression.of(self.last))
        zero = access.words(1).constant(0, term.dtype, 1)
        access.nest(rows, lambda: access.store(term, index, zero))
        access.nest(self.rows, self._add)

    def _add(self) -> None:
        access = self.access
        value = access.read(self.term.inputs[0], self.item.index)
        there = access.load(self.term, self.target, None)
        access.store(self.term, self.target, there + value)


class PlainProduct:
    """A product that is not worth the generator: of whole or of no numbers."""

    def __init__(self, access: Access, kernel: ProductKernel) -> None:
        self.access, self.loops, self.kernel = access, access.loops, kernel
        self.term = kernel.items[0].term

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return 0

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """The first thread goes through all results, one by one."""
        share = self.loops.shares(1, thread, threads)
        axes = self.kernel.axes
        self.loops.loop(*share, lambda _: self.access.nest(axes, self._number))

    def _number(self) -> None:
        """One sum, and what melted into the product."""
        access, dtype = self.access, self.term.dtype
        zero = access.words(1).constant(0, dtype, 1).value
        (total,) = access.nest(self.kernel.parts[3], self._add, (zero,))
        access.store_product(self.kernel.items, total, {})

    def _add(self, now: Any) -> list[Any]:
        access, product, dtype = self.access, self.kernel.product, self.term.dtype
        words, reads = access.words(1), self.kernel.factors()
        left, right = (access.read_inside(read).astype(dtype) for read in reads)
        before = words.register(now, dtype)
        total = before + left * right
        for factor, read in zip((product.left, product.right), reads, strict=True):
            inside = access.all_true(read.conditions) if factor.absent else None
            if inside is not None:
                total = words.where(inside, total, before)
        return [total.value]
