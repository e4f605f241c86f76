"""A product in a kernel: how its factors are read, and what becomes of each sum.

The generator of matrix products knows rows, columns and an inner counter. Here these
are tied to the axes of arrays, however many there are and wherever their numbers stand;
and the terms that melted into the product are computed from each sum as it is finished.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.factors import (
    FactorReader,
    affine_in,
    exactly,
    factor_reader,
    flat,
    layout,
    operand,
    split,
)
from seegrad.compiler.lowering.lower import shares
from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.planning.weigh import weight
from seegrad.compiler.products.product import (
    Operand,
    Target,
    emit_product,
    scratch_bytes,
)
from seegrad.compiler.programs.index import Axis, Expression, unravelled
from seegrad.facts import Factor

HEAVY = 24  # additions for each result, from which they are written only once


class ProductWriter:
    """Writes a kernel of the kind "product"."""

    def __init__(self, access: Access, kernel: Kernel, target: Target) -> None:
        assert kernel.product is not None
        self.access, self.loops, self.target = access, access.loops, target
        self.kernel, self.product = kernel, kernel.product
        self.term = kernel.items[0].term
        batch, rows, columns = kernel.parts
        inner = self.product.inner
        # Leading axes of the columns become loops unless they are one with the last.
        self.row, self.column = flat(rows, "row"), flat(columns, "column")
        self.inner = Axis(math.prod(inner), "inner")
        self.inners = unravelled(exactly(self.inner), inner)
        loops: tuple[Axis, ...] = batch
        new = split(rows, self.row) | split(columns, self.column)
        self.straight = len(columns) < 2 or self._straight(columns, new)
        if not self.straight:
            loops = (*batch, *columns[:-1])
            self.column = columns[-1]
            new = split(rows, self.row)
        self.outer = tuple(axis for axis in loops if axis.length != 1)
        self.new = new
        self.items = kernel.items_at(new)
        self.left, self.right = self._operands()
        if self._stored_by_rows():
            self.row, self.column = self.column, self.row
            self.left, self.right = self.right.swapped(), self.left.swapped()

    def _straight(self, columns: tuple[Axis, ...], new: dict[Axis, Expression]) -> bool:
        """Whether all columns can be walked with one counter."""
        reader = self._reader(self.product.right, columns, new)
        if any(not rest.affine for rest in reader.rests):
            return False
        found = layout(self.access, reader.term, reader.index)
        return found is not None and affine_in(found, self.column)

    def _reader(
        self, factor: Factor, outer: tuple[Axis, ...], new: dict[Axis, Expression]
    ) -> FactorReader:
        parts = self.kernel.parts[0], outer, self.inners
        return factor_reader(self.access, self.term, factor, parts, new)

    def _operands(self) -> tuple[Operand, Operand]:
        _, rows, columns = self.kernel.parts
        left = self._reader(self.product.left, rows, self.new)
        right = self._reader(self.product.right, columns, self.new)
        right_operand = operand(right, self.column, self.inner)
        return operand(left, self.row, self.inner), right_operand.swapped()

    def _stored_by_rows(self) -> bool:
        """Whether neighbours in a column of the product are neighbours in memory."""
        votes = 0
        for item in self.items:
            if item.stored:
                where = self.access.position(item.term, item.index)
                votes += where.atoms.get(self.row) == 1 or self.column.length == 1
                votes -= where.atoms.get(self.column) == 1 and self.column.length > 1
        return votes > 0 and self.row.length > 1

    def _sizes(self) -> dict[str, Any]:
        return {
            "rows": self.row.length,
            "columns": self.column.length,
            "inner": self.inner.length,
            "left": self.left,
            "right": self.right,
            "heavy": self._weight() > HEAVY,
            "fetch": self._fetch if self._updates_much() else None,
        }

    def _weight(self) -> int:
        return sum(weight(i.term) for i in self.items)

    def _updates_much(self) -> bool:
        """Whether more numbers are updated than the factors have."""
        factors = (self.row.length + self.column.length) * self.inner.length
        stored = sum(item.term.size for item in self.items if item.stored)
        return self.kernel.updates and stored > factors

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return scratch_bytes(self.term.dtype, self.target, **self._sizes())

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """All products of the batch; many small ones are shared out whole."""
        count = math.prod(axis.length for axis in self.outer)
        several = count >= 4

        def one(number: Any) -> None:
            with self.access.within(self.outer, number):
                alone = (self.loops.count(0), self.loops.count(1))
                mine, all_ = alone if several else (thread, threads)
                emit_product(
                    self.loops,
                    self.term.dtype,
                    self.target,
                    finish=self._finish,
                    scratch=scratch,
                    thread=mine,
                    threads=all_,
                    **self._sizes(),
                )

        if several:
            self.loops.loop(*shares(self.loops, count, thread, threads), one)
        else:
            self.loops.loop(0, count, one)

    def _fetch(self, i: Any, j: Any) -> None:
        """Ask for what the update of a vector of results reads and writes."""
        with self.access.at({self.row: i, self.column: j}):
            for item in self.items:
                if item.stored:
                    self.access.fetch(item.term, item.index)

    def _finish(self, i: Any, j: Any, sums: Any, lanes: int, valid: int) -> None:
        """Compute and store what melted into the product, for one vector of sums."""
        access, count = self.access, self.loops.count
        values = {self.row: count(i), self.column: count(j)}
        with access.at(values, self.column, lanes, valid):
            own = access.words(lanes).register(sums, self.term.dtype)
            access.store_product(self.items, own)
