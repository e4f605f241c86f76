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
from seegrad.compiler.programs.index import Expression, place
from seegrad.compiler.programs.origins import Index
from seegrad.compiler.programs.program import Term
from seegrad.compiler.registers.dialect import Register, memory_type
from seegrad.compiler.registers.loops import POINTER, Loops


class Memory(Places):
    """The kept terms of a kernel, by their pointers in ``memory``."""

    def __init__(self, loops: Loops, memory: dict[Term, Any], status: Any) -> None:
        super().__init__(loops, status)
        self.memory = memory
        self.strides: dict[Term, tuple[int, ...]] = {}  # where rows are not adjacent
        self.aligned = False  # whether vectors begin at multiples of their lanes

    def position(self, term: Term, index: Index) -> Expression:
        """Where a number of a kept term lies, counted from its first."""
        strides = self.strides.get(term)
        if strides is None:
            return place(index, term.shape)
        total = Expression({}, 0)
        for part, stride in zip(index, strides, strict=True):
            total = total + part * stride
        return total

    def _reach(self, term: Term) -> tuple[int, int]:
        """The first position of a term, below 0 if it goes back, and how many."""
        strides = self.strides.get(term)
        if strides is None:
            return 0, term.size
        far = [(n - 1) * s for n, s in zip(term.shape, strides, strict=True)]
        return sum(step for step in far if step < 0), 1 + sum(map(abs, far))

    def _address(self, term: Term, position: Any) -> Any:
        kind = memory_type(term.dtype)
        return self.loops.builder.gep(self.memory[term], [position], source_etype=kind)

    def load(self, term: Term, index: Index, mask: Register | None) -> Register:
        position = self.position(term, index)
        if not self.varies(position):
            return self._load_one(term, self.scalar(position), mask)
        apart = load_apart(self, term, position) if mask is None else None
        if apart is not None:
            return apart
        mask = self._lane_mask(mask)
        kind = memory_type(term.dtype, self.lanes)
        if self.stride(position) == 1:
            address = self._address(term, self.scalar(position))
            if mask is None:
                b = self.loops.builder
                value = b.load(address, typ=kind, align=term.dtype.itemsize)
            else:
                value = self._masked("load", kind, address, mask, term)
        else:
            addresses = self._addresses(term, position)
            value = self._masked("gather", kind, addresses, mask, term)
        return self.words().loaded(value, term.dtype)

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
        self, what: str, kind: Any, address: Any, mask: Register | None, term: Term
    ) -> Any:
        """A load that touches only the lanes where the mask is true; 0 elsewhere."""
        lanes = kind.count
        if mask is None:
            mask = self.words().constant(True, "bool", lanes)
        pointers = f"v{lanes}p0" if what == "gather" else "p0"
        name = f"llvm.masked.{what}.v{lanes}{_suffix(kind)}.{pointers}"
        align = ir.Constant(ir.IntType(32), term.dtype.itemsize)
        plain = np.dtype("uint8") if term.dtype == bool else term.dtype
        nothing = self.words().constant(0, plain, lanes).value
        return self.loops.intrinsic(name, kind, [address, align, mask.value, nothing])

    def _first(self, value: Register) -> Register:
        """The number in the first lane: a product of 1 x 1 has no other."""
        if value.lanes == 1:
            return value
        first = ir.Constant(ir.IntType(32), 0)
        number = self.loops.builder.extract_element(value.value, first)
        return self.words(1).register(number, value.dtype)

    def store(self, term: Term, index: Index, value: Register) -> None:
        """Write a number, or the valid lanes, to the memory of a term."""
        b = self.loops.builder
        position = self.position(term, index)
        align = term.dtype.itemsize
        if not self.varies(position):
            address = self._address(term, self.scalar(position))
            b.store(self.words(1).stored(self._first(value)), address, align=align)
            return
        value = self.words().splat(value, self.lanes)
        data = self.words().stored(value)
        tail = self.tail()
        neighbours = self.stride(position) == 1
        if neighbours:
            address = self._address(term, self.scalar(position))
            if tail is None:
                b.store(data, address, align=align)
                return
        else:
            address = self._addresses(term, position)
            if tail is None:
                tail = self.words().constant(True, "bool", self.lanes)
        what, pointers = "store", "p0"
        if not neighbours:
            what, pointers = "scatter", f"v{self.lanes}p0"
        name = f"llvm.masked.{what}.v{self.lanes}{_suffix(data.type)}.{pointers}"
        alignment = ir.Constant(ir.IntType(32), align)
        given = [data, address, alignment, tail.value]
        self.loops.intrinsic(name, ir.VoidType(), given)


def _suffix(kind: Any) -> str:
    element = kind.element
    if isinstance(element, ir.IntType):
        return f"i{element.width}"
    return "f32" if isinstance(element, ir.FloatType) else "f64"
