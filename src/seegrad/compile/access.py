"""Reading and writing numbers inside a kernel, wherever they stand.

A term that is kept is loaded; one that is not is computed on the spot from what it is
made of, number by number. One number, or as many neighbours as a register has lanes: a
vector load where they are neighbours in memory too, a gather where they are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import ir

from seegrad.compile.dialect import Register, Words, memory_type
from seegrad.compile.index import Axis, Expression, Looked, Quotient, place
from seegrad.compile.loops import FLAG, INDEX, POINTER, Loops
from seegrad.compile.origins import Condition, Index, Read, origins
from seegrad.compile.program import Term
from seegrad.compile.strided import load_apart

INT = np.dtype("int64")


class Access:
    """What can be read at one place of a kernel.

    ``memory`` maps kept terms to pointers, ``known`` those whose numbers are in
    registers to these and their index. ``counters`` holds the value of every axis; the
    axis ``lane`` also runs along the lanes, of which the first ``valid`` exist.
    """

    def __init__(self, loops: Loops, memory: dict[Term, Any], status: Any) -> None:
        self.loops, self.memory, self.status = loops, memory, status
        self.strides: dict[Term, tuple[int, ...]] = {}  # where rows are not adjacent
        self.counters: dict[Axis, Any] = {}
        self.lane: Axis | None = None
        self.lanes = self.valid = 1
        self.aligned = False  # whether vectors begin at multiples of their lanes
        self.known: dict[Term, tuple[Index, Register]] = {}
        self.computed: set[Term] = set()  # kept terms to be computed, not loaded
        self._words: dict[int, Words] = {}
        self._memo: dict[Any, Any] = {}

    def words(self, lanes: int | None = None) -> Words:
        """The vocabulary for so many lanes (all of them by default)."""
        lanes = lanes or self.lanes
        return self._words.setdefault(lanes, Words(self.loops, lanes))

    @contextmanager
    def at(
        self,
        counters: dict[Axis, Any],
        lane: Axis | None = None,
        lanes: int = 1,
        valid: int | None = None,
    ) -> Iterator[None]:
        """Inside, numbers are those at these values of the axes."""
        before = self.counters, self.lane, self.lanes, self.valid, self._memo
        self.counters = self.counters | counters
        if lane is not None:
            self.lane, self.lanes, self.valid = lane, lanes, valid or lanes
        self._memo = {}
        yield
        self.counters, self.lane, self.lanes, self.valid, self._memo = before

    # Numbers of terms ---------------------------------------------------------------

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
            return self._load(term, index, mask)
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
        inside = self._all_true(found.conditions)
        value = self.read(found.term, found.index, _both(mask, inside))
        if inside is None:
            return value
        rest = rest if rest is not None else self._zero(found.term)
        return self.words().where(inside, value, rest)

    def _zero(self, term: Term) -> Register:
        return self.words(1).constant(False if term.dtype == bool else 0, term.dtype, 1)

    # Places -------------------------------------------------------------------------

    def varies(self, expression: Expression) -> bool:
        """Whether an expression differs from lane to lane."""
        return any(self._atom_varies(atom) for atom in expression.atoms)

    def _atom_varies(self, atom: Any) -> bool:
        if isinstance(atom, Axis):
            return atom is self.lane and self.lanes > 1
        if isinstance(atom, Quotient):
            return self.varies(atom.inner)
        return any(self.varies(part) for part in atom.index)

    def stride(self, expression: Expression) -> int | None:
        """How far it moves from lane to lane, if that is the same everywhere."""
        varying = [a for a in expression.atoms if self._atom_varies(a)]
        if all(atom is self.lane for atom in varying):
            return sum(expression.atoms[atom] for atom in varying)
        return None

    def scalar(self, expression: Expression) -> Any:
        """The value of an expression in the first lane, as an i64."""
        b = self.loops.builder
        total: Any = None
        for atom, n in expression.atoms.items():
            value = self._scalar_atom(atom)
            if n != 1:
                value = b.mul(value, self.loops.count(n), flags=["nsw"])
            total = value if total is None else b.add(total, value, flags=["nsw"])
        if total is None:
            return self.loops.count(expression.constant)
        if expression.constant:
            total = b.add(total, self.loops.count(expression.constant), flags=["nsw"])
        return total

    def _scalar_atom(self, atom: Any) -> Any:
        if isinstance(atom, Axis):
            return self.counters[atom]
        if isinstance(atom, Quotient):
            key = "scalar", atom
            if key not in self._memo:
                self._memo[key] = self._divided(self.scalar(atom.inner), atom)
            return self._memo[key]
        return self._looked_up(atom).value

    def _divided(self, value: Any, atom: Quotient, lanes: int = 1) -> Any:
        b = self.loops.builder
        divisor = self._whole(atom.divisor, lanes)
        low = atom.inner.span()[0]
        if low >= 0:
            return (b.urem if atom.rest else b.udiv)(value, divisor)
        up = -(low // atom.divisor)  # so many divisors more, and it is not below 0
        value = b.add(value, self._whole(up * atom.divisor, lanes))
        if atom.rest:
            return b.urem(value, divisor)
        return b.sub(b.udiv(value, divisor), self._whole(up, lanes))

    def _whole(self, number: int, lanes: int) -> Any:
        return self.words(1).constant(number, INT, lanes).value

    def vector(self, expression: Expression) -> Any:
        """The value of an expression in every lane."""
        b, lanes = self.loops.builder, self.lanes
        straight = {a: n for a, n in expression.atoms.items() if not self._nested(a)}
        rest = Expression(straight, expression.constant)
        step = self.stride(rest) or 0
        base = self.words(1).register(self.scalar(rest), INT)
        total = self.words().splat(base, lanes).value
        if step:
            counting = [step * k for k in range(lanes)]
            total = b.add(total, ir.Constant(ir.VectorType(INDEX, lanes), counting))
        for atom, n in expression.atoms.items():
            if self._nested(atom):
                value = self._vector_atom(atom)
                total = b.add(total, b.mul(value, self._whole(n, lanes)))
        return total

    def _nested(self, atom: Any) -> bool:
        return not isinstance(atom, Axis) and self._atom_varies(atom)

    def _vector_atom(self, atom: Any) -> Any:
        if isinstance(atom, Quotient):
            key = "vector", atom
            if key not in self._memo:
                inner = self.vector(atom.inner)
                self._memo[key] = self._divided(inner, atom, self.lanes)
            return self._memo[key]
        return self.words().splat(self._looked_up(atom), self.lanes).value

    def _looked_up(self, atom: Looked) -> Register:
        """The position that stands in an array; one outside is reported and made 0."""
        key = "looked", atom
        if key not in self._memo:
            found = self.read(atom.term, atom.index).astype(INT)
            words = self.words(found.lanes)
            found = words.where(found < 0, found + atom.length, found)
            good = (found >= 0) & (found < atom.length)
            self.report(~good)
            self._memo[key] = words.where(good, found, 0)
        position: Register = self._memo[key]
        return position

    def report(self, bad: Register) -> None:
        """Note in the status of the step that something is wrong in a valid lane."""
        b = self.loops.builder
        if bad.lanes > 1:
            bits = b.bitcast(self._in_valid(bad).value, ir.IntType(bad.lanes))
            wrong = b.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))
        else:
            wrong = bad.value
        with self.loops.when(wrong):
            one = ir.Constant(ir.IntType(64), 1)
            b.store(one, self.status, align=8)

    def _in_valid(self, mask: Register) -> Register:
        tail = self._tail()
        return mask if tail is None else mask & tail

    def _tail(self) -> Register | None:
        if self.valid >= self.lanes:
            return None
        bits = [int(k < self.valid) for k in range(self.lanes)]
        value = ir.Constant(ir.VectorType(FLAG, self.lanes), bits)
        return self.words().register(value, "bool")

    def _all_true(self, conditions: tuple[Condition, ...]) -> Register | None:
        total: Register | None = None
        for expression, length in conditions:
            if self.varies(expression):
                value = self.words().register(self.vector(expression), INT)
            else:
                value = self.words(1).register(self.scalar(expression), INT)
            inside = value == 0 if length == 1 else (value >= 0) & (value < length)
            total = _both(total, inside)
        return total

    # Memory -------------------------------------------------------------------------

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
        """The first position of a term, below 0 if it goes back, and how many follow."""
        strides = self.strides.get(term)
        if strides is None:
            return 0, term.size
        far = [(n - 1) * s for n, s in zip(term.shape, strides, strict=True)]
        return sum(step for step in far if step < 0), 1 + sum(map(abs, far))

    def _address(self, term: Term, position: Any) -> Any:
        kind = memory_type(term.dtype)
        return self.loops.builder.gep(self.memory[term], [position], source_etype=kind)

    def _load(self, term: Term, index: Index, mask: Register | None) -> Register:
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
        both = _both(mask, self._tail())
        return None if both is None else self.words().splat(both, self.lanes)

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

    def prefetch(self, term: Term, position: Expression) -> None:
        """Ask for a line of memory that will be read and written soon."""
        address = self._address(term, self.scalar(position))
        word = ir.IntType(32)
        hints = [ir.Constant(word, n) for n in (1, 3, 1)]  # to write, to keep, data
        void = ir.VoidType()
        self.loops.intrinsic("llvm.prefetch.p0", void, [address, *hints])

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
        tail = self._tail()
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
        what, pointers = ("store", "p0") if neighbours else ("scatter", f"v{self.lanes}p0")
        name = f"llvm.masked.{what}.v{self.lanes}{_suffix(data.type)}.{pointers}"
        alignment = ir.Constant(ir.IntType(32), align)
        self.loops.intrinsic(name, ir.VoidType(), [data, address, alignment, tail.value])


def _suffix(kind: Any) -> str:
    element = kind.element
    if isinstance(element, ir.IntType):
        return f"i{element.width}"
    return "f32" if isinstance(element, ir.FloatType) else "f64"


def _both(a: Register | None, b: Register | None) -> Register | None:
    if a is None or b is None:
        return a if b is None else b
    return a & b

