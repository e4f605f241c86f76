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
from seegrad.compiler.programs.index import Axis, Expression
from seegrad.compiler.programs.origins import _read, _target


class ScatterWriter:
    """Writes a kernel of the kind "scatter"."""

    def __init__(self, access: Access, kernel: Kernel, lanes: int) -> None:
        self.access, self.loops = access, access.loops
        self.item = kernel.items[0]
        self.term = self.item.term
        self.values = self.term.inputs[0]
        left = iter(kernel.axes)
        self.axes = tuple(next(left) if n != 1 else Axis(1) for n in self.values.shape)
        self.index = tuple(map(Expression.of, self.axes))
        self.target = _target(self.term, self.axes)
        self.last = self.axes[-1] if self.axes else None
        self.rows = [axis for axis in self.axes if axis.length != 1]
        self.lanes = 1
        straight = self.last and self.target[-1] == Expression.of(self.last)
        if self.last is not None and straight and self.last.length >= lanes:
            self.lanes = lanes
            self.rows.remove(self.last)

    def write(self, thread: Any, threads: Any) -> None:
        """Each thread its own columns; where there are none, the first does it all."""
        if self.lanes == 1:
            share = shares(self.loops, 1, thread, threads)
            self.loops.loop(*share, lambda _: self._columns(None, 1))
            return
        assert self.last is not None
        length, lanes = self.last.length, self.lanes
        vectors = -(-length // lanes)
        left = length % lanes

        def one(v: Any) -> None:
            start = self.loops.builder.mul(v, self.loops.count(lanes))
            if not left:
                self._columns(start, lanes)
                return
            b = self.loops.builder
            last = b.icmp_signed("==", v, self.loops.count(vectors - 1))
            with self.loops.when(b.not_(last)):
                self._columns(start, lanes)
            with self.loops.when(last):
                self._columns(start, left)

        self.loops.loop(*shares(self.loops, vectors, thread, threads), one)

    def _columns(self, start: Any, valid: int) -> None:
        if start is None:
            self._clear()
            self._nest(self.rows)
            return
        assert self.last is not None
        with self.access.at({self.last: start}, self.last, self.lanes, valid):
            self._clear()
            self._nest(self.rows)

    def _clear(self) -> None:
        """Zeros everywhere in these columns."""
        shape = self.term.shape
        axes = tuple(Axis(n, f"z{k}") for k, n in enumerate(shape))
        index = [Expression.of(axis) for axis in axes]
        if self.lanes > 1:
            assert self.last is not None
            axes, index[-1] = axes[:-1], Expression.of(self.last)
        zero = self.access.words(1).constant(0, self.term.dtype, 1)

        def nest(left: tuple[Axis, ...]) -> None:
            if not left:
                self.access.store(self.term, tuple(index), zero)
                return

            def one(i: Any) -> None:
                with self.access.at({left[0]: i}):
                    nest(left[1:])

            self.loops.loop(0, left[0].length, one)

        nest(axes)

    def _nest(self, axes: list[Axis]) -> None:
        if not axes:
            value = self.access.read(self.values, self.index)
            there = self.access.load(self.term, self.target, None)
            self.access.store(self.term, self.target, there + value)
            return

        def one(i: Any) -> None:
            with self.access.at({axes[0]: i}):
                self._nest(axes[1:])

        self.loops.loop(0, axes[0].length, one)


class PlainProduct:
    """A product that is not worth the generator: of whole or of no numbers."""

    def __init__(self, access: Access, kernel: Kernel) -> None:
        assert kernel.product is not None
        self.access, self.loops = access, access.loops
        self.kernel, self.product = kernel, kernel.product
        self.item = kernel.items[0]
        lengths = enumerate(self.product.inner)
        self.inner = tuple(Axis(n, f"inner{k}") for k, n in lengths)

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return 0

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """The first thread goes through all results, one by one."""
        share = shares(self.loops, 1, thread, threads)
        self.loops.loop(*share, lambda _: self._nest(self.kernel.axes))

    def _nest(self, axes: tuple[Axis, ...]) -> None:
        if axes:

            def one(i: Any) -> None:
                with self.access.at({axes[0]: i}):
                    self._nest(axes[1:])

            self.loops.loop(0, axes[0].length, one)
            return
        access, term = self.access, self.item.term
        zero = access.words(1).constant(0, term.dtype, 1).value
        (total,) = self._sum(self.inner, (zero,))
        access.store_items(
            self.kernel.items, access.words(1).register(total, term.dtype)
        )

    def _sum(self, axes: tuple[Axis, ...], carried: Any) -> Any:
        if axes:

            def one(i: Any, *now: Any) -> Any:
                with self.access.at({axes[0]: i}):
                    return self._sum(axes[1:], now)

            return self.loops.loop(0, axes[0].length, one, carried=carried)
        words = self.access.words(1)
        parts = [tuple(map(Expression.of, part)) for part in self.kernel.parts]
        inner = tuple(map(Expression.of, self.inner))
        total = words.register(carried[0], self.item.term.dtype)
        factors, inside = [], None
        padded = bool(self.item.term.op and self.item.term.op.facts.padded)
        for factor, outer in ((self.product.left, 1), (self.product.right, 2)):
            x = self.item.term.inputs[factor.position]
            place = factor.index(parts[0], parts[outer], inner)
            found = _read(x, place, padded)
            number = self.access.read_inside(found)
            factors.append(number.astype(self.item.term.dtype))
            if factor.absent:
                inside = self.access.all_true(found.conditions)
        added = total + factors[0] * factors[1]
        return [(added if inside is None else words.where(inside, added, total)).value]
