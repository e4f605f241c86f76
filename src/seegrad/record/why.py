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
from seegrad.record.address import Index, parsed, same_place, within, written
from seegrad.record.event import Event
from seegrad.record.events import Events
from seegrad.record.lines import line, lines_of_update, number
from seegrad.record.numbers import short
from seegrad.record.parts import Walk
from seegrad.record.receipt import Check, Receipt
from seegrad.record.step import Step
from seegrad.record.structure import Quantity
from seegrad.record.summary import Summary

MOST_LINES = 24  # of the numbers behind a result


def why(
    events: Events, address: str, step: int = 0, samples: int | None = None
) -> Receipt:
    """The receipt of one number of a step: "0.weight[2, 0]", "1.tanh[0, 3]", "loss".

    ``samples`` is the axis of the input along which they stand. Raises ArgumentError
    for a name that is not on the tape or an axis that the data does not have,
    IndexRangeError for a place outside, SeegradError where numbers were not kept.
    """
    record = events.step(step)
    name, place = parsed(address)
    quantity = _quantity(record, name)
    index = within(quantity, place)
    walk = Walk(record, samples)
    if quantity.role == "parameter":
        return _of_parameter(record, quantity, index, walk)
    return _of_result(record, quantity, index, walk)


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


def _of_parameter(step: Step, quantity: Quantity, index: Index, walk: Walk) -> Receipt:
    address = written(str(quantity), index)
    stored = _at(step, quantity, index, "gradient")
    assigned = _at(step, quantity, index, "assign")
    old = number(step.leaves.get(quantity.id), index, address)
    value = old if assigned is None else assigned[2]
    samples, shared = walk.samples(quantity.id, index)
    paths, others, others_count = walk.paths(quantity.id, index)
    notes, checks = [], []
    gradient = None
    if stored:
        gradient = stored[2]
        added = _walked(step, quantity, index)
        pieces = [*(path.contribution for path in paths), others]
        parts = [*samples.values(), shared]
        scale = max(sum(map(abs, pieces)), sum(map(abs, parts)))
        if samples:
            what = "the samples add up to the gradient"
            checks.append(Check(what, added, sum(parts), scale))
        if paths or others_count:
            what = "the paths add up to the gradient"
            checks.append(Check(what, added, sum(pieces), scale))
        elif added:
            notes.append("its gradient comes from operations of an earlier step")
        notes += _changes(step, quantity, index)
    else:
        notes.append("it received no gradient in this step")
    updates = _updates(step, quantity)
    lines = lines_of_update(updates, index)
    notes += _schedule(updates)
    if assigned is None:
        notes.append("nothing updated it in this step")
    elif lines:
        formula = lines[-1].value
        checks.append(Check("the formula gives the new number", assigned[2], formula))
    moved = None if assigned is None else old
    return Receipt(
        address, step.number, "parameter", value, moved, gradient, samples, shared,
        paths, others, others_count, lines, checks, notes, _axes(walk, samples),
    )  # fmt: skip


def _axes(walk: Walk, samples: dict[int, float]) -> dict[str, int]:
    """Along which axis of which data the samples stand."""
    if not samples:
        return {}
    axes = walk.labels.axes
    named = {q.name: axis for q, axis in axes.items() if q.name}
    return named or {f"an input of shape {q.shape}": axis for q, axis in axes.items()}


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


def _schedule(updates: list[Event]) -> list[str]:
    """What a schedule has made of the learning rate, if there is one."""
    for event in updates:
        known = event.step_record.plain.get(event.at, {})
        lr, first = known.get("lr"), known.get("initial_lr")
        if lr is not None and first is not None:
            return [
                f"a schedule has the learning rate at {lr:.6g}; it began at {first:.6g}"
            ]
    return []


# Any other number ---------------------------------------------------------------------


def _of_result(step: Step, quantity: Quantity, index: Index, walk: Walk) -> Receipt:
    address = written(str(quantity), index)
    value = number(step.value(quantity.id), index, address)
    makers = {
        event.deed.output: event for event in step.events() if event.kind == "operation"
    }
    assigned = _at(step, quantity, index, "assign")
    made = _assigned_from(step, assigned) if assigned else makers.get(quantity.id)
    old = assigned[1] if assigned else None
    notes = []
    if made is None and assigned:
        notes.append("it was assigned numbers that no recorded operation made")
        return Receipt(address, step.number, "result", value, old, notes=notes)
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
    gradient = walk.gradient(quantity.id, index)
    checks, samples = [], {}
    paths, others, others_count = walk.paths(quantity.id, index)
    if paths and gradient is not None:
        pieces = [*(path.contribution for path in paths), others]
        what, scale = "the paths add up to the gradient", sum(map(abs, pieces))
        checks.append(Check(what, gradient, sum(pieces), scale))
    if quantity.id in walk.starts:
        samples = _of_loss(walk, made, makers)
    if samples:
        scale = sum(map(abs, samples.values()))
        total = sum(samples.values())
        checks.append(Check("the samples add up to the loss", value, total, scale))
    return Receipt(
        address, step.number, "result", value, old, gradient, samples, 0.0,
        paths, others, others_count, lines, checks, notes, _axes(walk, samples),
    )  # fmt: skip


def _assigned_from(step: Step, assigned: Any) -> Event | None:
    """The operation whose result a leaf was given: the latest, if it is that."""
    event: Event = assigned[0]
    for at in range(event.at - 1, -1, -1):
        made = step.event(at)
        if made.kind == "operation":
            if isinstance(made.value, Summary):
                return None
            same = np.array_equal(made.value, event.value, equal_nan=True)
            return made if same else None
    return None


def _of_loss(walk: Walk, made: Event, makers: dict[int, Event]) -> dict[int, float]:
    """What each sample adds to a loss that is a sum or a mean over samples."""
    event, scale = made, 1.0
    while event.op in ("div", "mul", "sum"):
        source = event.deed.inputs[0]
        if event.op == "sum":
            labels = walk.labels.of.get(source)
            if labels is None or (labels < 1).any() or np.ndim(event.value):
                return {}
            parts = np.asarray(event.input_values[0], float) * scale
            found = np.bincount(labels.ravel() - 1, parts.ravel(), walk.labels.count)
            return dict(enumerate(found.tolist()))
        other = float(np.asarray(event.input_values[1]))
        scale = scale / other if event.op == "div" else scale * other
        if source not in makers:
            return {}
        event = makers[source]
    return {}
