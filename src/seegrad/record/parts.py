"""A gradient taken apart: by sample, and by path from the number to the loss.

The chain rule is a sum over all routes, each a product of slopes. Following a route as
far as one likes and ending it with the gradient that arrives there gives the same sum,
so the parts always add up to the gradient, however early the walk stops.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from seegrad.record.address import Index, written
from seegrad.record.event import Event
from seegrad.record.slopes import slopes
from seegrad.record.step import Step
from seegrad.record.summary import Summary

MOST_PATHS = 12  # that are told one by one; the others are put together
MOST_WALKED = 400  # pieces of paths that are looked at
LARGEST = 4096  # results that a number may reach in one op before it is not followed


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a path: through an event, with a slope, to a number of its result."""

    event: int
    op: str
    slope: float
    to: str


@dataclass(frozen=True, slots=True)
class Path:
    """A route from a number to the prediction, and what it adds to the gradient.

    ``gradient`` is what arrives at its end from the loss; 1 at the loss itself.
    """

    links: tuple[Link, ...]
    gradient: float
    contribution: float

    def __str__(self) -> str:
        telling = [link for link in self.links[:-1] if link.slope != 1.0]
        telling += self.links[-1:]
        slopes = " · ".join(f"{k.slope:.4g}" for k in telling if k.slope != 1.0) or "1"
        tail = "" if self.gradient == 1.0 else f" · {self.gradient:.4g} arriving"
        where = " → ".join(link.to for link in telling)
        return f"{self.contribution:+.4g} = {slopes}{tail}   via {where}"


class Walk:
    """The routes from the quantities of a step to where its walk backward starts."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.readers: dict[int, list[tuple[Event, int]]] = defaultdict(list)
        self.arriving: dict[int, Any] = {}  # by all backward walks of the step together
        quantities = step.structure.quantities
        # What is made from data, and so may have a row for each sample.
        self.fed = {q.id for q in quantities if q.role in ("input", "target")}
        for event in step.events():
            if event.kind == "backward":
                output, g = event.deed.output, event.gradient
                known = self.arriving.get(output)
                both = known is not None and not isinstance(g, Summary)
                self.arriving[output] = known + g if both else g
            elif event.kind == "operation" and event.phase in ("forward", "loss"):
                for position, q in enumerate(event.deed.inputs):
                    self.readers[q].append((event, position))
                if not self.fed.isdisjoint(event.deed.inputs):
                    self.fed.add(event.deed.output)

    @property
    def root(self) -> int | None:
        """The quantity where the first walk backward started: the loss."""
        return next(iter(self.arriving), None)

    @property
    def batch(self) -> int | None:
        """How many samples the step has: the rows of its target, else of its input.

        A sequence may have its samples along another axis; the target tells.
        """
        quantities = self.step.structure.quantities
        given = [q for q in quantities if q.role in ("input", "target") and q.shape]
        of_loss = [q for q in given if self._is_of_loss(q.id)]
        return next((q.shape[0] for q in (*of_loss, *given)), None)

    def _is_of_loss(self, quantity: int) -> bool:
        """Whether something is read, and only by the loss."""
        readers = self.readers.get(quantity, ())
        return bool(readers) and all(event.phase == "loss" for event, _ in readers)

    def gradient(self, quantity: int, index: Index) -> float | None:
        """The gradient arriving at a number; None where none does."""
        found = self.arriving.get(quantity)
        return None if found is None else float(np.asarray(found)[index])

    def onward(self, quantity: int, index: Index) -> list[tuple[Event, Any]]:
        """The operations that read a number, with the slopes of their results."""
        return [
            (event, slopes(event, position, index))
            for event, position in self.readers.get(quantity, ())
            if event.deed.output in self.arriving
        ]

    def samples(self, quantity: int, index: Index) -> tuple[dict[int, float], float]:
        """What each sample adds to the gradient, and what belongs to no sample.

        The slope of everything on the way is added up in the order of work, so a number
        that is reached by many routes is gone through once.
        """
        batch, shared = self.batch, 0.0
        by_sample: dict[int, float] = defaultdict(float)
        front: dict[int, dict[Index, float]] = {quantity: {index: 1.0}}
        while front:
            q = min(front)  # what reads it was made later, and has a larger number
            for i, so_far in front.pop(q).items():
                onward = self.onward(q, i)
                if not onward:  # the end of a walk: the loss
                    shared += so_far * (self.gradient(q, i) or 0.0)
                for event, slope in onward:
                    output = event.deed.output
                    parts = np.asarray(slope * self.arriving[output], float) * so_far
                    if parts.ndim and len(parts) == batch and output in self.fed:
                        rows = parts.reshape(batch, -1).sum(axis=1)
                        for k, row in enumerate(rows.tolist()):
                            by_sample[k] += row
                    elif np.count_nonzero(slope) > LARGEST:
                        shared += float(parts.sum())
                    else:
                        reached = front.setdefault(output, {})
                        for o in map(tuple, np.argwhere(slope).tolist()):
                            reached[o] = reached.get(o, 0.0) + so_far * float(slope[o])
        return dict(by_sample), shared

    def paths(self, quantity: int, index: Index) -> tuple[list[Path], float, int]:
        """The paths that add most, the sum of the others, and how many those are.

        The largest piece is always followed next, so what is told is what matters.
        """
        order = count()
        open_: list[Any] = []
        done: list[Path] = []
        self._extend(open_, order, quantity, index, (), 1.0)
        walked = 0
        while open_ and len(done) < MOST_PATHS and walked < MOST_WALKED:
            _, _, path, q, i, so_far = heapq.heappop(open_)
            if self._is_prediction(q):
                done.append(path)
                continue
            walked += 1
            self._extend(open_, order, q, i, path.links, so_far)
        others = [entry[2].contribution for entry in open_]
        done.sort(key=lambda path: -abs(path.contribution))
        return done, float(sum(others)), len(others)

    def _is_prediction(self, quantity: int) -> bool:
        """Whether only the loss reads it: a path ends there."""
        readers = self.readers.get(quantity, ())
        return all(event.phase == "loss" for event, _ in readers)

    def _extend(
        self, open_: Any, order: Any, q: int, i: Index, links: Any, so_far: float
    ) -> None:
        """Put every way on from a number among the open ends."""
        quantities = self.step.structure.quantities
        for event, slope in self.onward(q, i):
            output = event.deed.output
            for o in map(tuple, np.argwhere(slope).tolist()):
                arriving = self.gradient(output, o)
                if arriving is None:
                    continue
                here = float(slope[o])
                link = Link(
                    event.id, event.op, here, written(str(quantities[output]), o)
                )
                contribution = so_far * here * arriving
                path = Path((*links, link), arriving, contribution)
                entry = (
                    -abs(contribution),
                    next(order),
                    path,
                    output,
                    o,
                    so_far * here,
                )
                heapq.heappush(open_, entry)
