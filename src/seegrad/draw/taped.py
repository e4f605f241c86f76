"""What the drawings read of a tape: its steps, by the attributes that they have.

A tape keeps steps, a step has events, and the numbers of an event are floats, arrays,
or a summary (with ``minimum``, ``mean``, ...) where an array was too large to keep.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.draw.inputs import Floats
from seegrad.errors import DataError, InputTypeError

MOST_STEPS = 60  # columns that can be told apart


def steps_of(tape: Any, where: str) -> list[Any]:
    """The steps of a tape; InputTypeError for another thing, DataError if empty."""
    steps = getattr(tape, "steps", None)
    if not isinstance(steps, list) or not hasattr(tape, "step"):
        raise InputTypeError(
            f"this is drawn from a tape, not from {type(tape).__name__}",
            where=where,
            hint="tape = sg.record(model, x, y, loss=..., optimizer=...)",
        )
    if not steps:
        raise DataError(
            "there is nothing to draw: the tape has no step",
            where=where,
            hint="compute something in the block of sg.recording()",
        )
    return steps


def some(steps: list[Any], most: int = MOST_STEPS) -> list[Any]:
    """The steps, or ``most`` of them in equal distances, the first and the last too.

    >>> some(list(range(100)), most=4)
    [0, 33, 66, 99]
    """
    if len(steps) <= most:
        return steps
    return [steps[round(k * (len(steps) - 1) / (most - 1))] for k in range(most)]


def is_update(event: Any) -> bool:
    """Whether an event gave a parameter a new value (and not a buffer)."""
    return bool(event.kind == "assign" and event.output.role == "parameter")


def layer_of(event: Any) -> str:
    """The path of an event's layer; of a model that is one layer, its class."""
    return str(event.layer or event.deed.layer_kind)


def whole(value: Any) -> Floats | None:
    """The numbers as an array; None where the tape kept a summary, or nothing.

    >>> whole(2.0), whole(None)
    (array(2.), None)
    """
    if value is None or is_summary(value):
        return None
    return np.asarray(value, np.float64)


def is_summary(value: Any) -> bool:
    """Whether a value stands for an array that was not kept."""
    return hasattr(value, "nonfinite")
