"""Which sample each number of a step belongs to: an axis of the data is followed.

A batch holds its samples along one axis, and nothing says which. But samples meet in
the loss only, while features meet in a product, and moments of a sequence in the next
moment. So every number gets the label of its place along an axis, the labels go through
the recorded operations, and the axis whose labels stay apart is the one.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from seegrad.errors import ArgumentError
from seegrad.record.event import Event
from seegrad.record.labels import MIXED, Labels, through
from seegrad.record.step import Step
from seegrad.record.structure import Quantity


class Samples:
    """The labels of a step: ``of[quantity]`` has k + 1 where a number is sample k's.

    0 is of no sample, -1 of several. ``axes`` says along which axis of which data the
    samples stand, ``count`` how many there are. ``reached`` are the results that have a
    gradient; ``axis`` is what a person says, for the data that comes first.
    """

    def __init__(
        self, step: Step, reached: Iterable[int], axis: int | None = None
    ) -> None:
        self.reached = set(reached)
        self.made = [e for e in step.events() if self._counts(e)]
        self.axes: dict[Quantity, int] = {}
        self.of: dict[int, Labels] = {}
        self.count = 0
        data = self._data(step)
        found = self._best(data, axis)
        if axis is not None and found is None:
            shapes = ", ".join(str(q.shape) for q in data) or "none"
            raise ArgumentError(
                f"no data has an axis {axis} with samples: the shapes are {shapes}",
                where="why",
                hint="samples=0 for the rows of the input, or leave it out",
            )
        if found is not None:
            first, at = found
            self.count = first.shape[at]
            self._settle(first, at, [q for q in data if q is not first])

    def _counts(self, event: Event) -> bool:
        return event.kind == "operation" and event.phase in ("forward", "loss")

    def _data(self, step: Step) -> list[Quantity]:
        """What was given and read, in the order in which it was met."""
        read = {q.id: q for event in self.made for q in event.inputs}
        return [q for q in read.values() if q.role in ("input", "target") and q.shape]

    def _best(
        self, data: list[Quantity], axis: int | None
    ) -> tuple[Quantity, int] | None:
        """The data and the axis whose labels stay apart, in most of the results.

        Data that hardly anything is made from, such as weights of classes, has no say.
        An axis of one sample is always apart, so a longer one is preferred to it.
        """
        tried: list[tuple[float, bool, bool, Quantity, int]] = []
        for q in data:
            for at in range(len(q.shape)) if axis is None else _given(axis, q):
                labels = self._followed({q: at})
                apart = all((found != MIXED).all() for found in labels.values())
                score = round(self._score(labels), 9)
                tried.append((score, apart, q.shape[at] > 1, q, at))
            if axis is not None and tried:
                break
        most = max((score for score, *_ in tried), default=0.0)
        told = [t for t in tried if t[0] > 0.0 and t[0] >= 0.5 * most]
        best = max(told, key=lambda t: (t[1], t[2], t[0]), default=None)
        return None if best is None else best[3:]

    def _settle(self, first: Quantity, at: int, others: list[Quantity]) -> None:
        """Find the axis of all other data that has as many samples, if it has one."""
        self.axes = {first: at}
        self.of = self._followed(self.axes)
        score = self._score(self.of)
        for q in others:
            for d in [d for d, n in enumerate(q.shape) if n == self.count]:
                labels = self._followed(self.axes | {q: d})
                if self._score(labels) >= score - 1e-9:
                    self.axes, self.of = self.axes | {q: d}, labels
                    score = self._score(labels)
                    break

    def _followed(self, axes: dict[Quantity, int]) -> dict[int, Labels]:
        """The labels of everything that was made from some data."""
        known = {q.id: _along(q.shape, at) for q, at in axes.items()}
        for event in self.made:
            if not known.keys().isdisjoint(event.deed.inputs):
                given = [
                    known.get(q.id, np.zeros(q.shape, np.int64)) for q in event.inputs
                ]
                known[event.deed.output] = through(event, given)
        return known

    def _score(self, labels: dict[int, Labels]) -> float:
        """The share of labelled numbers, added up over the results that count."""
        return sum(
            float((found > 0).mean())
            for q, found in labels.items()
            if q in self.reached and found.size
        )


def _given(axis: int, q: Quantity) -> list[int]:
    return [axis % len(q.shape)] if -len(q.shape) <= axis < len(q.shape) else []


def _along(shape: tuple[int, ...], axis: int) -> Labels:
    """1, 2, 3, ... along an axis."""
    alone = [-1 if d == axis else 1 for d in range(len(shape))]
    numbers = np.arange(1, shape[axis] + 1).reshape(alone)
    return np.broadcast_to(numbers, shape)
