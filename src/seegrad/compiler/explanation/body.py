"""What stands inside a kernel: which numbers each of its items is made from.

The code generator follows every number back to where it is kept and writes instructions
on its way. Whoever wants to print or to count goes the same way with other intentions;
this file walks it once and notes how often each number is asked for.
"""

from __future__ import annotations

import math
from collections import Counter

from seegrad.compiler.planning.kernels import Item, Kernel, ProductKernel
from seegrad.compiler.planning.memory import Layout
from seegrad.compiler.planning.weigh import weight
from seegrad.compiler.programs.index import Axis, Index, Looked
from seegrad.compiler.programs.origins import Read, looked_at, origins, target
from seegrad.compiler.programs.program import Term

LETTERS = "ijklmnpqrsuvw"


class Body:
    """One kernel, with a letter for every axis, and how often it asks for what.

    ``uses`` counts every number that it works with, a term at an index; ``asked`` how
    often each item is needed by others. Terms that are ``found`` are kept elsewhere,
    those that are ``made`` are computed on the way and kept nowhere.
    """

    def __init__(self, kernel: Kernel, layout: Layout) -> None:
        self.kernel, self.layout = kernel, layout
        self.items = {item.term: item for item in kernel.items}
        self.summed = kernel.parts[3] if isinstance(kernel, ProductKernel) else ()
        shown = [axis for axis in (*kernel.axes, *self.summed) if axis.length != 1]
        self.letters = {
            axis: LETTERS[k % len(LETTERS)] + str(k // len(LETTERS) or "")
            for k, axis in enumerate(shown)
        }
        self.uses = self._walked(kernel.items)
        self.asked: Counter[Term] = Counter()
        for (term, _), n in self.uses.items():
            self.asked[term] += n
        self.found = [term for term in self.asked if self.is_found(term)]
        self.made = [term for term in self.asked if self.is_made(term)]

    def reads(self, item: Item) -> list[Read]:
        """What the number of an item at its index is made from."""
        term, kernel = item.term, self.kernel
        if item.level == "sum":
            return [Read(term.inputs[0], item.over)]
        if kernel.kind == "scatter":
            x = term.inputs[0]
            put = target(term, item.index)
            looked = [spot for part in put for spot in looked_at(part)]
            return [Read(x, item.index), *(Read(*spot) for spot in looked)]
        if isinstance(kernel, ProductKernel) and term.kind == "contraction":
            return kernel.factors()
        return origins(term, item.index)

    def is_found(self, term: Term) -> bool:
        """Whether its numbers come from outside or from another kernel."""
        constant = term.number is not None
        return not (constant or term in self.items or self.is_made(term))

    def is_made(self, term: Term) -> bool:
        """Whether its numbers are computed here without being an item."""
        kept = term.op is None or term in self.layout.places
        return not (kept or term in self.items)

    def _walked(self, items: list[Item]) -> Counter[tuple[Term, Index]]:
        uses: Counter[tuple[Term, Index]] = Counter()
        reads = [read for item in items for read in self.reads(item)]
        stack = [spot for read in reads for spot in read.numbers()]
        while stack:
            spot = stack.pop()
            uses[spot] += 1
            if uses[spot] == 1 and self.is_made(spot[0]):
                for read in origins(*spot):
                    stack += read.numbers()
        return uses

    def needed_inside(self) -> set[Term]:
        """The items that the loops over the inner axes need, directly or not."""
        needed: set[Term] = set()
        for item in reversed(self.kernel.items):
            if item.level != "row" or item.term in needed:
                needed |= {term for term, _ in self._walked([item])} & {*self.items}
        return needed

    @property
    def melted(self) -> list[Term]:
        """The terms that are computed here and stored nowhere, in their order."""
        items = [item.term for item in self.kernel.items if not item.stored]
        found = dict.fromkeys([*items, *self.made])
        return sorted(found, key=lambda term: term.order)

    @property
    def flops(self) -> int:
        """Its work in additions, as the planner weighs it.

        A product and a sum count one each, an exponential what its polynomial needs.
        """
        made = [spot for spot in self.uses if self.is_made(spot[0])]
        numbers = sum(weight(term) * points(index) for term, index in made)
        return numbers + sum(map(self._item_flops, self.kernel.items))

    def _item_flops(self, item: Item) -> int:
        rounds = math.prod(axis.length for axis in self.letters)
        if item.level == "sum":
            return points(item.over)
        if self.kernel.kind == "scatter":
            return rounds
        if item.term.kind == "contraction":
            return 2 * rounds
        return weight(item.term) * points(item.index)

    @property
    def bytes_read(self) -> int:
        """Bytes, once for each number: as if no cache were ever too small."""
        numbers: Counter[Term] = Counter()
        for term, index in self.uses:
            numbers[term] += points(index)
        return sum(min(numbers[t], t.size) * t.dtype.itemsize for t in self.found)


def points(index: Index) -> int:
    """How many different places an index can be while its axes run.

    >>> from seegrad.compiler.programs.index import index_of
    >>> i, j = index_of((Axis(4, "i"), Axis(3, "j")))
    >>> points((i + 1, j * 2, i))
    12
    """
    axes: set[Axis] = set()
    stack = list(index)
    while stack:
        for atom in stack.pop().atoms:
            if isinstance(atom, Axis):
                axes.add(atom)
            else:
                stack += atom.index if isinstance(atom, Looked) else [atom.inner]
    return math.prod(axis.length for axis in axes)
