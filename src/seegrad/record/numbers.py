"""Small things one does with the numbers of an event: say them, differentiate them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seegrad.record.summary import Summary

if TYPE_CHECKING:
    from seegrad.record.event import Event

FEW = 6  # numbers that are said one by one


def short(number: float) -> str:
    """A number in four digits: -0.4137, 1.2e-05."""
    return f"{float(number):.4g}"


def brief(data: Any) -> str:
    """A value in a few words: 0.5, [1, 2], float32 (3, 4) from -1 to 2.

    >>> brief(0.25), brief(np.array([1.0, 2.0]))
    ('0.25', '[1, 2]')
    """
    if data is None:
        return "none"
    if isinstance(data, Summary):
        spread = f"from {short(data.minimum)} to {short(data.maximum)}"
        return f"{data.dtype} {data.shape} {spread}"
    array = np.asarray(data)
    if array.ndim == 0:
        return short(array.item())
    if array.size <= FEW and array.ndim == 1:
        return f"[{', '.join(map(short, array.tolist()))}]"
    if array.size == 0:
        return f"{array.dtype} {array.shape}"
    with np.errstate(all="ignore"):
        spread = f"from {short(array.min())} to {short(array.max())}"
    return f"{array.dtype} {array.shape} {spread}"


def local_derivatives(event: Event) -> tuple[Any, ...] | None:
    """d output / d input of an elementwise op, by its own rules at gradient 1."""
    if event.kind not in ("operation", "backward"):
        return None
    made = event.at if event.deed.of is None else event.deed.of
    if made in event.step_record.local:  # a file brought it along
        known: tuple[Any, ...] = event.step_record.local[made]
        return known
    op, data, out = event.deed.definition, event.input_values, event.value
    if op is None or op.kind != "elementwise":
        return None
    if any(isinstance(x, Summary) for x in (*data, out)):
        return None
    one = 1.0 if isinstance(out, float) else np.ones_like(out)
    settings = event.deed.given or {}
    with np.errstate(all="ignore"):
        return tuple(
            None if rule is None else rule(one, out, *data, **settings)
            for rule in op.rules_for(data)
        )
