"""A product over windows in a kernel: what its two ways to run have in common.

The pixels that a block of the work sees are copied to a box. There, each value of the
outer and of the inner counters adds an offset from a list that is known beforehand; so
a matrix product runs over the box as if it were a matrix, and no window is copied.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from llvmlite import ir

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.lowering.factors import flat, operand, split
from seegrad.compiler.machine.host import Host
from seegrad.compiler.planning.kernels import ProductKernel
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_plan import Plan, plan
from seegrad.compiler.products.product_split import Split
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.programs.index import Axis, Expression, Index, index_of
from seegrad.compiler.registers.loops import INDEX
from seegrad.compiler.windows.box import Box
from seegrad.compiler.windows.box_copy import BoxCopy
from seegrad.facts import Where

PLACES = 256  # in a block, that it is worth the copy of what its neighbour sees too
TABLE = ir.IntType(32)


class WindowKernel:
    """What is known about a product over windows, and the loops over its blocks.

    The places that the window slides over are ``images`` by ``down`` by ``along``: the
    columns, or the inner axes if they are ``summed``. A block is some rows of an image;
    ``fits`` tells whether the pixels that it sees are a box.
    """

    def __init__(
        self, access: Access, kernel: ProductKernel, machine: Host, summed: bool
    ) -> None:
        self.access, self.loops, self.kernel = access, access.loops, kernel
        self.items, self.term = kernel.items, kernel.items[0].term
        self.vectors = Vectors(self.loops, self.term.dtype, machine)
        self.lanes = self.vectors.lanes
        self.batch, self.rows, self.columns, self.inner = kernel.parts
        self.row = flat(self.rows, "row")
        self.image = self.term.inputs[kernel.product.right.position]
        places = self.inner if summed else self.columns
        self.images, *rest = places[:-2], *places[-2:]
        self.index, over = seen(kernel)
        self.fits = len(rest) == 2 and not over and all(p.affine for p in self.index)
        if self.fits:
            self.down, self.along = rest

    def left_factor(self, k: Axis, new: dict[Axis, Expression]) -> Operand:
        """The left factor, read at a row and at k; ``new`` tells its axes by these."""
        left, _ = self.kernel.factors(new | split(self.rows, self.row))
        return operand(self.access, left, self.row, k)

    def cut(
        self, moving: tuple[Axis, ...], step: int, more: int = 0, wanted: int = 1
    ) -> None:
        """Cut the images into blocks: as many rows as fit the cache, but evenly.

        ``moving`` tells what runs inside of a block, beside its rows; ``more`` how many
        numbers have to be near for each row, beside the box. So many blocks are made as
        are ``wanted``, if they do not get too small by it.
        """
        length, lengths = self.down.length, {axis: axis.length for axis in moving}
        room = self.vectors.machine.level_2 // 4 // self.vectors.itemsize

        def box(height: int) -> Box:
            return Box(self.index, lengths | {self.down: height}, step)

        def blocks(height: int) -> int:
            return math.prod(a.length for a in self.images) * length // height

        heights = [n for n in range(1, length + 1) if length % n == 0]
        near = [n for n in heights if n == 1 or box(n).size + n * more <= room]
        large = [n for n in near if n * self.along.length >= PLACES]
        self.height = max([n for n in large if blocks(n) >= wanted] or near)
        self.bands = Axis(length // self.height, "band")
        self.blocks, self.box = blocks(self.height), box(self.height)

    def planned(
        self, sizes: tuple[int, int, int], left: Operand, right: Operand
    ) -> Plan:
        """How the product of a block is cut: as any other, but k stays whole."""
        p = plan(self.vectors, sizes, left, right, heavy=False)
        return replace(
            p,
            inner=Split(sizes[2], 1),
            block_rows=p.rows.parts,
            block_columns=p.columns.parts,
        )

    def each_block(self, ends: tuple[Any, Any], body: Callable[[], None]) -> None:
        """The blocks from one number to another, each with its box filled."""

        def block() -> None:
            begin = self.vectors.times(self.access.counters[self.bands], self.height)
            with self.access.at({self.down: begin}):
                self.copy.fill()
                body()

        self.each((*self.images, self.bands), ends, block)

    def each(
        self, axes: tuple[Axis, ...], ends: tuple[Any, Any], body: Callable[[], None]
    ) -> None:
        """With the counters of the axes at each of their values from one to another."""

        def one(number: Any) -> None:
            with self.access.within(axes, number):
                body()

        self.loops.loop(*ends, one)

    def products(self, scratch: Any, body: Callable[[], None]) -> None:
        """Write every product of the batch; the box lies at the begin of scratch."""
        self.copy = BoxCopy(
            self.access, self.vectors, self.image, self.box, self.down, scratch
        )
        self.copy.clear()
        self.each(self.batch, (0, math.prod(a.length for a in self.batch)), body)

    def table(self, numbers: Any) -> Callable[[Any], Any]:
        """Whole numbers that are known now, in memory: reads number k of them."""
        module, b = self.loops.module, self.loops.builder
        numbers = [int(n) for n in numbers.ravel()]
        kind = ir.ArrayType(TABLE, len(numbers))
        name = module.get_unique_name(f"{self.loops.function.name}_offsets")
        found = ir.GlobalVariable(module, kind, name)
        found.linkage, found.global_constant = "internal", True
        found.initializer = ir.Constant(kind, numbers)

        def entry(k: Any) -> Any:
            address = b.gep(found, [self.loops.count(k)], source_etype=TABLE)
            address.type = ir.PointerType()
            return b.sext(b.load(address, typ=TABLE, align=4), INDEX)

        return entry

    def whole_vectors(self, *sizes: int) -> list[int]:
        """Sizes of scratch memory, so that each part begins at a vector."""
        return [-(-n // self.lanes) * self.lanes for n in sizes]


def seen(kernel: ProductKernel) -> tuple[Index, list[tuple[Expression, int]]]:
    """Where the right factor is read, and what must be divisible by what for it."""
    batch, _, columns, inner = map(index_of, kernel.parts)
    index = kernel.product.right.index(batch, columns, inner)
    divisible: tuple[tuple[Any, int], ...] = ()
    if isinstance(index, Where):
        index, divisible = index
    return index_of(index), [(Expression.of(part), n) for part, n in divisible]


def slides(kernel: ProductKernel) -> bool:
    """Whether a counter of the columns and an inner one meet in one coordinate."""
    _, _, columns, inner = map(set, kernel.parts)
    met = [set(part.atoms) for part in seen(kernel)[0]]
    return any(columns & atoms and inner & atoms for atoms in met)
