"""Reading numbers inside a kernel, wherever they stand.

A term that is kept is loaded; one that is not is computed on the spot from what it is
made of, number by number. One number, or as many neighbours as a register has lanes.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.lowering.memory_access import Memory
from seegrad.compiler.lowering.places import both
from seegrad.compiler.planning.kernels import Item
from seegrad.compiler.programs.origins import Index, Read, origins
from seegrad.compiler.programs.program import Term
from seegrad.compiler.registers.dialect import Register
from seegrad.compiler.registers.loops import Loops


class Access(Memory):
    """What can be read at one place of a kernel.

    ``memory`` maps kept terms to pointers, ``known`` those whose numbers are in
    registers to these and their index.
    """

    def __init__(self, loops: Loops, memory: dict[Term, Any], status: Any) -> None:
        super().__init__(loops, memory, status)
        self.known: dict[Term, tuple[Index, Register]] = {}
        self.computed: set[Term] = set()  # kept terms to be computed, not loaded

    def read(self, term: Term, index: Index, mask: Register | None = None) -> Register:
        """The number of a term at an index; where the mask is false, anything."""
        key = term, index, id(mask)
        if key not in self._memo:
            self._memo[key] = self._read(term, index, mask)
        found: Register = self._memo[key]
        return found

    def _read(self, term: Term, index: Index, mask: Register | None) -> Register:
        if term.number is not None:
            return self.words(1).constant(term.number, term.dtype, 1)
        if term in self.known and self.known[term][0] == index:
            return self.known[term][1]
        if term in self.memory and term not in self.computed:
            return self.load(term, index, mask)
        return self.compute(term, index, mask)

    def compute(
        self, term: Term, index: Index, mask: Register | None = None
    ) -> Register:
        """The number of a term, made from its inputs."""
        assert term.op is not None, term
        if term.kind == "elementwise":
            inputs = [self.read(r.term, r.index, mask) for r in origins(term, index)]
            words = self.words(max(register.lanes for register in inputs))
            out: Register = term.op.forward(words, *inputs, **term.settings)
            return out.astype(term.dtype)
        total: Register | None = None
        for found in origins(term, index):
            total = self.read_inside(found, mask, total)
        assert total is not None
        return total

    def read_inside(
        self, found: Read, mask: Register | None = None, rest: Register | None = None
    ) -> Register:
        """A number where the conditions of a read hold; elsewhere the rest, or 0."""
        inside = self.all_true(found.conditions)
        value = self.read(found.term, found.index, both(mask, inside))
        if inside is None:
            return value
        rest = rest if rest is not None else self._zero(found.term)
        return self.words().where(inside, value, rest)

    def store_items(self, items: list[Item], first: Register) -> None:
        """Compute and store what melted into a product, from the numbers of its own."""
        before = self.known
        self.known = before | {items[0].term: (items[0].index, first)}
        self.computed = {item.term for item in items[1:]}
        stored = [item for item in items if item.stored]
        registers = [self.read(item.term, item.index) for item in stored]
        for item, register in zip(stored, registers, strict=True):
            self.store(item.term, item.index, register)
        self.known = before

    def _zero(self, term: Term) -> Register:
        return self.words(1).constant(False if term.dtype == bool else 0, term.dtype, 1)
