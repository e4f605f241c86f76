"""What flows through a recorded step: numbers forward, gradients backward.

A flow has the quantities of the step as boxes and an arrow for each number that was
read, or for each share of a gradient that was passed on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from seegrad.draw.taped import is_summary

READ = ("forward", "loss")


@dataclass(eq=False)
class Station:
    """A quantity on the way: what it holds, the op that made it, and its ``inputs``.

    It has the attributes that folding reads of a node. ``sizes`` are those of the
    gradients that arrive from each of the inputs.
    """

    name: str
    role: str
    layer: str
    kind: str = ""
    shape: tuple[int, ...] = ()
    value: Any = None
    op: Any = None
    inputs: tuple[Station, ...] = ()
    sizes: list[float] = field(default_factory=list)

    @property
    def symbol(self) -> str:
        """The sign of the op, empty for a leaf."""
        return self.op.symbol if self.op else ""


def forward_flow(step: Any) -> list[Station]:
    """Everything that was computed for the loss, in order, with what was read."""
    found: dict[int, Station] = {}
    for event in step.events():
        if event.kind != "operation" or event.phase not in READ:
            continue
        for quantity, value in zip(event.inputs, event.input_values, strict=True):
            if quantity.id not in found:
                layer = quantity.layer or _place(event)
                found[quantity.id] = _station(quantity, layer, value)
        made = _station(event.output, _place(event), event.value)
        made.kind, made.op = event.deed.layer_kind, _op(event)
        made.inputs = tuple(found[i] for i in event.deed.inputs)
        found[event.deed.output] = made
    return list(found.values())


def backward_flow(step: Any) -> list[Station]:
    """Every quantity that a gradient reached, from the loss on, with its gradient."""
    found: dict[int, Station] = {}
    sent: dict[int, list[tuple[Station, float]]] = {}
    for event in step.events():
        if event.kind == "gradient" and event.deed.output in found:
            found[event.deed.output].value = event.value
        if event.kind != "backward":
            continue
        source = found.setdefault(
            event.deed.output, _station(event.output, _place(event), None)
        )
        source.value, source.op = event.gradient, _op(event)
        source.kind, source.layer = event.deed.layer_kind, _place(event)
        for quantity, share in zip(event.inputs, event.shares, strict=True):
            if share is not None:
                layer = quantity.layer or _place(event)
                found.setdefault(quantity.id, _station(quantity, layer, share))
                sent.setdefault(quantity.id, []).append((source, size_of(share)))
    for quantity_id, arriving in sent.items():
        target = found[quantity_id]
        target.inputs = tuple(source for source, _ in arriving)
        target.sizes = [size for _, size in arriving]
    return list(found.values())


def size_of(value: Any) -> float:
    """The Euclidean norm of the numbers of a value: how much gradient flows.

    >>> size_of(np.array([3.0, 4.0]))
    5.0
    """
    if is_summary(value):
        return float(value.norm)
    with np.errstate(all="ignore"):
        numbers = np.asarray(value, np.float64)
        return math.sqrt(float((numbers * numbers).sum()))


def _station(quantity: Any, layer: str, value: Any) -> Station:
    name, shape = str(quantity), tuple(quantity.shape)
    if quantity.role == "constant" and not quantity.name:
        name = ""
    return Station(name, quantity.role, layer, shape=shape, value=value)


def _place(event: Any) -> str:
    return "loss" if event.phase == "loss" else str(event.layer or _home(event))


def _home(event: Any) -> str:
    """Where a backward event belongs: the loss, if its operation was a part of it."""
    made = event.forward
    return "loss" if made is not None and made.phase == "loss" else ""


def _op(event: Any) -> Any:
    kind = getattr(event.deed.definition, "kind", "")
    return SimpleNamespace(name=event.op, symbol=event.symbol, kind=kind)
