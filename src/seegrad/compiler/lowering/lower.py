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
from seegrad.compiler.lowering.collapse import collapsed
from seegrad.compiler.lowering.reducing import Reducer
from seegrad.compiler.planning.kernels import Item, Kernel
from seegrad.compiler.programs.program import below

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
        share = self.loops.shares(count * chunks, thread, threads)

        def unit(u: Any) -> None:
            b = self.loops.builder
            row = b.udiv(u, self.loops.count(chunks)) if chunks > 1 else u
            part = b.urem(u, self.loops.count(chunks)) if chunks > 1 else None
            with self.access.within(rows, row):
                if self.last is None or self.along_inner:
                    self._phases()
                else:
                    start = part and b.mul(part, self.loops.count(chunk))
                    self._along(self._phases, start=start, span=chunk)

        self.loops.loop(*share, unit)

    def _compute_ahead(self) -> None:
        """Single numbers in the order of the program, each from what is there already.

        To go back from the last one would take a call of Python within a call for each.
        """
        access, items = self.access, self.kernel.items
        access.computed = {item.term for item in items}
        found = access.memory.keys() - access.computed
        terms = below([item.term for item in items], found.__contains__)
        for term in sorted(terms, key=lambda term: term.order):
            if term.kind == "elementwise" and term.shape == () and term not in found:
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

    def _along(
        self,
        body: Callable[..., Any],
        carried: Any = (),
        start: Any = None,
        span: int = 0,
    ) -> Any:
        """Go along the last axis with so many lanes, then the few that are left.

        With a start it is only a span of the axis, and nothing is carried.
        """
        assert self.last is not None
        axis, lanes, loops = self.last, self.lanes, self.loops
        left = axis.length % lanes
        full = axis.length - left

        def vector(i: Any, *now: Any, valid: int = lanes) -> Any:
            with self.access.at({axis: loops.count(i)}, axis, lanes, valid):
                return body(*now)

        if start is None:
            return loops.by_lanes(0, axis.length, lanes, vector, carried)
        end = loops.builder.add(start, loops.count(span))
        loops.loop(start, loops.smaller(end, full), vector, step=lanes)
        if left:
            beyond = loops.builder.icmp_signed(">", end, loops.count(full))
            with loops.when(beyond):
                vector(full, valid=left)
        return ()

    # One row: the inner loops, one after another -------------------------------------

    def _phases(self) -> None:
        access, items = self.access, self.kernel.items
        before = dict(access.known)
        access.computed = {item.term for item in items if item.level != "sum"}
        for phase in range(self.phases):
            own = [i for i in items if i.phase == phase and i.level != "row"]
            if not self.kernel.inner:
                access.store_items(own)
            elif own:
                self._phase(own)
            access.computed -= {item.term for item in own if item.stored}
        access.store_items(item for item in items if item.level in ("row", "sum"))
        access.known = before

    def _phase(self, items: list[Item]) -> None:
        """One walk over the inner axes: what is added up, and what is stored."""
        inner = [axis for axis in self.kernel.axes if axis in self.kernel.inner]
        many = math.prod(axis.length for axis in inner) > MANY
        reducers = [
            Reducer(
                self.access, item, lanes=self.lanes, across=self.along_inner, many=many
            )
            for item in items
            if item.level == "sum"
        ]

        def body(*now: Any) -> list[Any]:
            new = [r.add(value) for r, value in zip(reducers, now, strict=True)]
            self.access.store_items(item for item in items if item.level == "all")
            return new

        def row(*now: Any) -> Any:
            return self._along(body, now)

        start = [reducer.start() for reducer in reducers]
        if self.along_inner:
            totals = self.access.nest(inner[:-1], row, start)
        else:
            totals = self.access.nest(inner, body, start)
        for reducer, total in zip(reducers, totals, strict=True):
            value = reducer.finish(total)
            self.access.known[reducer.item.term] = reducer.item.index, value
