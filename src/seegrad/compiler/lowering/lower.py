"""Lowering: each kernel of the plan becomes loops in LLVM's language.

There are three forms of loops, one for each kind of kernel, and nothing else. A "loop"
goes over the outer axes; where it has inner axes, it goes over these once for each
phase, adding up. A "scatter" adds numbers up where they were looked up. A "product" is
handed to the generator of matrix products. The innermost axis runs along the lanes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.reducing import Reducer
from seegrad.compiler.planning.collapse import collapsed
from seegrad.compiler.planning.kernels import Item, Kernel
from seegrad.compiler.programs.index import Axis, Expression, unravelled
from seegrad.compiler.programs.program import ordered
from seegrad.compiler.registers.dialect import Register
from seegrad.compiler.registers.loops import Loops

CHUNK = 64  # vectors that one thread takes at a time from a long axis
MANY = 2**14  # numbers, from which a sum is kept in double precision
WIDEST = 4  # vectors side by side, so that one need not wait for the other


class LoopWriter:
    """Writes a kernel of the kind "loop"."""

    def __init__(
        self, access: Access, kernel: Kernel, lanes: Callable[[int], int]
    ) -> None:
        self.access, self.loops = access, access.loops
        access.aligned = True
        self.kernel = collapsed(kernel, access)
        axes = self.kernel.axes
        self.last = axes[-1] if axes else None
        self.along_inner = self.last in self.kernel.inner
        self.lanes = self._lanes(lanes)
        self.phases = max((item.phase for item in self.kernel.items), default=0) + 1

    def _lanes(self, lanes: Callable[[int], int]) -> int:
        """How many numbers side by side: whole registers, several if it is long."""
        if self.last is None:
            return 1
        widest = max(
            (item.term.dtype.itemsize for item in self.kernel.items), default=4
        )
        width = lanes(max(widest, 2))
        length = self.last.length
        if length < width:
            return 1 << max(length - 1, 1).bit_length()
        several = WIDEST if self.kernel.inner else 2
        while several > 1 and length < several * width:
            several //= 2
        return width * several

    def write(self, thread: Any, threads: Any) -> None:
        """All rows of the kernel, this thread's share of them."""
        if self.kernel.is_straight:
            self._compute_ahead()
            self._phases()
            return
        rows = [axis for axis in self.kernel.outer if axis is not self.last]
        count = math.prod(axis.length for axis in rows)
        chunk, chunks = self._chunks(count)
        share = shares(self.loops, count * chunks, thread, threads)

        def unit(u: Any) -> None:
            b = self.loops.builder
            row = b.udiv(u, self.loops.count(chunks)) if chunks > 1 else u
            part = b.urem(u, self.loops.count(chunks)) if chunks > 1 else 0
            whole = Axis(max(count, 1), "row")
            with self.access.at({whole: row}):
                index = unravelled(Expression.of(whole), tuple(a.length for a in rows))
                values = [self.access.scalar(part) for part in index]
            counters = dict(zip(rows, values, strict=True))
            with self.access.at(counters):
                self._row(part, chunk)

        self.loops.loop(*share, unit)

    def _compute_ahead(self) -> None:
        """Single numbers in the order of the program, each from what is there already.

        To go back from the last one would take a call of Python within a call for each.
        """
        access, items = self.access, self.kernel.items
        access.computed = {item.term for item in items}
        ends = access.memory.keys() - access.computed
        for term in ordered([item.term for item in items], ends):
            if term.kind == "elementwise" and term.shape == () and term not in ends:
                access.read(term, ())

    def _chunks(self, rows: int) -> tuple[int, int]:
        """How much of the last axis makes a unit of work, and how many such parts."""
        if self.last is None or self.along_inner:
            return 1, 1
        length = self.last.length
        vectors = -(-length // self.lanes)
        most = CHUNK if not self.kernel.inner else 1
        each = max(1, min(most, vectors * rows // 8))
        chunk = each * self.lanes
        return chunk, -(-length // chunk)

    def _row(self, part: Any, chunk: int) -> None:
        if self.last is None or self.along_inner:
            self._phases()
            return
        start = self.loops.builder.mul(self.loops.count(part), self.loops.count(chunk))
        self._along(self.last, start, chunk, lambda _: self._phases())

    def _along(
        self,
        axis: Axis,
        start: Any,
        span: int,
        body: Callable[..., Any],
        carried: Any = (),
    ) -> Any:
        """Go along an axis in steps of as many lanes, then the few that are left."""
        lanes, length = self.lanes, axis.length
        full, left = length - length % lanes, length % lanes

        def vector(i: Any, *now: Any) -> Any:
            with self.access.at({axis: i}, axis, lanes):
                return body(now)

        if span >= length:
            carried = self.loops.loop(0, full, vector, step=lanes, carried=carried)
            if left:
                with self.access.at({axis: self.loops.count(full)}, axis, lanes, left):
                    carried = body(carried)
            return carried
        end = self.loops.builder.add(start, self.loops.count(span))
        stop = self.loops.smaller(end, full)
        self.loops.loop(start, stop, vector, step=lanes)
        if left:
            with (
                self.loops.when(
                    self.loops.builder.icmp_signed(">", end, self.loops.count(full))
                ),
                self.access.at({axis: self.loops.count(full)}, axis, lanes, left),
            ):
                body(())
        return ()

    # One row: the inner loops, one after another -------------------------------------

    def _phases(self) -> None:
        access = self.access
        before = dict(access.known)
        access.computed = {
            item.term for item in self.kernel.items if item.level != "sum"
        }
        for phase in range(self.phases):
            items = [
                i for i in self.kernel.items if i.phase == phase and i.level != "row"
            ]
            if self.kernel.inner:
                self._phase(items)
            else:
                self._store(items)
            access.computed -= {item.term for item in items if item.stored}
        self._store(
            [item for item in self.kernel.items if item.level in ("row", "sum")]
        )
        access.known = before

    def _store(self, items: list[Item]) -> None:
        """Compute first, store then: some are written over what others read."""
        values = [self._value(item) for item in items if item.stored]
        stored = [item for item in items if item.stored]
        for item, value in zip(stored, values, strict=True):
            self.access.store(item.term, item.index, value)

    def _value(self, item: Item) -> Register:
        if item.term in self.access.known:
            return self.access.known[item.term][1]
        return self.access.read(item.term, item.index)

    def _phase(self, items: list[Item]) -> None:
        sums = [item for item in items if item.level == "sum"]
        others = [item for item in items if item.level == "all"]
        if not items:
            return
        many = math.prod(axis.length for axis in self.kernel.inner) > MANY
        reducers = [
            Reducer(
                self.access,
                item,
                lanes=self.lanes,
                across=self.along_inner,
                many=many,
            )
            for item in sums
        ]
        inner = [axis for axis in self.kernel.axes if axis in self.kernel.inner]
        start = [reducer.start() for reducer in reducers]

        def body(now: Any) -> list[Any]:
            new = [r.add(value) for r, value in zip(reducers, now, strict=True)]
            self._store(others)
            return new

        totals = self._nest(inner, body, start)
        for reducer, total in zip(reducers, totals, strict=True):
            value = reducer.finish(total)
            self.access.known[reducer.item.term] = reducer.item.index, value

    def _nest(self, axes: list[Axis], body: Callable[..., Any], carried: Any) -> Any:
        """Loops inside loops over the inner axes, the last perhaps along the lanes."""
        if not axes:
            return body(carried)
        axis, rest = axes[0], axes[1:]
        if axis is self.last:
            return self._along(axis, 0, axis.length, body, carried)

        def one(i: Any, *now: Any) -> Any:
            with self.access.at({axis: i}):
                return self._nest(rest, body, now)

        return self.loops.loop(0, axis.length, one, carried=carried)


def shares(loops: Loops, count: int, thread: Any, threads: Any) -> tuple[Any, Any]:
    """The part of ``count`` rounds that belongs to a thread: from, up to."""
    b = loops.builder
    total = loops.count(count)
    start = b.udiv(b.mul(total, thread), threads)
    after = b.add(thread, loops.count(1))
    stop = b.udiv(b.mul(total, after), threads)
    return start, stop
