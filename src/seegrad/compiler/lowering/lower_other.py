"""The plain loops: adding up at looked-up places, and products of whole numbers.

A scatter adds many numbers to few places, so two threads could meet at one of them.
Each thread therefore takes columns of its own and goes through all rows; no two meet,
and the order of additions is always the same.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.lower import shares
from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.programs.index import Axis, axes_of, index_of
from seegrad.compiler.programs.origins import factors, target


class ScatterWriter:
    """Writes a kernel of the kind "scatter"."""

    def __init__(self, access: Access, kernel: Kernel, lanes: int) -> None:
        self.access, self.loops = access, access.loops
        self.item = kernel.items[0]
        self.term = self.item.term
        self.values = self.term.inputs[0]
        left = iter(kernel.axes)
        self.axes = tuple(next(left) if n != 1 else Axis(1) for n in self.values.shape)
        self.index = index_of(self.axes)
        self.target = target(self.term, self.axes)
        self.last = self.axes[-1] if self.axes else None
        self.rows = [axis for axis in self.axes if axis.length != 1]
        self.lanes = 1
        straight = self.last and self.target[-1].axis is self.last
        if self.last is not None and straight and self.last.length >= lanes:
            self.lanes = lanes
            self.rows.remove(self.last)

    def write(self, thread: Any, threads: Any) -> None:
        """Each thread its own columns; where there are none, the first does it all."""
        if self.lanes == 1:
            share = shares(self.loops, 1, thread, threads)
            self.loops.loop(*share, lambda _: self._columns())
            return
        assert self.last is not None
        loops, lanes = self.loops, self.lanes
        vectors, left = -(-self.last.length // lanes), self.last.length % lanes

        def one(v: Any) -> None:
            start = loops.builder.mul(v, loops.count(lanes))
            if not left:
                self._vector(start, lanes)
                return
            is_last = loops.builder.icmp_signed("==", v, loops.count(vectors - 1))
            with loops.when(loops.builder.not_(is_last)):
                self._vector(start, lanes)
            with loops.when(is_last):
                self._vector(start, left)

        loops.loop(*shares(loops, vectors, thread, threads), one)

    def _vector(self, start: Any, valid: int) -> None:
        assert self.last is not None
        with self.access.at({self.last: start}, self.last, self.lanes, valid):
            self._columns()

    def _columns(self) -> None:
        """Zeros everywhere in these columns; then every number is added to one."""
        access, term = self.access, self.term
        rows = axes_of(term.shape, "z")
        index = index_of(rows)
        if self.lanes > 1:
            rows, index = rows[:-1], (*index[:-1], index_of([self.last])[0])
        zero = access.words(1).constant(0, term.dtype, 1)
        access.nest(rows, lambda: access.store(term, index, zero))
        access.nest(self.rows, self._add)

    def _add(self) -> None:
        access = self.access
        value = access.read(self.values, self.index)
        there = access.load(self.term, self.target, None)
        access.store(self.term, self.target, there + value)


class PlainProduct:
    """A product that is not worth the generator: of whole or of no numbers."""

    def __init__(self, access: Access, kernel: Kernel) -> None:
        assert kernel.product is not None
        self.access, self.loops = access, access.loops
        self.kernel, self.product = kernel, kernel.product
        self.item = kernel.items[0]
        self.inner = axes_of(self.product.inner, "inner")

    def write(self, thread: Any, threads: Any) -> None:
        """The first thread goes through all results, one by one."""
        share = shares(self.loops, 1, thread, threads)
        axes = self.kernel.axes
        self.loops.loop(*share, lambda _: self.access.nest(axes, self._number))

    def _number(self) -> None:
        """One sum, and what melted into the product."""
        access, term = self.access, self.item.term
        zero = access.words(1).constant(0, term.dtype, 1).value
        (total,) = access.nest(self.inner, self._add, (zero,))
        number = access.words(1).register(total, term.dtype)
        access.known[term] = self.item.index, number
        access.computed = {item.term for item in self.kernel.items[1:]}
        access.store_items(self.kernel.items)
        del access.known[term]

    def _add(self, now: Any) -> list[Any]:
        access, term = self.access, self.item.term
        parts = map(index_of, (*self.kernel.parts, self.inner))
        left, right = [
            access.read_inside(read).astype(term.dtype)
            for read in factors(term, self.product, *parts)
        ]
        return [(access.words(1).register(now, term.dtype) + left * right).value]
