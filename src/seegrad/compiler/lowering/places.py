"""Where a number stands, as instructions: index expressions evaluated in registers.

Counters are multiplied and added, and what is looked up is read. A place is one whole
number, or one for each lane where it differs from lane to lane.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import ir

from seegrad.compiler.programs.index import (
    Axis,
    Expression,
    Index,
    Looked,
    Quotient,
    unravelled,
)
from seegrad.compiler.programs.origins import Condition
from seegrad.compiler.programs.program import Term
from seegrad.compiler.registers.dialect import Register, Words
from seegrad.compiler.registers.loops import FLAG, INDEX, Loops

INT = np.dtype("int64")


class Places:
    """The values of all axes at one point of a kernel, and what follows from them.

    ``counters`` holds the value of every axis; the axis ``lane`` also runs along the
    lanes, of which the first ``valid`` exist.
    """

    def __init__(self, loops: Loops, status: Any) -> None:
        self.loops, self.status = loops, status
        self.counters: dict[Axis, Any] = {}
        self.lane: Axis | None = None
        self.lanes = self.valid = 1
        self._words: dict[int, Words] = {}
        self._memo: dict[Any, Any] = {}

    def picked(self, value: Register, lanes: Sequence[int]) -> Register:
        """The numbers in some lanes of a register."""
        loops = self.loops
        if len(lanes) == 1:
            found = loops.builder.extract_element(value.value, loops.count(lanes[0]))
        else:
            found = loops.shuffled(value.value, value.value, lanes)
        return self.words(len(lanes)).register(found, value.dtype)

    @abstractmethod
    def read(self, term: Term, index: Index, mask: Register | None = None) -> Register:
        """The number of a term at an index."""

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

    @contextmanager
    def within(self, axes: Sequence[Axis], number: Any) -> Iterator[None]:
        """Inside, the axes have the values of this round of all their rounds."""
        whole = Axis(math.prod(axis.length for axis in axes), "whole")
        with self.at({whole: number}):
            lengths = tuple(axis.length for axis in axes)
            index = unravelled(Expression.of(whole), lengths)
            values = [self.scalar(part) for part in index]
        with self.at(dict(zip(axes, values, strict=True))):
            yield

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
            value = self._atom(atom, 1)
            if n != 1:
                value = b.mul(value, self.loops.count(n), flags=["nsw"])
            total = value if total is None else b.add(total, value, flags=["nsw"])
        if total is None:
            return self.loops.count(expression.constant)
        if expression.constant:
            total = b.add(total, self.loops.count(expression.constant), flags=["nsw"])
        return total

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
                value = self._atom(atom, lanes)
                total = b.add(total, b.mul(value, self._whole(n, lanes)))
        return total

    def _nested(self, atom: Any) -> bool:
        return not isinstance(atom, Axis) and self._atom_varies(atom)

    def _atom(self, atom: Any, lanes: int) -> Any:
        """The value of an atom in the first lane, or in every lane."""
        if isinstance(atom, Axis):
            return self.counters[atom]
        if isinstance(atom, Looked):
            return self.words().splat(self._looked_up(atom), lanes).value
        key = lanes, atom
        if key not in self._memo:
            evaluate = self.scalar if lanes == 1 else self.vector
            self._memo[key] = self._divided(evaluate(atom.inner), atom, lanes)
        return self._memo[key]

    def _divided(self, value: Any, atom: Quotient, lanes: int) -> Any:
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
        tail = self.tail() if bad.lanes > 1 else None
        valid = bad if tail is None else bad & tail
        with self.loops.when(self.loops.any(valid.value)):
            one = ir.Constant(ir.IntType(64), 1)
            b.store(one, self.status, align=8)

    def tail(self) -> Register | None:
        """True in the valid lanes; None where all are."""
        return self.first_lanes(self.valid, self.lanes)

    def first_lanes(self, valid: int, lanes: int) -> Register | None:
        """True in the first lanes of so many; None where these are all."""
        if valid >= lanes:
            return None
        bits = [int(k < valid) for k in range(lanes)]
        value = ir.Constant(ir.VectorType(FLAG, lanes), bits)
        return self.words(lanes).register(value, "bool")

    def all_true(self, conditions: tuple[Condition, ...]) -> Register | None:
        """Whether all conditions hold; None where there are none."""
        total: Register | None = None
        for expression, length in conditions:
            if self.varies(expression):
                value = self.words().register(self.vector(expression), INT)
            else:
                value = self.words(1).register(self.scalar(expression), INT)
            inside = value == 0 if length == 1 else (value >= 0) & (value < length)
            total = both(total, inside)
        return total


def both(a: Register | None, b: Register | None) -> Register | None:
    """True where two masks are; None stands for everywhere."""
    if a is None or b is None:
        return a if b is None else b
    return a & b
