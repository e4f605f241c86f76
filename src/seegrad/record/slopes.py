"""How much each number of a result moves when one number of an input moves.

A rule of calculus goes backward: from the gradient of the result to that of an input.
Rules are made of ops, so a rule can be differentiated itself, and what comes out goes
forward: d result / d input[i], for any op whatever, without another line of calculus.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.backpropagation import cotangents
from seegrad.errors import SeegradError
from seegrad.mode import listening, recording
from seegrad.record.address import Index, same_place
from seegrad.record.event import Event
from seegrad.record.summary import Summary
from seegrad.tensor import Tensor


def slopes(made: Event, position: int, index: Index) -> Any:
    """d out / d input[index] for every number of ``out``: an array of its shape.

    ``made`` is the operation, ``position`` says which of its inputs. Raises
    SeegradError where the tape did not keep the numbers, or does not know the op.
    """
    op, values, out = made.deed.definition, made.input_values, made.value
    known = made.local if op is None else None
    if known is not None and not isinstance(known[position], Summary):
        return _elementwise(known[position], np.shape(values[position]), index, out)
    if op is None or (made.deed.given is None and made.deed.settings):
        raise SeegradError(
            f"the tape does not know how {made.op} is differentiated",
            where=f"event {made.id}",
            hint="ask the tape that recorded it, not its file",
        )
    if any(isinstance(v, Summary) for v in (*values, out)):
        raise SeegradError(
            f"the numbers of {made.op} were not kept on the tape",
            where=f"event {made.id}, step {made.step}",
            hint="a step that is whole: tape.steps[-1], or recording(most_bytes=...)",
        )
    rule = op.rules_for(values)[position]
    if rule is None:
        return np.zeros(np.shape(out))
    given = made.deed.given
    alike = np.shape(values[position]) == np.shape(out)
    wide = any(isinstance(v, np.ndarray) for v in (given or {}).values())
    with listening(None), recording(), np.errstate(all="ignore"):
        if op.kind != "elementwise" or wide or not alike:
            return _differentiated(rule, values, out, position, index, given)
        # Number by number, so the one place is all that has to be computed.
        places = [same_place(np.shape(v), np.shape(out), index) for v in values]
        cells = [np.asarray(v)[i] for v, i in zip(values, places, strict=True)]
        cell = np.asarray(out)[index]
        found = np.zeros(np.shape(out))
        found[index] = _differentiated(rule, cells, cell, position, (), given)
        return found


def _elementwise(local: Any, shape: Any, index: Index, out: Any) -> Any:
    """The slopes of an op that this program does not have: a file brought them."""
    if local is None:
        return np.zeros(np.shape(out))
    here = np.zeros(shape)
    here[index] = 1.0
    return np.broadcast_to(here, np.shape(out)) * _wide(local)


def _differentiated(
    rule: Any, values: Any, out: Any, position: int, index: Index, settings: Any
) -> Any:
    wide = [_wide(v) for v in values]
    g = Tensor(np.ones(np.shape(out)), requires_grad=True)
    share = rule(g, Tensor(_wide(out)), *map(Tensor, wide), **(settings or {}))
    if not isinstance(share, Tensor):  # a rule that needs no gradient to arrive
        return np.zeros(np.shape(out))
    picked = Tensor.fit(share, Tensor(wide[position]))[index]
    if not picked.requires_grad:
        return np.zeros(np.shape(out))
    found = cotangents(picked, np.ones((), picked.dtype)).get(g)
    return np.zeros(np.shape(out)) if found is None else np.asarray(found)


def _wide(data: Any) -> Any:
    """Floats in double precision, so that parts add up to their sum."""
    array = np.asarray(data)
    return array.astype(np.float64) if array.dtype.kind == "f" else array
