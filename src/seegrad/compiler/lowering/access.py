"""Reading numbers inside a kernel, wherever they stand.

A term that is kept is loaded; one that is not is computed on the spot from what it is
made of, number by number. One number, or as many neighbours as a register has lanes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from seegrad.compiler.lowering.memory_access import Memory
from seegrad.compiler.lowering.places import both
from seegrad.compiler.planning.kernels import Item
from seegrad.compiler.programs.index import Axis, Index
from seegrad.compiler.programs.origins import Read, origins
from seegrad.compiler.programs.program import Term
from seegrad.compiler.registers.dialect import Register
from seegrad.compiler.registers.loops import Loops

Strides = tuple[int, ...]


class Access(Memory):
    """What can be read at one place of a kernel.

    ``memory`` maps kept terms to pointers, ``known`` those whose numbers are in
    registers to these and their index.
    """

    def __init__(
        self,
        loops: Loops,
        memory: dict[Term, Any],
        strides: dict[Term, Strides],
        status: Any,
    ) -> None:
        super().__init__(loops, memory, strides, status)
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
        zero = self.words(1).constant(0, found.term.dtype, 1)
        return self.words().where(inside, value, zero if rest is None else rest)

    def store_items(self, items: Iterable[Item]) -> None:
        """Compute first, store then: some are written over what others read."""
        stored = [item for item in items if item.stored]
        values = [self.read(item.term, item.index) for item in stored]
        for item, value in zip(stored, values, strict=True):
            self.store(item.term, item.index, value)

    def store_product(
        self,
        items: list[Item],
        sums: Any,
        counters: dict[Axis, Any],
        lane: Axis | None = None,
        lanes: int = 1,
        valid: int = 1,
    ) -> None:
        """Store a product, and what melted into it, for one vector of its sums."""
        counters = {axis: self.loops.count(n) for axis, n in counters.items()}
        term, before = items[0].term, self.known
        with self.at(counters, lane, lanes, valid):
            own = self.words(lanes).register(sums, term.dtype)
            self.known = before | {term: (items[0].index, own)}
            self.computed = {item.term for item in items[1:]}
            self.store_items(items)
            self.known = before

    def nest(
        self,
        axes: Sequence[Axis],
        body: Callable[..., Any],
        carried: Sequence[Any] = (),
    ) -> Any:
        """Loops inside loops over these axes, one number after another."""
        if not axes:
            return body(*carried)

        def one(i: Any, *now: Any) -> Any:
            with self.at({axes[0]: i}):
                return self.nest(axes[1:], body, now)

        return self.loops.loop(0, axes[0].length, one, carried=carried)
