"""Positions that a step looks up are checked before it changes anything.

A lookup with a position that does not exist reads something else and says so, but then
an update may have been written already. So a step that updates something first looks at
all positions, as it looks at whatever else its author required.
"""

from __future__ import annotations

import numpy as np

from seegrad.compiler.programs.program import Program, Term, constant
from seegrad.op import REGISTRY

BOOL, INT = np.dtype("bool"), np.dtype("int64")


def range_checks(program: Program) -> list[Term]:
    """For each array of positions, whether all of them exist; none without updates."""
    if not program.updates:
        return []
    found: dict[tuple[Term, int], Term] = {}
    for term in program.ordered():
        if term.kind == "lookup":
            positions, length = _looked_up(term)
            if not positions.is_constant:  # those were there when the step was traced
                found.setdefault((positions, length), _all_exist(positions, length))
    return list(found.values())


def _looked_up(term: Term) -> tuple[Term, int]:
    """The positions of a lookup, and the length of the axis that they are in."""
    assert term.op is not None
    x, positions = term.inputs
    puts = term.op.facts.target is not None
    return positions, (term.shape if puts else x.shape)[term.settings["dim"]]


def _all_exist(positions: Term, length: int) -> Term:
    """Whether -length <= position < length for all of them."""
    shape = positions.shape

    def made(
        name: str, *inputs: Term, dtype: np.dtype = BOOL, **settings: object
    ) -> Term:
        return Term(REGISTRY[name], inputs, settings, shape, dtype)

    whole = made("cast", positions, dtype=INT)
    whole.settings = {"dtype": INT}
    above = made("ge", whole, constant(np.int64(-length)))
    below = made("lt", whole, constant(np.int64(length)))
    axes = {"dim": tuple(range(len(shape))), "keepdim": False}
    return Term(REGISTRY["all"], (made("mul", above, below),), axes, (), BOOL)
