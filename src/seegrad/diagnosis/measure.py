"""Taking the vitals of a recorded step, while the tape still has its numbers.

Only what led to the loss counts: a step may also have computed other things. Inputs are
measured where they meet the first parameter, so that data which the network scales by
itself is seen as the weights see it.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import numpy as np

from seegrad.diagnosis.arithmetic import (
    columns,
    is_finite,
    is_whole,
    labels,
    largest,
    rows_alike,
    size,
    units,
)
from seegrad.diagnosis.vitals import Break, ParameterVitals, Vitals
from seegrad.losses import LOSSES
from seegrad.op import REGISTRY
from seegrad.record.event import Event
from seegrad.record.step import Step
from seegrad.record.structure import Deed, Quantity

SAME_NUMBERS = ("alias", "cast", "detach")  # elementwise, but nothing is computed


def measure(step: Step) -> Vitals:
    """The vitals of a step."""
    with np.errstate(all="ignore"):
        return _Measurement(step).vitals


class _Measurement:
    """One step being measured, event by event."""

    def __init__(self, step: Step) -> None:
        self.vitals = Vitals(step.number, modes=dict(step.modes))
        self.deeds = step.deeds[: len(step)]
        self.counted = _behind_loss(self.deeds)
        self.names: dict[int, str] = {}  # parameter quantity -> its name here
        self.from_data: set[int] = set()  # quantities that no parameter is a part of
        self.before = ""  # the phase of the operation before
        self.output: int | None = None  # the quantity that is the prediction
        self.unit_outputs: dict[int, str] = {}
        self.last_value: Any = None
        self.spoiled = False
        for event in step.events():
            self._event(event)
        self._finish()

    def _event(self, event: Event) -> None:
        if event.phase == "aside":
            return
        if event.kind == "operation" and event.phase != "update":
            if self.counted is None or event.at in self.counted:
                self._operation(event)
            elif event.deed.layer_kind == "Dropout":  # it drops, and nothing is learned
                self.vitals.modes[event.layer] = ("Dropout", "train without gradient")
        elif event.kind == "backward" and self.vitals.loss is None:
            value = event.value
            self.vitals.loss = float(np.mean(value)) if is_whole(value) else None
        elif event.kind == "gradient":
            self._gradient(event)
        elif event.kind == "assign":
            self._assign(event)
        if self.vitals.broken is None and _breaks(event):
            given = [v for v in event.input_values if is_finite(v)]
            self.vitals.broken = Break(
                event.id, event.op, event.layer, event.phase,
                max(map(largest, given), default=0.0),
            )  # fmt: skip

    def _operation(self, event: Event) -> None:
        values = event.input_values
        for q, value in zip(event.inputs, values, strict=True):
            if q.role == "parameter":
                self._parameter(q, value)
            elif q.role in ("input", "target", "constant"):
                self.from_data.add(q.id)
        if all(q.id in self.from_data for q in event.inputs):
            self.from_data.add(event.output.id)
        if event.phase == "forward":
            self._forward(event, values)
        else:
            self._loss(event, values)
        self.before, self.last_value = event.phase, event.value

    def _parameter(self, q: Quantity, value: Any) -> None:
        """Meet a parameter for the first time; two models may both have a 0.bias."""
        if q.id in self.names:
            return
        name, count = q.name, 1
        while name in self.vitals.parameters:
            count += 1
            name = f"{q.name} ({count})"
        self.names[q.id] = name
        self.vitals.parameters[name] = ParameterVitals(
            q.shape, size(value), rows_alike=rows_alike(value)
        )

    def _forward(self, event: Event, values: tuple[Any, ...]) -> None:
        found = self.vitals
        if self.before == "loss":  # another batch of the same step
            found.target = found.labels = None
        data = [q.id in self.from_data for q in event.inputs]
        if found.inputs is None and any(data) and not all(data):
            found.inputs = columns(values[data.index(True)])
        flat = units(event.op, event.value)
        if flat is not None:
            self._units(event, flat)
        if event.output.id not in self.from_data:
            self.output, found.prediction = event.output.id, columns(event.value)
            if not _only_moves(event.op):
                found.last_op = event.op
        layer = self.unit_outputs.get(event.inputs[0].id if event.inputs else -1)
        if layer is not None and _only_moves(event.op):
            self.unit_outputs[event.output.id] = layer

    def _units(self, event: Event, new: Any) -> None:
        """An activation of a layer; a recurrent one has many in a step."""
        layer = event.layer
        old = self.vitals.units.get(layer)
        self.unit_outputs[event.output.id] = layer
        if old is not None and (old.op, old.off.shape) == (new.op, new.off.shape):
            rows = old.rows + new.rows
            share = (old.saturated * old.rows + new.saturated * new.rows) / rows
            new.rows, new.off, new.saturated = rows, old.off & new.off, share
        elif old is not None:
            return
        self.vitals.units[layer] = new

    def _loss(self, event: Event, values: tuple[Any, ...]) -> None:
        found = self.vitals
        found.loss_name = _loss_name(event.deed) or found.loss_name
        for q, value in zip(event.inputs, values, strict=True):
            if q.role in ("target", "input") and q.shape and found.target is None:
                found.target, found.labels = columns(value), labels(value)

    def _gradient(self, event: Event) -> None:
        name = self.names.get(event.output.id, "")
        p = self.vitals.parameters.get(name)
        self.spoiled |= not is_finite(event.value)
        if p is None or event.op != "accumulate":
            return
        if p.gradient is None:
            p.had_gradient = event.before is not None
        p.gradient, p.gradient_alike = size(event.value), rows_alike(event.value)

    def _assign(self, event: Event) -> None:
        p = self.vitals.parameters.get(self.names.get(event.output.id, ""))
        self.spoiled |= not is_finite(event.value)
        if p is None:
            return
        p.was_updated = True
        if is_whole(event.value) and is_whole(event.before):
            p.update = size(np.asarray(event.value, float) - event.before)

    def _finish(self) -> None:
        found = self.vitals
        layer = self.unit_outputs.get(-1 if self.output is None else self.output)
        if layer in found.units:
            found.units[layer].is_output = True
        ended = found.loss is None and not is_finite(self.last_value)
        lost = found.loss is not None and not np.isfinite(found.loss)
        if not (self.spoiled or ended or lost):
            found.broken = None  # such as the -inf of a mask: nothing came of it


def _behind_loss(deeds: tuple[Deed, ...]) -> set[int] | None:
    """The operations that led to what went backward; None where nothing did."""
    front = {d.of for d in deeds if d.of is not None}
    if not front:
        return None
    made = {d.output: k for k, d in enumerate(deeds) if d.kind == "operation"}
    seen: set[int] = set()
    while front:
        seen |= front
        front = {made[q] for k in front for q in deeds[k].inputs if q in made} - seen
    return seen


def _only_moves(op: str) -> bool:
    """Whether an op puts numbers elsewhere and leaves them as they are."""
    known = REGISTRY.get(op)
    return known is not None and (known.kind == "movement" or op in SAME_NUMBERS)


def _loss_name(deed: Deed) -> str:
    """Which loss of the library an operation is a part of."""
    for place in reversed(deed.places):
        path = PurePath(place.file)
        if path.parent.name == "losses" and path.stem in LOSSES:
            return path.stem
    return ""


def _breaks(event: Event) -> bool:
    """Whether finite numbers went in, and some that are not came out."""
    if event.kind == "operation":
        return not is_finite(event.value) and all(map(is_finite, event.input_values))
    if event.kind == "backward":
        return is_finite(event.gradient) and not all(map(is_finite, event.shares))
    return False
