"""Loads and stores: numbers between memory and registers.

Neighbours in memory come with one instruction. Others are gathered, and where a mask
says that a number is not there, its memory is not touched.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from seegrad.compiler.lowering.places import Places, both
from seegrad.compiler.lowering.strided import load_apart
from seegrad.compiler.programs.index import Expression, Index, position
from seegrad.compiler.programs.program import Term
from seegrad.compiler.registers.dialect import Register, memory_type
from seegrad.compiler.registers.loops import POINTER, Loops


class Memory(Places):
    """The kept terms of a kernel, by their pointers in ``memory``."""

    def __init__(
        self,
        loops: Loops,
        memory: dict[Term, Any],
        strides: dict[Term, tuple[int, ...]],
        status: Any,
    ) -> None:
        super().__init__(loops, status)
        self.memory, self.strides = memory, strides
        self.aligned = False  # whether vectors begin at multiples of their lanes

    def position(self, term: Term, index: Index) -> Expression:
        """Where a number of a kept term lies, counted from its first."""
        return position(index, self.strides[term])

    def _reach(self, term: Term) -> tuple[int, int]:
        """The first position of a term, below 0 if it goes back, and how many."""
        pairs = zip(term.shape, self.strides[term], strict=True)
        far = [(n - 1) * stride for n, stride in pairs]
        return sum(step for step in far if step < 0), 1 + sum(map(abs, far))

    def _address(self, term: Term, position: Any) -> Any:
        kind = memory_type(term.dtype)
        return self.loops.builder.gep(self.memory[term], [position], source_etype=kind)

    def load(self, term: Term, index: Index, mask: Register | None) -> Register:
        """A number, or one for each lane; where the mask is false, anything."""
        place = self.position(term, index)
        if not self.varies(place):
            return self._load_one(term, self.scalar(place), mask)
        apart = load_apart(self, term, place) if mask is None else None
        if apart is not None:
            return apart
        mask = self._lane_mask(mask)
        kind = memory_type(term.dtype, self.lanes)
        if self.stride(place) != 1:
            value = self._masked(
                "gather", self._addresses(term, place), mask, term, kind
            )
        else:
            address = self._address(term, self.scalar(place))
            value = self.load_neighbours(term, address, kind, mask)
        return self.words().loaded(value, term.dtype)

    def load_neighbours(
        self, term: Term, address: Any, kind: Any, mask: Register | None
    ) -> Any:
        """As many numbers as ``kind`` has lanes; 0 where the mask is false."""
        if mask is not None:
            return self._masked("load", address, mask, term, kind)
        b = self.loops.builder
        return b.load(address, typ=kind, align=term.dtype.itemsize)

    def _load_one(self, term: Term, position: Any, mask: Register | None) -> Register:
        b = self.loops.builder
        if mask is not None:  # a number that will not be used must still be there
            first, count = map(self.loops.count, self._reach(term))
            there = b.icmp_unsigned("<", b.sub(position, first), count)
            position = b.select(there, position, self.loops.count(0))
        address = self._address(term, position)
        value = b.load(address, typ=memory_type(term.dtype), align=term.dtype.itemsize)
        return self.words(1).loaded(value, term.dtype)

    def _lane_mask(self, mask: Register | None) -> Register | None:
        valid = both(mask, self.tail())
        return None if valid is None else self.words().splat(valid, self.lanes)

    def _addresses(self, term: Term, position: Expression) -> Any:
        b = self.loops.builder
        kind = memory_type(term.dtype)
        found = b.gep(self.memory[term], [self.vector(position)], source_etype=kind)
        found.type = ir.VectorType(POINTER, self.lanes)  # llvmlite takes it for one
        return found

    def _masked(
        self,
        what: str,
        address: Any,
        mask: Register | None,
        term: Term,
        kind: Any,
        data: Any = None,
    ) -> Any:
        """Touch only the lanes where the mask is true; a load gives 0 elsewhere."""
        lanes = kind.count
        if mask is None:
            mask = self.words().constant(True, "bool", lanes)
        pointers = f"v{lanes}p0" if what in ("gather", "scatter") else "p0"
        name = f"llvm.masked.{what}.v{lanes}{_suffix(kind)}.{pointers}"
        align = ir.Constant(ir.IntType(32), term.dtype.itemsize)
        if data is not None:
            given = [data, address, align, mask.value]
            return self.loops.intrinsic(name, ir.VoidType(), given)
        plain = np.dtype("uint8") if term.dtype == bool else term.dtype
        nothing = self.words().constant(0, plain, lanes).value
        return self.loops.intrinsic(name, kind, [address, align, mask.value, nothing])

    def fetch(self, term: Term, index: Index) -> None:
        """Ask for the memory around a number before it is needed."""
        place = self.scalar(self.position(term, index))
        self.loops.fetch(self._address(term, place))

    def store(self, term: Term, index: Index, value: Register) -> None:
        """Write a number, or the valid lanes, to the memory of a term."""
        place = self.position(term, index)
        if not self.varies(place):
            # A product of 1 x 1 has its number in the first lane.
            one = value if value.lanes == 1 else self.picked(value, [0])
            data = self.words(1).stored(one)
            self._store(data, self._address(term, self.scalar(place)), term)
            return
        data = self.words().stored(self.words().splat(value, self.lanes))
        tail = self.tail()
        if self.stride(place) != 1:
            addresses = self._addresses(term, place)
            self._masked("scatter", addresses, tail, term, data.type, data)
            return
        address = self._address(term, self.scalar(place))
        if tail is None:
            self._store(data, address, term)
        else:
            self._masked("store", address, tail, term, data.type, data)

    def _store(self, data: Any, address: Any, term: Term) -> None:
        self.loops.builder.store(data, address, align=term.dtype.itemsize)


def _suffix(kind: Any) -> str:
    element = kind.element
    if isinstance(element, ir.IntType):
        return f"i{element.width}"
    return "f32" if isinstance(element, ir.FloatType) else "f64"
