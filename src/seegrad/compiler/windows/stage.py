"""Copying a box out of an array, row by row, with zeros where the array ends.

What is copied may also be computed on the way, as any number that a kernel reads. The
zeros at both ends of a row are written once; rows that are not there are cleared.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.programs.index import Axis, Expression, Index
from seegrad.compiler.programs.origins import Condition
from seegrad.compiler.programs.program import Term
from seegrad.compiler.windows.window import Box, Coordinate


class Stage:
    """A box in scratch memory, at ``pointer``; a vector more than its size is used.

    Without a term it holds a one wherever there is a number, and zeros elsewhere.
    """

    def __init__(
        self,
        access: Access,
        vectors: Vectors,
        term: Term | None,
        box: Box,
        corners: list[Expression],
        dtype: Any,
    ) -> None:
        self.access, self.loops, self.vectors = access, access.loops, vectors
        self.term, self.box = term, box
        self.counters = [Axis(n, f"box{k}") for k, n in enumerate(box.extents[:-1])]
        self.along = Axis(box.run, "along")
        inside = [Expression.of(a) for a in self.counters]
        self.places = [
            corner + counter for corner, counter in zip(corners, inside, strict=False)
        ]
        self.corner = corners[-1]
        self.dtype = dtype
        self.pointer: Any = None  # where the box lies, set before anything is written

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
        axes = zip(self.box.axes, self.places, strict=False)
        conditions = [c for axis, place in axes for c in _conditions(axis, place)]
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
        """One row, phase by phase: neighbours in the box are a step apart outside."""
        axis, box = self.box.axes[-1], self.box
        for phase in range(box.step):
            place = self.corner + phase + Expression.of(self.along) * box.step
            begin, end, conditions = 0, box.run, _conditions(axis, place)
            if not self.corner.atoms:
                first = self.corner.constant + phase
                begin = max(begin, -(first // box.step))
                end = min(end, -(-(axis.length * axis.divisor - first) // box.step))
                conditions = [c for c in conditions if c.length == 1]
            line = self.vectors.plus(start, phase * box.run)
            self._run(line, (begin, end), place, tuple(conditions))

    def _run(
        self,
        line: Any,
        ends: tuple[int, int],
        place: Expression,
        conditions: tuple[Condition, ...],
    ) -> None:
        v, lanes, access = self.vectors, self.vectors.lanes, self.access
        axes = zip(self.box.axes, [*self.places, place], strict=True)
        index = tuple(p // axis.divisor for axis, p in axes)

        def some(q: Any, valid: int = lanes) -> None:
            with access.at({self.along: q}, self.along, lanes, valid):
                words = access.words(lanes)
                inside = access.all_true(conditions)
                value = self._number(index, inside)
                if inside is not None:
                    value = words.where(inside, value, 0)
                tail = access.tail()
                if tail is not None:
                    value = words.where(tail, value, 0)
                out = words.splat(value, lanes).value
                v.store(out, self.pointer, self.loops.builder.add(line, q))

        begin, end = ends
        whole = begin + (end - begin) // lanes * lanes
        self.loops.loop(begin, whole, some, step=lanes)
        if whole < end:
            some(self.loops.count(whole), end - whole)

    def _number(self, index: Index, inside: Any) -> Any:
        if self.term is None:
            return self.access.words(1).constant(1, self.dtype, 1)
        return self.access.read(self.term, index, inside).astype(self.dtype)


def _conditions(axis: Coordinate, place: Expression) -> list[Condition]:
    """What must hold for a number to be there."""
    out = []
    low, high = place.span()
    if low < 0 or high >= axis.length * axis.divisor:
        out.append(Condition(place, axis.length * axis.divisor))
    if axis.divisible:
        out.append(Condition(place % axis.divisor, 1))
    return out
