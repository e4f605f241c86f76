"""Which way a product goes: as a matrix, over windows, in phases, or number by number.

A product sees an image through windows where a counter of its columns and an inner one
meet in one coordinate, or where its columns are places that cannot be walked with one
counter. Its lanes run along the larger image: the results, or what is summed over.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.factors import neighbours
from seegrad.compiler.lowering.lower_other import PlainProduct
from seegrad.compiler.lowering.lower_product import ProductWriter
from seegrad.compiler.machine.host import Host
from seegrad.compiler.planning.kernels import ProductKernel
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.programs.index import Axis, Expression, unravelled
from seegrad.compiler.programs.origins import Read
from seegrad.compiler.windows.image_product import ImageProduct
from seegrad.compiler.windows.phases import phases
from seegrad.compiler.windows.weight_product import WeightProduct
from seegrad.compiler.windows.window_kernel import slides

Writer = Any  # with scratch_bytes() and write(thread, threads, scratch)


def product_writer(access: Access, kernel: ProductKernel, machine: Host) -> Writer:
    """The best writer for a kernel of the kind "product"."""
    if kernel.items[0].term.dtype.kind != "f" or 0 in kernel.product.inner:
        return PlainProduct(access, kernel)
    writer: Writer = ProductWriter(access, kernel, machine)
    if kernel.parts[2] and (not writer.straight or slides(kernel)):
        writer = _window_writer(access, kernel, machine) or writer
    if kernel.product.right.absent:
        writer = WhereAbsent(access, kernel, machine, writer)
    return writer


def _window_writer(
    access: Access, kernel: ProductKernel, machine: Host
) -> Writer | None:
    """The writer of all phases, if each of them can be written over windows."""
    parts = phases(kernel)
    if parts is None:
        return None
    writers = [_phase_writer(access, part, machine) for part in parts]
    return None if None in writers else Phased(writers)


def _phase_writer(
    access: Access, kernel: ProductKernel, machine: Host
) -> Writer | None:
    product = kernel.product
    if 0 in product.inner:
        return PlainProduct(access, kernel)
    results, summed = (math.prod(n[-2:]) for n in (product.columns, product.inner))
    kind = ImageProduct if results >= summed else WeightProduct
    writer = kind(access, kernel, machine)
    return writer if writer.fits else None


class Phased:
    """Several writers, one after another, that fill different places of one result."""

    def __init__(self, writers: list[Writer]) -> None:
        self.writers = writers

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return max(int(writer.scratch_bytes()) for writer in self.writers)

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """All of them; no one has to wait."""
        for writer in self.writers:
            writer.write(thread, threads, scratch)


class WhereAbsent:
    """A product in which some numbers of the right factor are not there at all.

    They are taken for zeros, and zero times infinity is not zero: with an infinite
    number on the left, or a NaN, the product is computed number by number.
    """

    def __init__(
        self, access: Access, kernel: ProductKernel, machine: Host, writer: Writer
    ) -> None:
        term = kernel.items[0].term
        self.access, self.loops, self.writer = access, access.loops, writer
        self.left = term.inputs[kernel.product.left.position]
        self.vectors = Vectors(self.loops, term.dtype, machine)
        self.plain = PlainProduct(access, kernel)

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return int(self.writer.scratch_bytes())

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """Look at all numbers of the left factor, then go one of the two ways."""
        special = self._special()
        with self.loops.when(special), self.access.at({}):
            self.plain.write(thread, threads, scratch)
        with self.loops.when(self.loops.builder.not_(special)), self.access.at({}):
            self.writer.write(thread, threads, scratch)

    def _special(self) -> Any:
        """Whether any number is infinite or NaN: then zero times it is not zero."""
        v, b, lanes = self.vectors, self.loops.builder, self.vectors.lanes
        place = Axis(self.left.size, "place")
        index = unravelled(Expression.of(place), self.left.shape)
        read = Read(self.left, index)

        def add(n: Any, total: Any, valid: int = lanes) -> list[Any]:
            value = neighbours(self.access, read, {place: n}, place, lanes, valid)
            return [v.multiply_add(value, v.zero, total)]

        (total,) = self.loops.by_lanes(0, self.left.size, lanes, add, [v.zero])
        return self.loops.any(b.fcmp_unordered("!=", total, total))
