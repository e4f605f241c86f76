"""One network at three magnifications: its layers, a neuron, and single numbers.

`tape.zoom()` lists the layers, `zoom("0")` the units of a layer, `zoom("0[2]")` the
terms of a neuron, and `zoom("0.add[3, 2]")` writes one number out as a graph of single
numbers, and says how far those are from the numbers of the tensors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seegrad.backpropagation import ordered
from seegrad.borrow import borrow
from seegrad.errors import ArgumentError, IndexRangeError, unknown_name
from seegrad.record.address import Index, parsed, within, written
from seegrad.record.event import Event
from seegrad.record.events import Events
from seegrad.record.numbers import brief, short
from seegrad.record.parts import Walk
from seegrad.record.scalars import Scalars
from seegrad.record.step import Step
from seegrad.value import Value

MOST_UNITS = 24  # rows that the text of a layer shows


@dataclass(frozen=True)
class Zoom:
    """What is seen at one magnification: ``level`` is layers, layer, neuron or scalars.

    ``rows`` is a table; at the last level ``node`` is the number itself, a Value with
    its graph and gradients, and ``difference`` the largest distance of any of its
    numbers from the tensors' on the tape; ``agrees`` says whether that is rounding.
    """

    level: str
    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    node: Value | None = None
    difference: float | None = None
    agrees: bool = True
    leaves: dict[str, Value] = field(default_factory=dict)

    def draw(self, **settings: Any) -> Any:
        """The graph of single numbers as a picture; see `draw.graph`."""
        if self.node is None:
            raise ArgumentError(
                f"single numbers are drawn as a graph, and this shows {self.level}",
                hint='zoom into one number: tape.zoom("0.add[0, 0]").draw()',
            )
        return borrow("Zoom", "draw")(self.node, **settings)

    def __str__(self) -> str:
        lines = [self.title]
        table = [self.columns, *self.rows] if self.columns else []
        widths = [max(len(row[k]) for row in table) for k in range(len(self.columns))]
        for row in table[: MOST_UNITS + 1]:
            cells = [cell.ljust(w) for cell, w in zip(row, widths, strict=True)]
            lines.append(("  " + "  ".join(cells)).rstrip())
        if len(table) > MOST_UNITS + 1:
            lines.append(f"  ... and {len(table) - MOST_UNITS - 1:,} more")
        if self.difference is not None:
            how = "agree" if self.agrees else "DIFFER"
            lines.append(
                f"single numbers and tensors {how}, largest difference "
                f"{self.difference:.2g}"
            )
        return "\n".join(lines)

    __repr__ = __str__


def zoom(events: Events, address: str = "", step: int = 0, sample: int = 0) -> Zoom:
    """The layers of a step, a layer, a neuron, or one number; see the file's story.

    ``sample`` is the row of the batch that a layer or neuron is looked at with. Raises
    ArgumentError for an unknown name, IndexRangeError for a place outside.
    """
    record = events.step(step)
    outputs = _outputs(record)
    if not address:
        return _layers(record, outputs)
    name, place = parsed(address)
    if name in outputs:
        last = outputs[name]
        if place is None:
            return _layer(record, name, last, sample)
        if len(place) == 1:
            return _neuron(record, name, last, place[0], sample)
    named = {q.name: q for q in record.structure.quantities if q.role == "result"}
    if name not in named:
        raise unknown_name("layer or result on the tape", name, [*outputs, *named])
    return _numbers(record, name, within(named[name], place))


def _outputs(step: Step) -> dict[str, Event]:
    """Each layer that computed something, with the operation it returned.

    That is the last one which something outside of the layer reads.
    """
    found: dict[str, Event] = {}
    read: dict[str, int] = {}
    made: dict[int, Event] = {}
    for event in step.events():
        if event.kind != "operation" or event.phase not in ("forward", "loss"):
            continue
        for q in event.deed.inputs:
            if q in made and made[q].layer != event.layer:
                read[made[q].layer] = max(read.get(made[q].layer, 0), made[q].at)
        made[event.deed.output] = event
        if event.phase == "forward" and event.layer:
            found[event.layer] = event
    return {
        name: last if name not in read else step.event(read[name])
        for name, last in found.items()
    }


def _layers(step: Step, outputs: dict[str, Event]) -> Zoom:
    sizes: dict[str, int] = {}
    for q in step.structure.quantities:
        if q.role == "parameter":
            sizes[q.layer] = sizes.get(q.layer, 0) + int(np.prod(q.shape))
    rows = tuple(
        (
            name, event.deed.layer_kind, " × ".join(map(str, event.output.shape)),
            f"{sizes.get(name, 0):,}", brief(event.value),
        )
        for name, event in outputs.items()
    )  # fmt: skip
    title = f"{len(rows)} layers in step {step.number}"
    return Zoom("layers", title, ("layer", "kind", "shape", "parameters", "out"), rows)


def _layer(step: Step, name: str, last: Event, sample: int) -> Zoom:
    """The units of a layer, at one sample: value and gradient arriving."""
    arriving = _arriving(step).get(last.deed.output)
    units, axis = _units(last), _sample_axis(step, last)
    rows = []
    for unit in range(units):
        index = _unit_place(last, unit, sample, axis)
        value = np.asarray(last.value)[index]
        g = None if arriving is None else np.asarray(arriving)[index]
        rows.append((f"{name}[{unit}]", brief(value), "" if g is None else brief(g)))
    title = f"{name} ({last.deed.layer_kind}): {units} units at sample {sample}"
    return Zoom("layer", title, ("unit", "value", "gradient"), tuple(rows))


def _neuron(step: Step, name: str, last: Event, unit: int, sample: int) -> Zoom:
    """What one unit adds up, term by term."""
    units = _units(last)
    if not -units <= unit < units:
        raise IndexRangeError(
            f"{name} has {units} units, and there is no unit {unit}",
            hint=f'zoom("{name}[{units - 1}]") is the last',
        )
    index = _unit_place(last, unit % units, sample, _sample_axis(step, last))
    if any(isinstance(i, slice) for i in index):
        index = tuple(0 if isinstance(i, slice) else i for i in index)
    scalars = Scalars(step, name)
    out = scalars.cell(last.deed.output, index)
    rows, total = [], 0.0
    for quantity, place in list(scalars.cells):
        made = scalars.makers.get(quantity)
        if made is None or getattr(made.deed.definition, "kind", "") != "contraction":
            continue
        if (quantity, place) in scalars.leaves:
            continue
        for left, right in scalars.terms(quantity, place):
            a, b = scalars.number(*left), scalars.number(*right)
            total += a * b
            rows.append(
                (scalars.address(*left), short(a), "×", _origin(scalars, right),
                 short(b), "=", short(a * b))
            )  # fmt: skip
    for key in scalars.leaves:  # a bias is added without being multiplied
        cell = scalars.cells[key]
        if cell.name and not any(cell.name in (row[0], row[3]) for row in rows):
            rows.append((cell.name, "", "", "", "", "+", short(cell._data)))
            total += cell._data
    if not rows or abs(total - out._data) > 1e-4 * max(abs(total), abs(out._data)):
        return _numbers(step, str(last.output), index)  # it is no sum of products
    title = f"{name}[{unit}] at sample {sample}: {short(out._data)}"
    columns = ("input", "value", "", "weight", "value", "", "product")
    return Zoom(
        "neuron", title, columns, tuple(rows), None, scalars.largest, scalars.agree
    )


def _origin(scalars: Scalars, key: Any) -> str:
    """The name of the parameter behind a number that was only moved, else its own."""
    value = scalars.cells[key]
    return value.name or scalars.address(*key)


def _numbers(step: Step, name: str, index: Index) -> Zoom:
    """One number of a result as a graph of single numbers, with gradients."""
    quantity = next(
        q for q in step.structure.quantities if (q.name, q.role) == (name, "result")
    )
    scalars = Scalars(step, quantity.layer if quantity.layer else None)
    out = scalars.cell(quantity.id, index)
    arriving = _arriving(step).get(quantity.id)
    if out.requires_grad:
        out.backward(None if arriving is None else float(np.asarray(arriving)[index]))
    leaves = {scalars.address(*key): scalars.cells[key] for key in scalars.leaves}
    count = len(ordered(out))
    title = f"{written(name, index)} = {short(out._data)}, from {count} single numbers"
    rows = tuple(
        (address, short(v._data), "" if v.grad is None else short(v.grad))
        for address, v in leaves.items()
        if v.name  # constants have none
    )
    columns = ("number", "value", "gradient by this one")
    return Zoom(
        "scalars", title, columns, rows, out, scalars.largest, scalars.agree, leaves
    )


def _arriving(step: Step) -> dict[int, Any]:
    """The gradient arriving at each result."""
    return {e.deed.output: e.gradient for e in step.events() if e.kind == "backward"}


def _units(event: Event) -> int:
    """How many units a layer has: features, or channels of an image."""
    shape = event.output.shape
    return shape[_unit_axis(shape)] if shape else 1


def _unit_axis(shape: Index) -> int:
    return 1 if len(shape) == 4 else len(shape) - 1


def _sample_axis(step: Step, event: Event) -> int:
    """Along which axis of a result its samples stand; the first if nobody knows."""
    labels = Walk(step).labels.of.get(event.deed.output, np.zeros((), np.int64))
    for axis, length in enumerate(labels.shape):
        alone = np.moveaxis(labels, axis, -1)
        if length > 1 and (alone == np.arange(1, length + 1)).all():
            return axis
    return 0


def _unit_place(event: Event, unit: int, sample: int, axis: int) -> Any:
    """The numbers of one unit at one sample."""
    shape = event.output.shape
    if not -shape[axis] <= sample < shape[axis]:
        raise IndexRangeError(
            f"there is no sample {sample} in a batch of {shape[axis]}",
            where="zoom",
            hint=f"0 to {shape[axis] - 1}",
        )
    place: list[Any] = [slice(None)] * len(shape)
    place[axis] = sample % shape[axis]
    place[_unit_axis(shape)] = unit
    return tuple(place)
