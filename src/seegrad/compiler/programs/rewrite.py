"""Rewriting a program: each term is built anew from new inputs, or made into another.

The passes that improve a program share this walk. They say only what becomes of a term.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from seegrad.compiler.programs.program import Goal, Program, Term
from seegrad.op import REGISTRY


class Rewriter(ABC):
    """Rebuilds a program term by term; the subclasses say what becomes of each."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.terms = program.ordered()
        self.new: dict[Term, Term] = {}

    def rewritten(self) -> Program:
        """The new program; the same one if nothing has changed."""
        for term in self.terms:
            inputs = tuple([self.new[x] for x in term.inputs])
            self.new[term] = self.better(term, with_inputs(term, inputs))
        new = self.new
        if all(made is term for term, made in new.items()):
            return self.program
        return Program(
            [new[term] for term in self.program.results],
            [Goal(new[g.term], g.target) for g in self.program.updates],
            [new[term] for term in self.program.checks],
        )

    @abstractmethod
    def better(self, old: Term, made: Term) -> Term:
        """What stands for a term, of which ``made`` has the new inputs."""


def with_inputs(term: Term, inputs: tuple[Term, ...]) -> Term:
    """The same term of other inputs."""
    if all(x is old for x, old in zip(inputs, term.inputs, strict=True)):
        return term
    return term.but(inputs=inputs)


def is_add(term: Term) -> bool:
    """Whether a term is the sum of two others of one shape."""
    x_and_y = term.inputs
    return term.op is REGISTRY["add"] and x_and_y[0].shape == x_and_y[1].shape


def join(parts: list[Term], dim: int, like: Term) -> Term:
    """The parts end to end along an axis."""
    if len(parts) == 1:
        return parts[0]
    shape = list(parts[0].shape)
    shape[dim] = sum(part.shape[dim] for part in parts)
    return like.but(
        op=REGISTRY["concatenate"],
        inputs=tuple(parts),
        settings={"dim": dim},
        shape=tuple(shape),
    )
