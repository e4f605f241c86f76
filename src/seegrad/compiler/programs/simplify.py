"""Simplify: the same program with less to do, and every number still the same.

Terms are rebuilt one after another, each from its simplified inputs. What is computed
twice is computed once, what changes nothing disappears, and what no goal needs is never
reached. Only rules that hold for every float are used: x * 0 stays, because of NaN.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad.compiler.programs.index import Axis, index_of
from seegrad.compiler.programs.origins import origins
from seegrad.compiler.programs.positions import range_checks
from seegrad.compiler.programs.program import Program, Term, constant
from seegrad.compiler.programs.rewrite import Rewriter
from seegrad.op import REGISTRY

LONG = 2**14  # numbers in one sum, from which it is taken in two stages


def simplify(program: Program) -> Program:
    """An equal program without repetitions, detours and needless work."""
    checks = [*program.checks, *range_checks(program)]
    new = _Simplifier(Program(program.results, program.updates, checks)).rewritten()
    new.checks = [t for t in dict.fromkeys(new.checks) if t.number is not True]
    return new


class _Simplifier(Rewriter):
    """Builds terms anew, each only once and as simple as it can be."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.known: dict[Any, Term] = {}

    def better(self, old: Term, made: Term) -> Term:
        """The first term that was made of the same op, inputs and settings."""
        simplest = _simpler(made) or made
        return self.known.setdefault(_key(simplest), simplest)


def _key(term: Term) -> Any:
    if term.is_constant:
        if term.number is not None:
            return term.shape, term.dtype, repr(term.number)
        return term.shape, term.dtype, term.data.tobytes()
    if term.op is None:
        return term
    return term.op, term.inputs, frozen(term.settings), term.shape, term.dtype


def frozen(setting: Any) -> Any:
    """A setting, or all of them, as something that can be compared and looked up."""
    if isinstance(setting, dict):
        return tuple((name, frozen(part)) for name, part in sorted(setting.items()))
    if isinstance(setting, np.ndarray):
        return setting.shape, setting.dtype.str, setting.tobytes()
    if isinstance(setting, tuple | list):
        return tuple(frozen(part) for part in setting)
    return type(setting), repr(setting)


def _simpler(term: Term) -> Term | None:
    """An input, a constant, or shorter sums that a term always equals; or None."""
    if term.kind == "movement" and len(term.inputs) == 1:
        return _still(term)
    if term.kind == "reduction":
        return _shorter(term)
    if term.kind == "elementwise":
        return term.inputs[0] if _passes(term) else _neutral(term)
    return None


def _still(term: Term) -> Term | None:
    """A movement that moves nothing, or moves one number that is everywhere."""
    (x,), facts = term.inputs, term.facts
    if x.number is not None and not facts.padded:
        return constant(np.broadcast_to(x.data.flat[0], term.shape))
    if x.shape != term.shape:
        return None
    if facts.flat:
        return x
    index = index_of(map(Axis, term.shape))
    (read,) = origins(term, index)
    return x if read.index == index and not read.conditions else None


class _Probe:
    """Stands in for a number: what comes back unchanged was passed through."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype

    def astype(self, dtype: Any) -> Any:
        return self if np.dtype(dtype) == self.dtype else None


def _passes(term: Term) -> bool:
    """Whether an op hands its only input on: detach, or a cast to the same dtype."""
    if len(term.inputs) != 1 or term.inputs[0].dtype != term.dtype or term.op is None:
        return False
    probe = _Probe(term.dtype)
    try:
        return term.op.forward(None, probe, **term.settings) is probe
    except (AttributeError, TypeError):
        return False


# op -> the input that changes nothing, as (position, number); exact for every float
_NEUTRAL = {
    "mul": ((0, 1), (1, 1)),
    "div": ((1, 1),),
    "sub": ((1, 0),),
    "pow": ((1, 1),),
}


def _neutral(term: Term) -> Term | None:
    """The other input, where one of them changes nothing; x, of -(-x)."""
    name = term.op.name if term.op else ""
    for position, number in _NEUTRAL.get(name, ()):
        other = term.inputs[1 - position]
        is_neutral = term.inputs[position].number == number
        if is_neutral and other.shape == term.shape and other.dtype == term.dtype:
            return other
    if name == "neg" and term.inputs[0].op is term.op:
        return term.inputs[0].inputs[0]
    return None


def _shorter(term: Term) -> Term | None:
    """A reduction of single numbers, which is none; or a long sum as a sum of sums.

    That makes shorter loops, smaller errors, and work for several threads.
    """
    (x,), over = term.inputs, sorted(term.over)
    length = math.prod(x.shape[axis] for axis in over)
    if all(x.shape[axis] == 1 for axis in over):
        return _reshaped(_cast(x, term), term)
    if term.facts.combine != "add" or x.dtype.kind != "f" or length <= LONG:
        return None
    if len(over) < 2 or over[-1] != len(x.shape) - 1:
        return None
    few = x.shape[over[-1]] <= 32 and len(over) > 2
    inner, outer = (over[-2:], over[:-2]) if few else (over[-1:], over[:-1])
    return _reshaped(_summed(_summed(x, inner, term), outer, term), term)


def _summed(x: Term, over: list[int], like: Term) -> Term:
    """The sum over some axes, which stay with length 1."""
    settings = {"dim": tuple(over), "keepdim": True}
    shape = tuple(1 if k in over else n for k, n in enumerate(x.shape))
    return like.but(op=REGISTRY["sum"], inputs=(x,), settings=settings, shape=shape)


def _reshaped(x: Term, like: Term) -> Term:
    if x.shape == like.shape:
        return x
    settings = {"shape": like.shape}
    return like.but(op=REGISTRY["reshape"], inputs=(x,), settings=settings)


def _cast(x: Term, like: Term) -> Term:
    """The numbers of x with the dtype of a term: a sum of booleans counts them."""
    if x.dtype == like.dtype:
        return x
    settings = {"dtype": like.dtype}
    return like.but(op=REGISTRY["cast"], inputs=(x,), settings=settings, shape=x.shape)
