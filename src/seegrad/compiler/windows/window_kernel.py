"""A convolution in a kernel: what its two ways of running over windows share.

The pixels that a block of results sees are copied to a box. In it, a value of the inner
counters is an offset from a list, so the tiles of a matrix product run over the box as
if it were a matrix, and nothing is copied for every single window.
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.planning.kernels import Item, Kernel
from seegrad.compiler.products.product_target import Target
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.programs.index import Axis, Expression, Index, unravelled
from seegrad.compiler.registers.loops import INDEX
from seegrad.compiler.windows.window import coordinates


class Windows:
    """What both ways of running over windows have in common."""

    def __init__(self, access: Access, kernel: Kernel, target: Target) -> None:
        assert kernel.product is not None
        self.access, self.loops = access, access.loops
        self.kernel, self.product, self.target = kernel, kernel.product, target
        self.term = kernel.items[0].term
        self.vectors = Vectors(self.loops, self.term.dtype, target)
        self.lanes = self.vectors.lanes
        self.batch, self.rows, self.columns = kernel.parts
        lengths = self.product.inner
        self.inner = tuple(Axis(n, f"inner{k}") for k, n in enumerate(lengths))
        self.depth = math.prod(lengths)
        self.row = flat(self.rows, "row")
        factor = self.product.right
        self.image = self.term.inputs[factor.position]
        assert self.term.op is not None
        padded = self.term.op.facts.padded
        parts = self.batch, self.columns, self.inner
        self.axes = coordinates(factor, parts, self.image.shape, padded)

    @property
    def slides(self) -> bool:
        """Whether a counter of the columns and an inner one meet in one coordinate."""
        return any(
            not atoms.keys().isdisjoint(self.columns)
            and not atoms.keys().isdisjoint(self.inner)
            for atoms in (axis.expression.atoms for axis in self.axes or ())
        )

    def left(self, new: dict[Axis, Expression]) -> Index:
        """Where the left factor is read, with others in place of some axes."""
        own = [
            tuple(Expression.of(a).replaced(new) for a in part)
            for part in (self.batch, self.rows, self.inner)
        ]
        found = self.product.left.index(own[0], own[1], own[2])
        return tuple(map(Expression.of, found))

    def neighbours(
        self,
        index: Index,
        counters: dict[Axis, Any],
        lane: Axis,
        lanes: int,
        valid: int,
    ) -> Any:
        """Numbers of the left factor along an axis; zeros after the ``valid`` ones."""
        access = self.access
        term = self.term.inputs[self.product.left.position]
        places = {axis: self.loops.count(n) for axis, n in counters.items()}
        with access.at(places, lane, lanes, valid):
            words = access.words(lanes)
            found = access.read(term, index).astype(self.term.dtype)
            found, tail = words.splat(found, lanes), access.tail()
            return found.value if tail is None else words.where(tail, found, 0).value

    def each_batch(self, body: Any) -> None:
        """For every product of the batch."""
        self.each(self.batch, (0, math.prod(a.length for a in self.batch)), body)

    def each(self, axes: tuple[Axis, ...], ends: tuple[Any, Any], body: Any) -> None:
        """With the counters of the axes at each of their values from one to another."""
        whole = Axis(math.prod(a.length for a in axes), "whole")
        index = unravelled(Expression.of(whole), tuple(a.length for a in axes))

        def one(u: Any) -> None:
            with self.access.at({whole: u}):
                values = [self.access.scalar(part) for part in index]
            with self.access.at(dict(zip(axes, values, strict=True))):
                body()

        self.loops.loop(*ends, one)

    def table(self, numbers: Any) -> Any:
        """Whole numbers that are known now, as an array in memory."""
        module = self.loops.module
        kind = ir.ArrayType(ir.IntType(32), len(numbers))
        name = module.get_unique_name(f"{self.loops.function.name}_offsets")
        found = ir.GlobalVariable(module, kind, name)
        found.linkage, found.global_constant = "internal", True
        found.initializer = ir.Constant(kind, [int(n) for n in numbers])
        return found

    def entry(self, table: Any, k: Any) -> Any:
        """One number of a table."""
        b = self.loops.builder
        address = b.gep(table, [k], source_etype=ir.IntType(32))
        address.type = ir.PointerType()
        return b.sext(b.load(address, typ=ir.IntType(32), align=4), INDEX)

    def finish(
        self, items: list[Item], counters: Any, lane: Axis, sums: Any, valid: int
    ) -> None:
        """Compute and store what melted into the product, for one vector of sums."""
        access = self.access
        counters = {axis: self.loops.count(n) for axis, n in counters.items()}
        with access.at(counters, lane, self.lanes, valid):
            before = dict(access.known)
            own = access.words(self.lanes).register(sums, self.term.dtype)
            access.known[self.term] = items[0].index, own
            access.computed = {item.term for item in items[1:]}
            stored = [item for item in items if item.stored]
            registers = [access.read(item.term, item.index) for item in stored]
            for item, register in zip(stored, registers, strict=True):
                access.store(item.term, item.index, register)
            access.known = before


def flat(axes: tuple[Axis, ...], name: str) -> Axis:
    """One counter for all axes."""
    return axes[0] if len(axes) == 1 else Axis(math.prod(a.length for a in axes), name)


def split(axes: tuple[Axis, ...], whole: Axis) -> dict[Axis, Expression]:
    """Each axis as a part of the one counter that runs over all of them."""
    if len(axes) == 1:
        return {}
    parts = unravelled(Expression.of(whole), tuple(axis.length for axis in axes))
    return dict(zip(axes, parts, strict=True))


def replaced(items: list[Item], new: dict[Axis, Expression]) -> list[Item]:
    """Items with other expressions in place of some axes."""
    return [
        Item(i.term, tuple(p.replaced(new) for p in i.index), i.level, (), i.stored)
        for i in items
    ]
