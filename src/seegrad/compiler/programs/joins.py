"""Tensors joined end to end: the parts are computed where the whole lies.

Joining would be a copy, and its gradient another one. Instead every part gets its place
inside the memory of the whole, and whoever computes it writes there. The gates of a
recurrent step and the states of all steps are joined in this way, at no cost.
"""

from __future__ import annotations

from typing import NamedTuple

from seegrad.compiler.programs.index import Axis, index_of
from seegrad.compiler.programs.origins import origins
from seegrad.compiler.programs.program import Program, Term, copied
from seegrad.compiler.programs.rewrite import Rewriter, with_inputs


class Part(NamedTuple):
    """A kept term that lies in a whole: where it begins, and how its axes go there."""

    term: Term
    offset: int
    strides: tuple[int, ...]


def is_join(term: Term) -> bool:
    """Whether a term is several tensors, each moved as a block."""
    if term.kind != "movement" or len(term.inputs) < 2:
        return False
    return all(shift is not None for shift in shifts(term))


def shifts(whole: Term) -> list[tuple[int, ...] | None]:
    """For each input, where it begins in the whole; None if it is bent."""
    index = index_of(map(Axis, whole.shape))
    found: list[tuple[int, ...] | None] = []
    for read in origins(whole, index):
        offsets = [i - part for i, part in zip(index, read.index, strict=False)]
        straight = len(read.index) == len(index) and not any(o.atoms for o in offsets)
        found.append(tuple(o.constant for o in offsets) if straight else None)
    return found


def folds(term: Term) -> bool:
    """Whether a reshape does more than to add and to drop axes of length 1."""
    return _long(term) != _long(term.inputs[0])


def base(term: Term) -> Term:
    """The term without reshapes that only add or drop axes of length 1."""
    while term.facts.flat and not folds(term):
        term = term.inputs[0]
    return term


def _long(term: Term) -> list[int]:
    return [n for n in term.shape if n != 1]


def parts(whole: Term, strides: tuple[int, ...]) -> list[Part]:
    """Where each part of a join lies, if the whole lies so."""
    found = []
    for x, shift in zip(whole.inputs, shifts(whole), strict=True):
        assert shift is not None
        offset = sum(n * stride for n, stride in zip(shift, strides, strict=True))
        along = iter([s for s, n in zip(strides, x.shape, strict=True) if n != 1])
        inner = base(x)
        own = tuple(0 if n == 1 else next(along) for n in inner.shape)
        found.append(Part(inner, offset, own))
    return found


class _Preparer(Rewriter):
    """Copies the parts of joins that cannot be computed in place."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.goals = set(program.goals)
        self.taken: set[Term] = set()  # parts that lie in a whole

    def better(self, old: Term, made: Term) -> Term:
        if not is_join(made):
            return made
        pairs = zip(made.inputs, old.inputs, strict=True)
        return with_inputs(made, tuple([self._own(x, before) for x, before in pairs]))

    def _own(self, x: Term, before: Term) -> Term:
        """A part that lies nowhere else: in no other whole, and not outside."""
        inner = base(x)
        moved = inner.op is None or (inner.kind == "movement" and not is_join(inner))
        outside = base(before) in self.goals or inner in self.taken
        if moved or outside or inner.size == 0:
            x = inner = copied(x)
        self.taken.add(inner)
        return x


def prepared(program: Program) -> Program:
    """The program with parts that can be computed in place: copies, where need be."""
    return _Preparer(program).rewritten()
