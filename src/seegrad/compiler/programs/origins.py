"""Where the number at one index of a term comes from: its inputs, at which indices.

Terms that only compute number by number, move or look up need no memory of their own:
whoever wants one of their numbers can follow it back to where it is kept. This file
takes one step of that way; the planner and the code generator repeat it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from seegrad.compiler.programs.index import (
    Axis,
    Expression,
    Looked,
    broadcast,
    place,
    unravelled,
)
from seegrad.compiler.programs.program import Term
from seegrad.facts import Where

Index = tuple[Expression, ...]


class Condition(NamedTuple):
    """True where 0 <= expression < length."""

    expression: Expression
    length: int


class Read(NamedTuple):
    """A number of ``term`` at ``index``; where a condition is false, it is 0."""

    term: Term
    index: Index  # type: ignore[assignment]  # not the method of tuples
    conditions: tuple[Condition, ...] = ()

    def numbers(self) -> Iterator[tuple[Term, Index]]:
        """The number itself, and those that have to be looked up to find it."""
        yield self.term, self.index
        for part in (*self.index, *(c.expression for c in self.conditions)):
            yield from looked_at(part)


def origins(term: Term, index: Index) -> list[Read]:
    """What the number of a virtual term at an index is made from, in order."""
    assert term.op is not None
    if term.kind == "elementwise":
        return [Read(x, broadcast(index, x.shape)) for x in term.inputs]
    facts = term.op.facts
    if facts.flat:
        (x,) = term.inputs
        return [Read(x, unravelled(place(index, term.shape), x.shape))]
    if facts.target is not None:
        return [_put(term, index)]
    shapes = [x.shape for x in term.inputs]
    assert facts.source is not None
    if term.kind == "lookup":
        x, positions = term.inputs
        length = x.shape[term.settings["dim"]]
        source = facts.source(index, _look(positions, length), *shapes, **term.settings)
        return [_read(x, source, False)]
    found = facts.source(index, *shapes, **term.settings)
    parts = found if isinstance(found, list) else [found]
    return [
        _read(x, part, facts.padded) for x, part in zip(term.inputs, parts, strict=True)
    ]


def _look(positions: Term, length: int) -> Callable[[Any], Expression]:
    def look(index: Any) -> Expression:
        inner = tuple(map(Expression.of, index))
        return Expression.of(Looked(positions, inner, length))

    return look


def _read(x: Term, source: Any, padded: bool) -> Read:
    divisible: tuple[Any, ...] = ()
    if isinstance(source, Where):
        source, divisible = source
    index = tuple(map(Expression.of, source))
    conditions = [Condition(Expression.of(e) % n, 1) for e, n in divisible]
    if padded:
        for part, length in zip(index, x.shape, strict=True):
            low, high = part.span()
            if low < 0 or high >= length:
                conditions.append(Condition(part, length))
    return Read(x, index, tuple(conditions))


def puts_once(term: Term) -> bool:
    """Whether a lookup that adds up has at most one number for each place.

    Then nothing needs to be added: the number at a place is the one that was put there,
    or zero. Class labels are of this kind: one for each row.
    """
    if term.op is None or term.op.facts.target is None:
        return False
    g = term.inputs[0]
    axes = tuple(Axis(n) for n in g.shape)
    target = _target(term, axes)
    named: set[Any] = set()
    for part, length in zip(target, term.shape, strict=True):
        if _is_axis(part):
            axis: Any = next(iter(part.atoms))
            if axis.length == length:  # else there are places that nothing is put at
                named.add(axis)
    return all(axis in named for axis in axes if axis.length != 1)


def _is_axis(part: Expression) -> bool:
    atoms = list(part.atoms.items())
    return len(atoms) == 1 and atoms[0][1] == 1 and isinstance(atoms[0][0], Axis)


def _target(term: Term, axes: tuple[Axis, ...]) -> Index:
    assert term.op is not None
    assert term.op.facts.target is not None
    g, positions = term.inputs
    length = term.shape[term.settings["dim"]]
    index = tuple(map(Expression.of, axes))
    shapes = g.shape, positions.shape
    look = _look(positions, length)
    found = term.op.facts.target(index, look, *shapes, **term.settings)
    return tuple(map(Expression.of, found))


def _put(term: Term, index: Index) -> Read:
    """The number that was put at an index of a term that `puts_once`."""
    g = term.inputs[0]
    axes = tuple(Axis(n) for n in g.shape)
    target = _target(term, axes)
    known: dict[Axis, Expression] = {}
    for part, wanted in zip(target, index, strict=True):
        if _is_axis(part):
            axis: Any = next(iter(part.atoms))
            known[axis] = wanted
    conditions = [
        Condition(part.replaced(known) - wanted, 1)
        for part, wanted in zip(target, index, strict=True)
        if not _is_axis(part)
    ]
    own = tuple(known.get(axis, Expression({}, 0)) for axis in axes)
    return Read(g, own, tuple(c for c in conditions if c.expression != 0))


def reads(
    term: Term, index: Index, stops: Callable[[Term], bool], first: bool = True
) -> Iterator[tuple[Term, Index]]:
    """Every kept term, and the index at which it is read, that a number comes from.

    The way back ends at terms for which ``stops`` is true; ``first`` follows the term
    itself in any case.
    """
    seen: set[tuple[Term, Index]] = set()
    stack = [(term, index, first)]
    while stack:
        x, at, follow = stack.pop()
        if (x, at) in seen:
            continue
        seen.add((x, at))
        if not follow and (x.op is None or stops(x)):
            if not x.is_constant or x.number is None:
                yield x, at
            continue
        for read in origins(x, at):
            stack.extend((y, i, False) for y, i in read.numbers())


def looked_at(expression: Expression) -> Iterator[tuple[Any, Index]]:
    """The terms that an expression looks numbers up in, and where."""
    for atom in expression.atoms:
        if isinstance(atom, Looked):
            yield atom.term, atom.index
            for part in atom.index:
                yield from looked_at(part)
        elif not isinstance(atom, Axis):
            yield from looked_at(atom.inner)
