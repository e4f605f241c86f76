"""A kernel: one nest of loops, and the terms that are computed in it.

Every kept term of a program has one kernel as its home. The plan decides which; here is
what a kernel is, and how one begins with a single term.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from seegrad.compiler.programs.index import (
    Axis,
    Expression,
    Index,
    axes_of,
    index_of,
    replaced,
)
from seegrad.compiler.programs.origins import Read, adds_up, factors, reads
from seegrad.compiler.programs.program import Term, below
from seegrad.facts import Product


@dataclass(eq=False)
class Item:
    """A kept term in its kernel: at which index of the kernel's axes it is computed.

    ``level`` is "all" for a number at every index, "row" for one at every index of the
    outer axes, "sum" for a reduction over the inner axes, which reads at ``over``.
    ``stored`` tells whether anyone reads it from memory; ``phase`` counts the inner
    loops before it.
    """

    term: Term
    index: Index
    level: str
    over: Index = ()
    stored: bool = False
    phase: int = 0

    def reads(
        self, stops: Callable[[Term], bool]
    ) -> Iterable[tuple[Term, Index | None]]:
        """What it is made from, and at which index; None where it needs all of it.

        The way back ends at terms for which ``stops`` is true.
        """
        term = self.term
        if self.level == "sum":
            return reads(term.inputs[0], self.over, stops, first=False)
        if term.kind == "contraction" or adds_up(term):
            found = below(term.inputs, stops)
            return [(x, None) for x in found if x.op is None or stops(x)]
        return reads(term, self.index, stops)


@dataclass(eq=False)
class Kernel:
    """One nest of loops. ``kind`` is "loop", "product" or "scatter"."""

    kind: str
    axes: tuple[Axis, ...]
    inner: frozenset[Axis] = frozenset()
    items: list[Item] = field(default_factory=list)
    updates: bool = False  # whether it writes what was there before the step
    checks: bool = False  # whether a check needs what it computes

    def __str__(self) -> str:
        """Its axes (in brackets if summed over), and what it computes; * is stored."""
        lengths = [(axis.length, axis in self.inner) for axis in self.axes]
        said = [f"({n})" if summed else f"{n}" for n, summed in lengths]
        names = [str(item.term.op) + "*" * item.stored for item in self.items]
        return f"{self.kind} {' x '.join(said) or '1'}: {' '.join(names)}"

    @property
    def is_straight(self) -> bool:
        """Whether it is no loop at all: single numbers, one after the other."""
        return self.kind == "loop" and not self.axes

    def items_at(self, new: dict[Axis, Expression]) -> list[Item]:
        """Its items, with other expressions in place of some axes."""
        return [
            Item(i.term, replaced(i.index, new), i.level, (), i.stored)
            for i in self.items
        ]

    @property
    def outer(self) -> tuple[Axis, ...]:
        """The axes that are not summed over."""
        return tuple(axis for axis in self.axes if axis not in self.inner)


@dataclass(eq=False, kw_only=True)
class ProductKernel(Kernel):
    """The loops of a product; its ``parts`` count batch, rows, columns and inner."""

    product: Product
    parts: tuple[tuple[Axis, ...], ...]

    def factors(self, new: dict[Axis, Expression] | None = None) -> list[Read]:
        """Where both are read, with other expressions in place of some axes."""
        parts = [replaced(index_of(part), new or {}) for part in self.parts]
        return factors(self.items[0].term, self.product, *parts)


def long_axes(axes: Iterable[Axis]) -> tuple[Axis, ...]:
    """The axes that make loops; a counter of one round is always 0."""
    return tuple(axis for axis in axes if axis.length != 1)


def first_kernel(term: Term) -> Kernel:
    """A kernel of its own for a term; others may join it."""
    if term.kind == "contraction":
        return _product_kernel(term)
    if term.kind == "reduction":
        return _sum_kernel(term)
    scatters = adds_up(term)
    axes = axes_of(term.inputs[0].shape if scatters else term.shape)
    item = Item(term, index_of(axes), "all")
    return Kernel("scatter" if scatters else "loop", long_axes(axes), items=[item])


def _sum_kernel(term: Term) -> Kernel:
    axes = axes_of(term.inputs[0].shape)
    inner = frozenset(long_axes(axes[k] for k in term.over))
    left = iter([axis for axis in long_axes(axes) if axis not in inner])
    own = index_of(0 if n == 1 else next(left) for n in term.shape)
    return Kernel(
        "loop", long_axes(axes), inner, [Item(term, own, "sum", index_of(axes))]
    )


def _product_kernel(term: Term) -> ProductKernel:
    product = term.product
    batch = axes_of(product.batch, "batch")
    rows, columns = axes_of(product.rows, "row"), axes_of(product.columns, "column")
    outer = batch, rows, columns
    item = Item(term, index_of(product.out(*map(index_of, outer))), "all")
    return ProductKernel(
        "product",
        long_axes([*batch, *rows, *columns]),
        items=[item],
        product=product,
        parts=(*outer, axes_of(product.inner, "inner")),
    )
