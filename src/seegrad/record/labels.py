"""Labels go through an operation as its numbers do: where each result comes from.

Every kind of op says where its numbers come from, so labels of numbers can follow. A
result that is made of one label only keeps it. One of several has none: it is a
statistic of all (0) where a reduction made it, and a mixture (-1) otherwise.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seegrad.record.event import Event
from seegrad.record.summary import Summary

Labels = NDArray[np.int64]
NONE, MIXED = 0, -1


def through(event: Event, given: list[Labels]) -> Labels:
    """The labels of the result of an operation, from those of its inputs."""
    op, shape = event.deed.definition, event.output.shape
    if not any(labels.any() for labels in given):
        return np.zeros(shape, np.int64)
    settings = event.deed.given or {}
    kind = getattr(op, "kind", "opaque")
    if event.deed.settings and event.deed.given is None:
        kind = "opaque"
    if kind == "elementwise":
        return _met(*[np.broadcast_to(x, shape) for x in given])
    if kind == "movement":
        return np.asarray(op.forward(np, *given, **settings))
    if kind == "reduction" and op.facts.over is not None:
        over = op.facts.over(given[0].shape, **settings)
        return _together(given[0], over).reshape(shape)
    if kind == "contraction":
        return _added_up(op.forward, given, settings).reshape(shape)
    if kind == "lookup" and op.facts.source is not None:
        return _looked_up(event, given)
    return _kept(given, shape)


def _met(*several: Labels) -> Labels:
    """Labels of numbers that are put together one by one."""
    return reduce(_met_two, several)


def _met_two(x: Labels, y: Labels) -> Labels:
    met = np.where(x == NONE, y, x)
    return np.where((met != y) & (y != NONE), MIXED, met)


def _together(x: Labels, over: Any) -> Labels:
    """The one label along some axes; several make a statistic of all."""
    axes = tuple(d % x.ndim for d in over)
    high = x.max(axis=axes, initial=NONE)
    low = np.where(x == NONE, high.max(initial=NONE) + 1, x).min(
        axis=axes, initial=high.max(initial=NONE) + 1
    )
    return np.where(high == low, high, NONE)


def _added_up(forward: Any, given: list[Labels], settings: dict[str, Any]) -> Labels:
    """The labels of sums of products: each factor's own, where it is one only.

    With ones for the other factor, a contraction adds up anything: how many labels met,
    their sum and their squares say whether they were all the same.
    """
    found = []
    for position, labels in enumerate(given):
        if not labels.any():
            continue

        def total(numbers: Any, position: int = position) -> Any:
            factors = [np.ones(x.shape) for x in given]
            factors[position] = numbers.astype(np.float64)
            return forward(np, *factors, **settings)

        count = total(labels > NONE)
        mean = np.round(total(np.maximum(labels, 0)) / np.maximum(count, 1.0))
        same = total(np.maximum(labels, 0) ** 2) == mean * mean * count
        found.append(np.where(same & (total(labels < NONE) == 0.0), mean, MIXED))
    return _met(*found).astype(np.int64)


def _looked_up(event: Event, given: list[Labels]) -> Labels:
    """The labels of what was looked up, and of the positions where it was."""
    positions = event.input_values[1]
    if positions is None or isinstance(positions, Summary):
        return _kept(given, event.output.shape)
    named: list[Labels] = []

    def look(place: Any) -> Any:
        named.append(given[1][tuple(place)])
        return np.asarray(positions)[tuple(place)]

    places = tuple(np.indices(event.output.shape))
    shapes, settings = [x.shape for x in given], event.deed.given or {}
    source = event.deed.definition.facts.source(places, look, *shapes, **settings)
    return _met(given[0][tuple(source)], *named)


def _kept(given: list[Labels], shape: tuple[int, ...]) -> Labels:
    """Nobody knows what the op does: an axis of the same length is taken for it."""
    for labels in given:
        for axis, length in enumerate(labels.shape[: len(shape)]):
            alone = [-1 if d == axis else 1 for d in range(labels.ndim)]
            numbers = np.arange(1, length + 1).reshape(alone)
            if length == shape[axis] and (labels == numbers).all():
                alone = [-1 if d == axis else 1 for d in range(len(shape))]
                return np.broadcast_to(numbers.reshape(alone), shape)
    return np.zeros(shape, np.int64)
