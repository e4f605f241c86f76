"""What is measured in every recorded step: a few numbers for each layer and parameter.

A step has thousands of numbers; a doctor needs some dozens. They are taken from the
tape while the step is whole, so a long training needs no more memory than a short one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seegrad.record.event import Event
from seegrad.record.step import Step
from seegrad.record.summary import Summary

Array = np.ndarray[Any, Any]
BENT = {"relu": "relu", "tanh": "tanh", "sigmoid": "sigmoid"}  # ops that can go flat
MOST_ROWS = 2000  # predictions and targets that are kept of a step


@dataclass
class ParameterVitals:
    """One parameter in one step: sizes are root mean squares."""

    name: str
    shape: tuple[int, ...]
    size: float
    gradient: float | None = None
    update: float | None = None
    had_gradient: bool = False  # there was one before this backward
    alike: bool = False  # all rows hold the same numbers
    gradient_alike: bool = False


@dataclass
class UnitVitals:
    """The units after one activation: which shares of them are flat."""

    layer: str
    op: str
    units: int
    dead: float  # share of units that give 0 for every sample
    saturated: float  # share of outputs at the end of the range


@dataclass
class Vitals:
    """One step. ``prediction``, ``target`` and ``inputs`` are plain arrays, or None."""

    number: int
    loss: float | None = None
    losses: tuple[str, ...] = ()  # names of the losses that were called
    last_op: str = ""  # what made the prediction
    prediction: Array | None = None
    target: Array | None = None
    inputs: Array | None = None
    parameters: dict[str, ParameterVitals] = field(default_factory=dict)
    units: list[UnitVitals] = field(default_factory=list)
    modes: dict[str, tuple[str, str]] = field(default_factory=dict)
    broken: tuple[int, str, str] | None = None  # event, op, layer of the first NaN
    updated: bool = False


def vitals(step: Step) -> Vitals:
    """Measure a step while the tape still has its numbers."""
    found = Vitals(step.number, modes=dict(step.modes))
    losses: dict[str, None] = {}
    for event in step.events():
        if event.kind == "operation":
            _operation(event, found, losses)
        elif event.kind == "backward" and found.loss is None:
            value = event.value
            found.loss = float(np.mean(value)) if _is_whole(value) else None
        elif event.kind == "gradient":
            _gradient(event, found)
        elif event.kind == "assign":
            _update(event, found)
        if found.broken is None and _breaks(event):
            found.broken = event.id, event.op, event.layer
    found.losses = tuple(losses)
    return found


def _operation(event: Event, found: Vitals, losses: dict[str, None]) -> None:
    for q, value in zip(event.inputs, event.input_values, strict=True):
        if q.role == "parameter" and q.name not in found.parameters:
            found.parameters[q.name] = _parameter(q.name, q.shape, value)
        if event.phase == "forward" and found.inputs is None and q.role == "input":
            found.inputs = _rows(value) if len(q.shape) >= 1 else None
        if event.phase == "loss" and q.role in ("target", "input"):
            if found.target is None and len(q.shape) >= 1:
                found.target = _rows(value)
    if event.phase == "forward":
        found.last_op, found.prediction = event.op, _rows(event.value)
        if event.op in BENT and _is_whole(event.value):
            found.units.append(_units(event))
    if event.phase == "loss":
        for place in event.deed.places:
            if "/losses/" in place.file and not place.file.endswith("base.py"):
                losses.setdefault(place.function.split(".")[0].lstrip("_"))


def _parameter(name: str, shape: tuple[int, ...], value: Any) -> ParameterVitals:
    return ParameterVitals(name, shape, size(value), alike=alike(value))


def _gradient(event: Event, found: Vitals) -> None:
    p = found.parameters.get(event.output.name)
    if p is not None and event.op == "accumulate":
        p.gradient, p.gradient_alike = size(event.value), alike(event.value)
        p.had_gradient = p.had_gradient or event.before is not None


def _update(event: Event, found: Vitals) -> None:
    found.updated = True
    p = found.parameters.get(event.output.name)
    if p is not None and _is_whole(event.value) and _is_whole(event.before):
        with np.errstate(all="ignore"):
            p.update = size(np.asarray(event.value, float) - event.before)


def _units(event: Event) -> UnitVitals:
    out = np.asarray(event.value, float)
    axis = 1 if out.ndim == 4 else out.ndim - 1
    columns = np.moveaxis(out, axis, -1).reshape(-1, out.shape[axis])
    ends = {"relu": (), "tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}[event.op]
    near = [abs(columns - end) < 0.005 for end in ends]
    saturated = float(np.logical_or.reduce(near).mean()) if near else 0.0
    dead = float((columns == 0.0).all(axis=0).mean()) if event.op == "relu" else 0.0
    return UnitVitals(event.layer, event.op, columns.shape[1], dead, saturated)


def _breaks(event: Event) -> bool:
    """Whether an operation made a NaN or an infinity out of finite numbers."""
    if event.kind != "operation" or event.phase == "update":
        return False
    return not _finite(event.value) and all(map(_finite, event.input_values))


def _finite(value: Any) -> bool:
    if isinstance(value, Summary):
        return value.nonfinite == 0
    array = np.asarray(value)
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def _is_whole(value: Any) -> bool:
    return value is not None and not isinstance(value, Summary)


def _rows(value: Any) -> Array | None:
    return (
        np.asarray(value)[:MOST_ROWS] if _is_whole(value) and np.ndim(value) else None
    )


def size(value: Any) -> float:
    """The root mean square of the numbers of a value."""
    if isinstance(value, Summary):
        return value.norm / max(value.size, 1) ** 0.5
    array = np.asarray(value, float)
    with np.errstate(all="ignore"):
        return float(np.sqrt((array * array).mean())) if array.size else 0.0


def alike(value: Any) -> bool:
    """Whether a matrix has several rows, and all of them hold the same numbers."""
    if isinstance(value, Summary) or np.ndim(value) != 2 or len(value) < 2:
        return False
    array = np.asarray(value)
    return bool((array == array[0]).all())
