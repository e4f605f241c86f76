"""Why a number is what it is: its receipt, read off the tape.

A parameter moved because of a gradient and an optimizer's formula; the gradient is a
sum over samples, and over paths to the loss. Any other number was computed by lines of
source from other numbers. Everything here is read from the tape; nothing is run again
but the slopes of single ops.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.errors import ArgumentError, unknown_name
from seegrad.record.address import Index, parsed, within, written
from seegrad.record.event import Event
from seegrad.record.events import Events
from seegrad.record.lines import line, lines_of_update, number, same_place
from seegrad.record.numbers import short
from seegrad.record.parts import Walk
from seegrad.record.receipt import Check, Receipt
from seegrad.record.step import Step
from seegrad.record.structure import Quantity

MOST_LINES = 24  # of the numbers behind a result


def why(events: Events, address: str, step: int = 0) -> Receipt:
    """The receipt of one number of a step: "0.weight[2, 0]", "1.tanh[0, 3]", "loss".

    Raises ArgumentError for a name that is not on the tape, IndexRangeError for a place
    outside of it, SeegradError where the tape did not keep the numbers.
    """
    record = events.step(step)
    name, place = parsed(address)
    quantity = _quantity(record, name)
    index = within(quantity, place)
    if quantity.role == "parameter":
        return _of_parameter(record, quantity, index)
    return _of_result(record, quantity, index)


def _quantity(step: Step, name: str) -> Quantity:
    named = {q.name: q for q in step.structure.quantities if q.name}
    if name == "loss" and name not in named:
        root = Walk(step).root
        if root is None:
            raise ArgumentError(
                f"step {step.number} has no loss: nothing went backward in it",
                hint="loss.backward() inside the recording",
            )
        return step.structure.quantities[root]
    if name not in named:
        raise unknown_name("quantity on the tape", name, named)
    return named[name]


# A parameter --------------------------------------------------------------------------


def _of_parameter(step: Step, quantity: Quantity, index: Index) -> Receipt:
    address = written(str(quantity), index)
    stored = _at(step, quantity, index, "gradient")
    assigned = _at(step, quantity, index, "assign")
    old = number(step.leaves.get(quantity.id), index, address)
    value = old if assigned is None else assigned[2]
    walk = Walk(step)
    samples, shared = walk.samples(quantity.id, index)
    paths, others, others_count = walk.paths(quantity.id, index)
    notes, checks = [], []
    gradient = None
    if stored:
        gradient = stored[2]
        added = _walked(step, quantity, index)
        total = sum(samples.values()) + shared
        scale = sum(map(abs, samples.values())) + abs(shared)
        checks.append(Check("the samples add up to the gradient", added, total, scale))
        total = sum(p.contribution for p in paths) + others
        checks.append(Check("the paths add up to the gradient", added, total, scale))
        notes += _changes(step, quantity, index)
    else:
        notes.append("it received no gradient in this step")
    lines = lines_of_update(_updates(step, quantity), index)
    if assigned is None:
        notes.append("nothing updated it in this step")
    elif lines:
        formula = lines[-1].value
        checks.append(Check("the formula gives the new number", assigned[2], formula))
    return Receipt(
        address, step.number, "parameter", value, old, gradient, samples, shared,
        paths, others, others_count, lines, checks, notes,
    )  # fmt: skip


def _at(step: Step, quantity: Quantity, index: Index, kind: str) -> Any:
    """Event, before and after of the latest change of this kind to one number."""
    for event in reversed(list(step.events())):
        if event.kind == kind and event.deed.output == quantity.id:
            address = written(str(quantity), index)
            before = event.before
            old = None if before is None else number(before, index, address)
            return event, old, number(event.value, index, address)
    return None


def _walked(step: Step, quantity: Quantity, index: Index) -> float:
    """What the backward walks of the step brought to one number."""
    total, address = 0.0, written(str(quantity), index)
    for event in step.events():
        if event.op == "accumulate" and event.deed.output == quantity.id:
            before, after = event.before, event.value
            total += number(after, index, address)
            total -= 0.0 if before is None else number(before, index, address)
    return total


def _changes(step: Step, quantity: Quantity, index: Index) -> list[str]:
    """What else happened to the gradient: added to an old one, clipped, replaced."""
    notes = []
    for event in step.events():
        if event.kind != "gradient" or event.deed.output != quantity.id:
            continue
        new = short(number(event.value, index, str(quantity)))
        if event.op == "set_grad":
            notes.append(f"its gradient was replaced by {new} (event {event.id})")
        elif event.before is not None:
            old = short(number(event.before, index, str(quantity)))
            notes.append(f"it had the gradient {old} already, which was added to")
    return notes


def _updates(step: Step, quantity: Quantity) -> list[Event]:
    """The operations of the optimizer's formula for a parameter, in order."""
    return [
        event
        for event in step.events()
        if event.kind == "operation"
        and event.phase == "update"
        and (event.deed.parameter or quantity.name) == quantity.name
        and (event.deed.parameter or quantity.id in event.deed.inputs)
    ]


# Any other number ---------------------------------------------------------------------


def _of_result(step: Step, quantity: Quantity, index: Index) -> Receipt:
    address = written(str(quantity), index)
    value = number(step.value(quantity.id), index, address)
    makers = {
        event.deed.output: event for event in step.events() if event.kind == "operation"
    }
    made = makers.get(quantity.id)
    notes = []
    if made is None:
        notes.append(f"it was given: a {quantity.role} of shape {quantity.shape}")
        return Receipt(address, step.number, "result", value, notes=notes)
    behind: list[tuple[Event, Index]] = []
    front = [(made, index)]
    while front and len(behind) < MOST_LINES:
        event, i = front.pop(0)
        behind.append((event, i))
        for q, value_in in zip(event.inputs, event.input_values, strict=True):
            place = same_place(q.shape, event.output.shape, i)
            if q.id in makers and place is not None and np.size(value_in):
                front.append((makers[q.id], place))
    lines = [line(event, i) for event, i in reversed(behind)]
    walk = Walk(step)
    gradient = walk.gradient(quantity.id, index)
    samples = _of_loss(walk, made, makers) if walk.root == quantity.id else {}
    checks = []
    if samples:
        scale = sum(map(abs, samples.values()))
        total = sum(samples.values())
        checks.append(Check("the samples add up to the loss", value, total, scale))
    return Receipt(
        address, step.number, "result", value, gradient=gradient, samples=samples,
        lines=lines, checks=checks, notes=notes,
    )  # fmt: skip


def _of_loss(walk: Walk, made: Event, makers: dict[int, Event]) -> dict[int, float]:
    """What each sample adds to a loss that is a sum or a mean over samples."""
    event, scale = made, 1.0
    while event.op in ("div", "mul", "sum", "mean"):
        value = event.input_values[0]
        if event.op in ("sum", "mean"):
            array = np.asarray(value, float)
            if not array.ndim or len(array) != walk.batch or np.ndim(event.value):
                return {}
            parts = array.reshape(len(array), -1).sum(axis=1) * scale
            if event.op == "mean":
                parts = parts / array.size
            return dict(enumerate(parts.tolist()))
        other = float(np.asarray(event.input_values[1]))
        scale = scale / other if event.op == "div" else scale * other
        source = makers.get(event.deed.inputs[0])
        if source is None:
            return {}
        event = source
    return {}
