"""What stands inside a kernel: which numbers each of its items is made from.

The code generator follows every number back to where it is kept and writes instructions
on its way. Whoever wants to print or to count goes the same way with other intentions;
this file walks it once and notes how often each number is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property

from seegrad.compiler.planning.kernels import Item, Kernel
from seegrad.compiler.planning.memory import Layout
from seegrad.compiler.programs.index import Axis, Expression, Index, Looked, index_of
from seegrad.compiler.programs.origins import (
    Read,
    factors,
    looked_at,
    origins,
    target,
)
from seegrad.compiler.programs.program import Term

LETTERS = "ijklmnpqrsuvw"
Spot = tuple[Term, Index]


class Body:
    """One kernel, with a letter for every axis and the way back of every item."""

    def __init__(self, kernel: Kernel, layout: Layout) -> None:
        self.kernel, self.layout = kernel, layout
        self.items = {item.term: item for item in kernel.items}
        product = kernel.product
        sizes = product.inner if product is not None else ()
        self.summed = tuple(Axis(n, f"inner{k}") for k, n in enumerate(sizes))
        shown = [*kernel.axes, *(axis for axis in self.summed if axis.length != 1)]
        self.letters = {axis: _letter(k) for k, axis in enumerate(shown)}

    def reads(self, item: Item) -> list[Read]:
        """What the number of an item at its index is made from."""
        term, kernel = item.term, self.kernel
        if item.level == "sum":
            return [Read(term.inputs[0], item.over)]
        if kernel.kind == "scatter":
            return [Read(term.inputs[0], self.own_index(term.inputs[0]))]
        if term.kind == "contraction" and kernel.product is not None:
            parts = map(index_of, (*kernel.parts, self.summed))
            return factors(term, kernel.product, *parts)
        return origins(term, item.index)

    def own_index(self, term: Term) -> Index:
        """The index into a term that has just the axes of the kernel."""
        return tuple(map(Expression.of, self.own_axes(term)))

    def own_axes(self, term: Term) -> tuple[Axis, ...]:
        """The axes of the kernel where a term is longer than 1."""
        left = iter(self.kernel.axes)
        return tuple(next(left) if n != 1 else Axis(1) for n in term.shape)

    @cached_property
    def target(self) -> Index:
        """Of a scatter: where its numbers are put."""
        (item,) = self.kernel.items
        return target(item.term, item.index)

    def is_found(self, term: Term) -> bool:
        """Whether its numbers need not be made here: another kernel keeps them."""
        if term in self.items:
            return False
        return term.op is None or term in self.layout.places

    @cached_property
    def uses(self) -> dict[Spot, int]:
        """Every number that the kernel works with, and how often it is asked for."""
        return self._walked(self.kernel.items)

    def _walked(self, items: list[Item]) -> dict[Spot, int]:
        found: dict[Spot, int] = {}
        stack: list[Spot] = []
        for item in items:
            stack += self._asked(self.reads(item))
            if self.kernel.kind == "scatter":
                stack += [spot for part in self.target for spot in looked_at(part)]
        while stack:
            spot = stack.pop()
            found[spot] = found.get(spot, 0) + 1
            term, index = spot
            if found[spot] > 1 or term.number is not None:
                continue
            if not self.is_found(term) and term not in self.items:
                stack += self._asked(origins(term, index))
        return found

    @staticmethod
    def _asked(reads: list[Read]) -> Iterator[Spot]:
        for read in reads:
            yield read.term, read.index
            for part in (*read.index, *(c.expression for c in read.conditions)):
                yield from looked_at(part)

    @cached_property
    def asked(self) -> dict[Term, int]:
        """How often each item is asked for by the others."""
        found: dict[Term, int] = {}
        for (term, _), n in self.uses.items():
            if term in self.items:
                found[term] = found.get(term, 0) + n
        return found

    def needed_inside(self) -> set[Term]:
        """The items that the loops over the inner axes need, directly or not."""
        found: set[Term] = set()
        for item in reversed(self.kernel.items):
            if item.level != "row" or item.term in found:
                spots = self._walked([item])
                found |= {term for term, _ in spots if term in self.items}
        return found

    @property
    def melted(self) -> list[Term]:
        """The terms that are computed here and stored nowhere, in their order."""
        made = [t for t, _ in self.uses if not self.is_found(t) and t.number is None]
        kept = {item.term for item in self.kernel.items if item.stored}
        items = [item.term for item in self.kernel.items]
        found = dict.fromkeys(t for t in [*items, *made] if t not in kept)
        return sorted(found, key=lambda term: term.order)


def points(index: Index) -> int:
    """How many different places an index can be while its axes run.

    >>> i, j = Axis(4, "i"), Axis(3, "j")
    >>> points((Expression.of(i) + 1, Expression.of(j) * 2, Expression.of(i)))
    12
    """
    axes: set[Axis] = set()
    stack = list(index)
    while stack:
        for atom in stack.pop().atoms:
            if isinstance(atom, Axis):
                axes.add(atom)
            elif isinstance(atom, Looked):
                stack.extend(atom.index)
            else:
                stack.append(atom.inner)
    return math.prod(axis.length for axis in axes)


def _letter(k: int) -> str:
    return LETTERS[k % len(LETTERS)] + str(k // len(LETTERS) or "")
