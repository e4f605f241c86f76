"""The layers of a recorded step, one after the other, where they form a chain.

A picture of circles and edges says that each layer reads the one before it and nothing
else. Whether that is so stands on the tape: every operation names what it has read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seegrad.errors import InputTypeError

HINT = 'tape.graph("forward"), which draws any computation'
MIXING = ("matmul", "conv", "einsum")  # ops after which a unit is another unit


@dataclass
class Stretch:
    """The operations of one layer; ``weight`` and ``bias`` are quantities, or None."""

    layer: str
    kind: str
    events: list[Any]
    weight: int | None = None
    bias: int | None = None

    @property
    def output(self) -> int:
        """The quantity that the layer returned."""
        return int(self.events[-1].deed.output)


def chain_of(step: Any, where: str) -> list[Stretch]:
    """The stretches of a step's forward pass, from the first Linear on.

    Raises InputTypeError where a layer reads something else than the layer before it,
    or is used twice, or where there is no Linear.
    """
    stretches: list[Stretch] = []
    for event in step.events():
        if event.kind == "operation" and event.phase == "forward":
            if not stretches or stretches[-1].layer != event.layer:
                kind = event.deed.layer_kind
                stretches.append(Stretch(event.layer, kind, []))
            stretches[-1].events.append(event)
    for place, stretch in enumerate(stretches):
        if stretch.layer in [other.layer for other in stretches[:place]]:
            raise _no_chain(f"layer {stretch.layer!r} is used more than once", where)
        _check_reading(stretches[place - 1] if place else None, stretch, where)
        _find_weights(stretch)
    linear = [i for i, each in enumerate(stretches) if each.weight is not None]
    if not linear:
        raise _no_chain("there is no Linear layer in the step", where)
    found = stretches[linear[0] :]
    for each in found:
        if each.weight is None and any(e.op.startswith(MIXING) for e in each.events):
            raise _no_chain(f"{_name(each)} is no Linear layer, and mixes units", where)
    return found


def _check_reading(before: Stretch | None, stretch: Stretch, where: str) -> None:
    """A layer may read its own results and parameters, and what came just before."""
    own = {event.deed.output for event in stretch.events}
    for event in stretch.events:
        for quantity in event.inputs:
            result = quantity.role == "result" and quantity.id not in own
            given = quantity.role == "input" and stretch.kind != "Dropout"
            if before is None or quantity.id == before.output:
                continue
            if result or given:
                raise _no_chain(
                    f"{_name(stretch)} reads {quantity}, and not only {_name(before)}",
                    where,
                )


def _find_weights(stretch: Stretch) -> None:
    if not any(event.op == "matmul" for event in stretch.events):
        return
    for event in stretch.events:
        for quantity in event.inputs:
            last = quantity.name.rpartition(".")[2]
            if quantity.role == "parameter" and quantity.layer == stretch.layer:
                if last == "weight" and len(quantity.shape) == 2:
                    stretch.weight = quantity.id
                elif last == "bias":
                    stretch.bias = quantity.id


def _name(stretch: Stretch) -> str:
    return f"{stretch.kind or 'the code'} {stretch.layer}".strip()


def _no_chain(what: str, where: str) -> InputTypeError:
    return InputTypeError(
        f"the step is no chain of Linear layers: {what}", where=where, hint=HINT
    )
