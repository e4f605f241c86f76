"""Positions that a step looks up are checked before it changes anything.

A lookup with a position that does not exist reads something else and says so, but then
an update may have been written already. So a step that updates something first looks at
all positions, as it looks at whatever else its author required.
"""

from __future__ import annotations

import numpy as np

from seegrad.compiler.programs.origins import looking
from seegrad.compiler.programs.program import Program, Term, constant
from seegrad.op import REGISTRY

BOOL, INT = np.dtype("bool"), np.dtype("int64")


def range_checks(program: Program) -> list[Term]:
    """For each array of positions, whether all of them exist; none without updates."""
    if not program.updates:
        return []
    lookups = [term for term in program.ordered() if term.kind == "lookup"]
    asked = dict.fromkeys(map(looking, lookups))
    # Constant positions were there when the step was traced.
    return [_all_exist(*pair) for pair in asked if not pair[0].is_constant]


def _all_exist(positions: Term, length: int) -> Term:
    """Whether -length <= position < length for all of them."""

    def made(name: str, *inputs: Term, dtype: np.dtype = BOOL) -> Term:
        settings = {"dtype": dtype} if name == "cast" else {}
        return Term(REGISTRY[name], inputs, settings, positions.shape, dtype)

    whole = made("cast", positions, dtype=INT)
    above = made("ge", whole, constant(np.int64(-length)))
    below = made("lt", whole, constant(np.int64(length)))
    axes = {"dim": tuple(range(len(positions.shape))), "keepdim": False}
    return Term(REGISTRY["all"], (made("mul", above, below),), axes, (), BOOL)
