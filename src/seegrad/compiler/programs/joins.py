"""Tensors joined end to end: the parts are computed where the whole lies.

Joining would be a copy, and its gradient another one. Instead every part gets its place
inside the memory of the whole, and whoever computes it writes there. The gates of a
recurrent step and the states of all steps are joined in this way, at no cost.
"""

from __future__ import annotations

from typing import NamedTuple

from seegrad.compiler.programs.index import Axis, Expression
from seegrad.compiler.programs.origins import origins
from seegrad.compiler.programs.program import Goal, Program, Term
from seegrad.op import REGISTRY

Strides = tuple[int, ...]


class Part(NamedTuple):
    """A kept term that lies in a whole: where it begins, and how its axes go there."""

    term: Term
    offset: int
    strides: Strides


def strides_of(shape: tuple[int, ...]) -> Strides:
    """How far the next number of each axis is, where rows lie behind each other.

    >>> strides_of((2, 3, 4))
    (12, 4, 1)
    """
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def is_join(term: Term) -> bool:
    """Whether a term is several tensors, each moved as a block."""
    if term.kind != "movement" or len(term.inputs) < 2:
        return False
    return all(shift is not None for shift in _shifts(term))


def _shifts(whole: Term) -> list[tuple[int, ...] | None]:
    """For each input, where it begins in the whole; None if it is bent."""
    axes = tuple(Axis(n) for n in whole.shape)
    index = tuple(map(Expression.of, axes))
    found: list[tuple[int, ...] | None] = []
    for read in origins(whole, index):
        offsets = [i - part for i, part in zip(index, read.index, strict=True)]
        straight = not any(offset.atoms for offset in offsets)
        found.append(tuple(o.constant for o in offsets) if straight else None)
    return found


def base(term: Term) -> Term:
    """The term without reshapes that only add or drop axes of length 1."""
    while (
        term.op is not None
        and term.op.facts.flat
        and _long(term) == _long(term.inputs[0])
    ):
        term = term.inputs[0]
    return term


def _long(term: Term) -> list[int]:
    return [n for n in term.shape if n != 1]


def parts(whole: Term, strides: Strides) -> list[Part]:
    """Where each part of a join lies, if the whole lies so."""
    found = []
    for x, shift in zip(whole.inputs, _shifts(whole), strict=True):
        assert shift is not None
        offset = sum(n * stride for n, stride in zip(shift, strides, strict=True))
        along = [s for s, n in zip(strides, x.shape, strict=True) if n != 1]
        inner = base(x)
        left = iter(along)
        own = tuple(0 if n == 1 else next(left) for n in inner.shape)
        found.append(Part(inner, offset, own))
    return found


def prepared(program: Program) -> Program:
    """The program with parts that can be computed in place: copies, where need be.

    A part that is kept elsewhere, in another whole or outside, is copied.
    """
    goals, taken = set(program.goals), set[Term]()
    new: dict[Term, Term] = {}
    alias = REGISTRY["alias"]

    def copy(x: Term) -> Term:
        return Term(alias, (x,), {}, x.shape, x.dtype, order=x.order)

    def own(x: Term, old: Term) -> Term:
        inner, before = base(x), base(old)
        moved = inner.op is None or (inner.kind == "movement" and not is_join(inner))
        if moved or inner in taken or before in goals or inner.size == 0:
            x = inner = copy(x)
        taken.add(inner)
        return x

    for term in program.ordered():
        inputs = tuple([new[x] for x in term.inputs])
        if is_join(term):
            inputs = tuple(
                [own(x, old) for x, old in zip(inputs, term.inputs, strict=True)]
            )
        new[term] = term
        if any(x is not old for x, old in zip(inputs, term.inputs, strict=True)):
            new[term] = Term(
                term.op,
                inputs,
                term.settings,
                term.shape,
                term.dtype,
                line=term.line,
                order=term.order,
            )
    whole = {goal for goal in goals if is_join(goal)}

    def wanted(goal: Term) -> Term:
        return copy(new[goal]) if goal in whole else new[goal]

    return Program(
        [wanted(term) for term in program.results],
        [Goal(wanted(goal.term), goal.target) for goal in program.updates],
        [new[term] for term in program.checks],
    )
