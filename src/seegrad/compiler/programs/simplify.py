"""Simplify: the same program with less to do, and every number still the same.

Terms are rebuilt one after another, each from its simplified inputs. What is computed
twice is computed once, what changes nothing disappears, and what no goal needs is never
reached. Only rules that hold for every float are used: x * 0 stays, because of NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.compiler.programs.index import Axis, Expression
from seegrad.compiler.programs.positions import range_checks
from seegrad.compiler.programs.program import Goal, Program, Term, constant
from seegrad.facts import Where
from seegrad.op import REGISTRY

LONG = 2**14  # numbers in one sum, from which it is taken in two stages


def simplify(program: Program) -> Program:
    """An equal program without repetitions, detours and needless work."""
    checks = [*program.checks, *range_checks(program)]
    program = Program(program.results, program.updates, checks)
    builder = _Builder()
    for term in program.ordered():
        builder.add(term)
    new = builder.new
    once = dict.fromkeys(new[term] for term in checks)
    return Program(
        results=[new[term] for term in program.results],
        updates=[Goal(new[goal.term], goal.target) for goal in program.updates],
        checks=[term for term in once if term.number is not True],
    )


class _Builder:
    """Builds terms anew, each only once."""

    def __init__(self) -> None:
        self.new: dict[Term, Term] = {}
        self.known: dict[Any, Term] = {}

    def add(self, term: Term) -> None:
        """Rebuild one term whose inputs have been rebuilt."""
        if term.op is None:
            self.new[term] = self.once(term) if term.is_constant else term
        else:
            inputs = tuple([self.new[x] for x in term.inputs])
            self.new[term] = self.made(term, inputs)

    def made(self, term: Term, inputs: tuple[Term, ...]) -> Term:
        """The simplest term that equals the op of ``term`` applied to these inputs."""
        found = _simpler(term, inputs)
        if found is not None:
            return self.once(found)
        if term.kind == "reduction" and (halves := _halves(term, inputs[0])):
            first, second = halves
            return self.once(second(self.once(first)))
        return self.once(_like(term, inputs))

    def once(self, term: Term) -> Term:
        """The first term that was made of the same op, inputs and settings."""
        return self.known.setdefault(_key(term), term)


def _like(term: Term, inputs: tuple[Term, ...], **changes: Any) -> Term:
    settings = changes.get("settings", term.settings)
    shape = changes.get("shape", term.shape)
    return Term(
        term.op,
        inputs,
        settings,
        shape,
        term.dtype,
        line=term.line,
        order=term.order,
    )


def _key(term: Term) -> Any:
    if term.is_constant:
        if term.number is not None:
            return term.shape, term.dtype, repr(term.number)
        return term.shape, term.dtype, term.data.tobytes()
    if term.op is None:
        return term
    settings = tuple((k, frozen(v)) for k, v in sorted(term.settings.items()))
    return term.op, term.inputs, settings, term.shape, term.dtype


def frozen(setting: Any) -> Any:
    """A setting as something that can be compared and looked up."""
    if isinstance(setting, np.ndarray):
        return setting.shape, setting.dtype.str, setting.tobytes()
    if isinstance(setting, tuple | list):
        return tuple(frozen(part) for part in setting)
    return type(setting), repr(setting)


def _simpler(term: Term, inputs: tuple[Term, ...]) -> Term | None:
    """An input, or a constant, that the term always equals; or None."""
    if term.kind == "movement":
        return _still(term, inputs)
    if term.kind == "reduction" and term.op and term.op.facts.over is not None:
        over = term.op.facts.over(inputs[0].shape, **term.settings)
        if all(inputs[0].shape[axis] == 1 for axis in over):
            return _reshaped(term, _with_dtype(term, inputs[0]))
    if term.kind == "elementwise":
        if _passes(term, inputs):
            return inputs[0]
        return _neutral(term, inputs)
    return None


def _still(term: Term, inputs: tuple[Term, ...]) -> Term | None:
    """A movement that moves nothing, or moves one number that is everywhere."""
    facts = term.op.facts if term.op else None
    (x, *more) = inputs
    if facts is None or more:
        return None
    if x.number is not None and not facts.padded:
        return constant(np.broadcast_to(x.data.ravel()[:1].reshape(()), term.shape))
    if x.shape != term.shape:
        return None
    if facts.flat:
        return x
    if facts.source is None:
        return None
    index = tuple(Expression.of(Axis(n)) for n in term.shape)
    source = facts.source(index, x.shape, **term.settings)
    if isinstance(source, list):  # several parts end to end, of which there is one
        (source,) = source
    if isinstance(source, Where):
        return None
    return x if tuple(map(Expression.of, source)) == index else None


def _reshaped(term: Term, x: Term) -> Term:
    if x.shape == term.shape:
        return x
    reshape = REGISTRY["reshape"]
    return _like(term, (x,), settings={"shape": term.shape}).with_op(reshape)


def _with_dtype(term: Term, x: Term) -> Term:
    """The numbers of x with the dtype of a term: a sum of booleans counts them."""
    if x.dtype == term.dtype:
        return x
    cast = REGISTRY["cast"]
    changes = {"settings": {"dtype": term.dtype}, "shape": x.shape}
    return _like(term, (x,), **changes).with_op(cast)


class _Probe:
    """Stands in for a number: what comes back unchanged was passed through."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype

    def astype(self, dtype: Any) -> Any:
        return self if np.dtype(dtype) == self.dtype else None


def _passes(term: Term, inputs: tuple[Term, ...]) -> bool:
    """Whether an op hands its only input on: detach, or a cast to the same dtype."""
    if len(inputs) != 1 or inputs[0].dtype != term.dtype or term.op is None:
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


def _neutral(term: Term, inputs: tuple[Term, ...]) -> Term | None:
    name = term.op.name if term.op else ""
    for position, number in _NEUTRAL.get(name, ()):
        other = inputs[1 - position]
        is_neutral = inputs[position].number == number
        if is_neutral and other.shape == term.shape and other.dtype == term.dtype:
            return other
    if name == "neg" and inputs[0].op is term.op:
        return inputs[0].inputs[0]
    return None


def _halves(term: Term, x: Term) -> Any:
    """A long sum as a sum of sums: shorter loops, smaller errors, work for threads."""
    assert term.op is not None
    facts = term.op.facts
    if facts.over is None or facts.combine != "add" or x.dtype.kind != "f":
        return None
    over = tuple(sorted(facts.over(x.shape, **term.settings)))
    length = int(np.prod([x.shape[axis] for axis in over]))
    if len(over) < 2 or length <= LONG or over[-1] != len(x.shape) - 1:
        return None
    total = REGISTRY["sum"]
    inner = over[-1:] if x.shape[over[-1]] > 32 or len(over) == 2 else over[-2:]
    if len(inner) == len(over):
        return None
    shape = tuple(1 if i in inner else n for i, n in enumerate(x.shape))
    settings = {"dim": inner, "keepdim": True}
    first = _like(term, (x,), settings=settings, shape=shape).with_op(total)

    def second(half: Term) -> Term:
        rest = tuple(axis for axis in over if axis not in inner)
        kept = tuple(1 if i in over else n for i, n in enumerate(x.shape))
        outer = {"dim": rest, "keepdim": True}
        whole = _like(term, (half,), settings=outer, shape=kept).with_op(total)
        return _reshaped(term, whole)

    return first, second
