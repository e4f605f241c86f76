"""A program is a list of terms: what a step computes, with the numbers taken out.

A term is like a node of the graph, but it knows only shape and dtype. Leaves say where
their numbers will come from when the step runs: an argument, a parameter, a constant.
Whatever the step leaves behind (what it returns, what it assigned) is a list of goals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from seegrad.facts import Facts, Product
from seegrad.op import REGISTRY, Op

NOTHING = Facts()


@dataclass(eq=False, repr=False, slots=True)
class Term:
    """One value of a program: the op and the terms it comes from, or a leaf's source.

    ``source`` is None for results and says of leaves where their numbers are found;
    ``data`` holds the numbers of a constant, ``number`` the one number that it repeats.
    ``line`` is the place in the user's code, ``order`` its turn in the trace.
    """

    op: Op | None
    inputs: tuple[Term, ...]
    settings: dict[str, Any]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    source: Any = None
    data: Any = None
    line: tuple[str, int] | None = None
    order: int = 0
    number: Any = field(init=False)

    def __post_init__(self) -> None:
        self.order = max([self.order, *(x.order for x in self.inputs)])
        self.number = _repeated(self.data)

    def but(self, **changes: Any) -> Term:
        """A term from the same line, with another op, other inputs, another shape."""
        return replace(self, source=None, data=None, **changes)

    @property
    def size(self) -> int:
        """How many numbers it stands for."""
        return math.prod(self.shape)

    @property
    def kind(self) -> str:
        """The kind of its op, or "leaf"."""
        return "leaf" if self.op is None else self.op.kind

    @property
    def facts(self) -> Facts:
        """What its op says about itself; of a leaf there is nothing to say."""
        return self.op.facts if self.op is not None else NOTHING

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Those of its inputs."""
        return [x.shape for x in self.inputs]

    @property
    def over(self) -> tuple[int, ...]:
        """The axes that a reduction removes."""
        assert self.facts.over is not None
        return tuple(self.facts.over(*self.shapes, **self.settings))

    @property
    def product(self) -> Product:
        """What a contraction multiplies and adds up."""
        assert self.facts.product is not None
        return self.facts.product(*self.shapes, **self.settings)

    @property
    def is_constant(self) -> bool:
        """Whether its numbers are known beforehand."""
        return self.data is not None

    def __repr__(self) -> str:
        what = self.op.name if self.op is not None else "leaf"
        if self.is_constant:
            what = "constant"
        return f"{what}{list(self.shape)}:{self.dtype}"


def _repeated(data: Any) -> Any:
    """The Python number that an array holds everywhere, or None."""
    if data is None or not data.size:
        return None
    first = data.flat[0]
    same = data == first if first == first else data != data
    signs = data.dtype.kind != "f" or bool(
        (np.signbit(data) == np.signbit(first)).all()
    )
    return first.item() if signs and bool(np.all(same)) else None


def leaf(source: Any, shape: tuple[int, ...], dtype: Any) -> Term:
    """A term whose numbers are found at ``source`` when the step runs."""
    return Term(None, (), {}, tuple(shape), np.dtype(dtype), source=source)


def constant(data: Any) -> Term:
    """A term whose numbers are known now."""
    array = np.asarray(data)
    return Term(None, (), {}, array.shape, array.dtype, data=array)


def copied(term: Term, order: int = 0) -> Term:
    """A term of its own with the same numbers."""
    alias = REGISTRY["alias"]
    return Term(alias, (term,), {}, term.shape, term.dtype, order=order)


@dataclass(eq=False)
class Goal:
    """Something that a step leaves behind: ``term`` is to be written to ``target``."""

    term: Term
    target: Any


@dataclass(eq=False)
class Program:
    """All that a step does, as data.

    ``results`` are returned to the caller, ``updates`` are written back into what was
    there before (parameters, the memory of optimizers), and every one of ``checks``
    must be true before anything is written.
    """

    results: list[Term] = field(default_factory=list)
    updates: list[Goal] = field(default_factory=list)
    checks: list[Term] = field(default_factory=list)

    @property
    def goals(self) -> list[Term]:
        """The terms that are wanted, in the order of checks, results, updates."""
        return [*self.checks, *self.results, *(goal.term for goal in self.updates)]

    def ordered(self) -> list[Term]:
        """Every term that a goal needs, each after its inputs, as they came."""
        return sorted(below(self.goals), key=lambda term: term.order)  # stable

    def text(self, called: Callable[[Any], str]) -> str:
        """One line for each term, and what is left behind; ``called`` names sources."""
        names: dict[Term, str] = {}
        lines = []
        for term in self.ordered():
            names[term] = f"v{len(names)}"
            shape = "x".join(map(str, term.shape)) or "1"
            said = _said(term, names, called)
            lines.append(f"{names[term]:>5} {shape:>12} {term.dtype.name:<8}{said}")
        lines += [
            f"      {called(goal.target)} <- {names[goal.term]}"
            for goal in self.updates
        ]
        returned = ", ".join(names[term] for term in self.results)
        return "\n".join([*lines, f"      return {returned}"])


def _said(term: Term, names: dict[Term, str], called: Callable[[Any], str]) -> str:
    if term.op is None:
        if term.is_constant:
            if term.number is not None:
                return str(term.dtype.type(term.number))
            return "constant"
        return called(term.source)
    settings = "".join(f", {k}={v}" for k, v in term.settings.items())
    return f"{term.op.name}({', '.join(names[x] for x in term.inputs)}{settings})"


def below(
    starts: Iterable[Term], stops: Callable[[Term], bool] = lambda _: False
) -> list[Term]:
    """These terms and all that they are made from, each after its inputs.

    The way back ends at terms for which ``stops`` is true; there is no recursion.
    """
    order: list[Term] = []
    seen: set[Term] = set()
    stack = [(term, False) for term in reversed(tuple(starts))]
    while stack:
        term, ready = stack.pop()
        if ready:
            order.append(term)
        elif term not in seen:
            seen.add(term)
            stack.append((term, True))
            if not stops(term):
                stack.extend((x, False) for x in reversed(term.inputs))
    return order
