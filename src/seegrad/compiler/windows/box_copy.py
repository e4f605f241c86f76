"""Copying a box out of an array, row by row, with zeros where the array ends.

What is copied may also be computed on the way, as any number that a kernel reads. The
zeros at both ends of a row are written once; rows that are not there are cleared.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.factors import neighbours
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.programs.index import Axis, Expression
from seegrad.compiler.programs.origins import Condition, Read
from seegrad.compiler.programs.program import Term
from seegrad.compiler.windows.box import Box


class BoxCopy:
    """A box of a term in scratch memory; a vector more than its size is overwritten.

    Its rows begin at a column that is known beforehand.
    """

    def __init__(
        self,
        access: Access,
        vectors: Vectors,
        term: Term,
        box: Box,
        starting: Axis,
        pointer: Any,
    ) -> None:
        self.access, self.loops, self.vectors = access, access.loops, vectors
        self.term, self.box, self.pointer = term, box, pointer
        *corner, first = box.corner(starting)
        self.counters = [Axis(n, f"box{k}") for k, n in enumerate(box.extents[:-1])]
        inside = map(Expression.of, self.counters)
        self.places = [c + i for c, i in zip(corner, inside, strict=True)]
        self.first, self.length = first.constant, term.shape[-1]

    def clear(self) -> None:
        """Zeros everywhere."""
        self.vectors.clear(self.pointer, self.box.size)

    def fill(self) -> None:
        """Copy the box to which the counters of the kernel point now."""
        self._nest(0, self.loops.count(0))

    def _nest(self, k: int, start: Any) -> None:
        if k == len(self.counters):
            self._row(start)
            return

        def one(i: Any) -> None:
            step = self.vectors.times(i, self.box.strides[k])
            with self.access.at({self.counters[k]: i}):
                self._nest(k + 1, self.loops.builder.add(start, step))

        self.loops.loop(0, self.box.extents[k], one)

    def _row(self, start: Any) -> None:
        conditions = []
        for place, length in zip(self.places, self.term.shape, strict=False):
            low, high = place.span()
            if low < 0 or high >= length:
                conditions.append(Condition(place, length))
        inside = self.access.all_true(tuple(conditions))
        if inside is None:
            self._copy(start)
            return
        with self.loops.when(inside.value):
            self._copy(start)
        with self.loops.when((~inside).value):
            row = self.vectors.address(self.pointer, start)
            self.vectors.clear(row, self.box.step * self.box.run)

    def _copy(self, start: Any) -> None:
        """One row, run by run: neighbours in the box are a step apart outside."""
        step, run = self.box.step, self.box.run
        for number in range(step):
            first = self.first + number
            begin = max(0, -(first // step))
            end = min(run, -(-(self.length - first) // step))
            self._run(self.vectors.plus(start, number * run), first, begin, end)

    def _run(self, line: Any, first: int, begin: int, end: int) -> None:
        v, lanes, along = self.vectors, self.vectors.lanes, Axis(self.box.run, "along")
        place = Expression.of(along) * self.box.step + first
        read = Read(self.term, (*self.places, place))

        def some(q: Any, valid: int = lanes) -> None:
            value = neighbours(self.access, read, {along: q}, along, lanes, valid)
            v.store(value, self.pointer, self.loops.builder.add(line, q))

        self.loops.by_lanes(begin, end, lanes, some)
