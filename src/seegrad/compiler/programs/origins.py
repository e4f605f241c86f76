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
    Index,
    Looked,
    broadcast,
    index_of,
    place,
    unravelled,
)
from seegrad.compiler.programs.program import Term
from seegrad.facts import Product, Where


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
    if term.kind == "elementwise":
        return [Read(x, broadcast(index, x.shape)) for x in term.inputs]
    facts = term.facts
    if facts.flat:
        (x,) = term.inputs
        return [Read(x, unravelled(place(index, term.shape), x.shape))]
    if facts.target is not None:
        return [_put(term, index)]
    assert facts.source is not None
    if term.kind == "lookup":
        source = facts.source(index, _look(term), *term.shapes, **term.settings)
        return [_read(term.inputs[0], source, False)]
    found = facts.source(index, *term.shapes, **term.settings)
    parts = found if isinstance(found, list) else [found]
    return [
        _read(x, part, facts.padded) for x, part in zip(term.inputs, parts, strict=True)
    ]


def factors(
    term: Term,
    product: Product,
    batch: Index,
    rows: Index,
    columns: Index,
    inner: Index,
) -> list[Read]:
    """The two numbers that a contraction multiplies, the left one and the right one."""
    return [
        _read(
            term.inputs[factor.position],
            factor.index(batch, outer, inner),
            term.facts.padded,
        )
        for factor, outer in ((product.left, rows), (product.right, columns))
    ]


def _read(x: Term, source: Any, padded: bool) -> Read:
    divisible: tuple[Any, ...] = ()
    if isinstance(source, Where):
        source, divisible = source
    index = index_of(source)
    conditions = [Condition(Expression.of(e) % n, 1) for e, n in divisible]
    if padded:
        for part, length in zip(index, x.shape, strict=True):
            low, high = part.span()
            if low < 0 or high >= length:
                conditions.append(Condition(part, length))
    return Read(x, index, tuple(conditions))


def looking(lookup: Term) -> tuple[Term, int]:
    """The positions of a lookup, and the length of the axis that they are in."""
    x, positions = lookup.inputs
    table = lookup if lookup.facts.target is not None else x
    return positions, table.shape[lookup.settings["dim"]]


def _look(lookup: Term) -> Callable[[Any], Expression]:
    """The function that gives the position at an index of the array of positions."""
    positions, length = looking(lookup)
    return lambda index: Expression.of(Looked(positions, index_of(index), length))


def target(term: Term, index: Index) -> Index:
    """Where a lookup that adds up puts the number that stands at this index."""
    put = term.facts.target
    assert put is not None
    return index_of(put(index, _look(term), *term.shapes, **term.settings))


def puts_once(term: Term) -> bool:
    """Whether a lookup that adds up has at most one number for each place.

    Then nothing needs to be added: the number at a place is the one that was put there,
    or zero. Class labels are of this kind: one for each row.
    """
    if term.facts.target is None:
        return False
    axes = tuple(map(Axis, term.inputs[0].shape))
    own = zip(target(term, index_of(axes)), term.shape, strict=True)
    # Where an axis is shorter, there are places that nothing is put at.
    named = {part.axis for part, n in own if part.axis and part.axis.length == n}
    return all(axis in named for axis in axes if axis.length != 1)


def adds_up(term: Term) -> bool:
    """Whether it is a lookup that may put several numbers at one place."""
    return term.facts.target is not None and not puts_once(term)


def _put(term: Term, index: Index) -> Read:
    """The number that was put at an index of a term that `puts_once`."""
    g = term.inputs[0]
    axes = tuple(map(Axis, g.shape))
    pairs = list(zip(target(term, index_of(axes)), index, strict=True))
    known = {part.axis: wanted for part, wanted in pairs if part.axis}
    differences = [p.replaced(known) - wanted for p, wanted in pairs if not p.axis]
    own = tuple(known.get(axis, Expression({}, 0)) for axis in axes)
    return Read(g, own, tuple(Condition(d, 1) for d in differences if d != 0))


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
