"""A product in a kernel: how its factors are read, and what becomes of each sum.

The generator of matrix products knows rows, columns and an inner counter. Here these
are tied to the axes of arrays, however many there are and wherever their numbers stand;
and the terms that melted into the product are computed from each sum as it is finished.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.factors import affine_in, flat, layout, operand, split
from seegrad.compiler.machine.host import Host
from seegrad.compiler.planning.kernels import ProductKernel, long_axes
from seegrad.compiler.planning.weigh import weight
from seegrad.compiler.products.product import MatrixProduct
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.programs.index import Axis, Expression

HEAVY = 24  # additions for each result, from which they are written only once


class ProductWriter:
    """Writes a kernel of the kind "product"."""

    def __init__(self, access: Access, kernel: ProductKernel, machine: Host) -> None:
        self.access, self.loops, self.kernel = access, access.loops, kernel
        self.term = kernel.items[0].term
        batch, rows, columns, inner = kernel.parts
        # Leading axes of the columns become loops unless they are one with the last.
        self.row, self.column = flat(rows, "row"), flat(columns, "column")
        k, loops = flat(inner, "inner"), batch
        new = split(rows, self.row) | split(inner, k)
        together = new | split(columns, self.column)
        self.straight = len(columns) < 2 or self._straight(together)
        if self.straight:
            new = together
        else:
            loops = (*batch, *columns[:-1])
            self.column = columns[-1]
        self.outer = long_axes(loops)
        self.items = kernel.items_at(new)
        reads = kernel.factors(new)
        left = operand(access, reads[0], self.row, k)
        right = operand(access, reads[1], self.column, k)
        if self._stored_by_rows():
            self.row, self.column, left, right = self.column, self.row, right, left
        sizes = self.row.length, self.column.length, k.length
        heavy = sum(weight(item.term) for item in self.items) > HEAVY
        vectors = Vectors(self.loops, self.term.dtype, machine)
        # Whether more numbers are updated than the factors have.
        stored = sum(item.term.size for item in self.items if item.stored)
        much = kernel.updates and stored > (sizes[0] + sizes[1]) * sizes[2]
        fetch = self._fetch if much else None
        self.matrix = MatrixProduct(vectors, sizes, left, right, heavy, fetch)

    def _straight(self, new: dict[Axis, Expression]) -> bool:
        """Whether all columns can be walked with one counter."""
        _, right = self.kernel.factors(new)
        if any(c.length == 1 and not c.expression.affine for c in right.conditions):
            return False
        found = layout(self.access, right._replace(conditions=()))
        return found is not None and affine_in(found, self.column)

    def _stored_by_rows(self) -> bool:
        """Whether neighbours in a column of the product are neighbours in memory."""
        votes = 0
        for item in self.items:
            if item.stored:
                where = self.access.position(item.term, item.index)
                votes += where.atoms.get(self.row) == 1 or self.column.length == 1
                votes -= where.atoms.get(self.column) == 1 and self.column.length > 1
        return votes > 0 and self.row.length > 1

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return self.matrix.scratch_bytes

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """All products of the batch; many small ones are shared out whole."""
        count = math.prod(axis.length for axis in self.outer)
        several = count >= 4

        def one(number: Any) -> None:
            with self.access.within(self.outer, number):
                alone = (self.loops.count(0), self.loops.count(1))
                mine, all_ = alone if several else (thread, threads)
                self.matrix.emit(self._finish, scratch, mine, all_)

        if several:
            self.loops.loop(*self.loops.shares(count, thread, threads), one)
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
        counters = {self.row: i, self.column: j}
        self.access.store_product(self.items, sums, counters, self.column, lanes, valid)
