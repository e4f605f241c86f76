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
        self.arriving: dict[int, Any] = {}
        self.root: int | None = None
        for event in step.events():
            if event.kind == "backward":
                if self.root is None:
                    self.root = event.deed.output
                self.arriving[event.deed.output] = event.gradient
            elif event.kind == "operation" and event.phase in ("forward", "loss"):
                for position, q in enumerate(event.deed.inputs):
                    self.readers[q].append((event, position))

    @property
    def batch(self) -> int | None:
        """How many samples the step has: the rows of its first input."""
        for q in self.step.structure.quantities:
            if q.role == "input" and q.shape:
                return q.shape[0]
        return None

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
        """What each sample adds to the gradient, and what belongs to no sample."""
        batch, shared = self.batch, 0.0
        by_sample: dict[int, float] = defaultdict(float)
        front = [(quantity, index, 1.0)]
        while front:
            q, i, slope_so_far = front.pop()
            if q == self.root:
                shared += slope_so_far
                continue
            for event, slope in self.onward(q, i):
                if np.ndim(slope) and np.shape(slope)[0] == batch:
                    parts = slope * np.asarray(self.arriving[event.deed.output], float)
                    rows = parts.reshape(len(parts), -1).sum(axis=1) * slope_so_far
                    for k, row in enumerate(rows.tolist()):
                        by_sample[k] += row
                elif np.count_nonzero(slope) > LARGEST:
                    arriving = np.asarray(self.arriving[event.deed.output], float)
                    shared += slope_so_far * float((slope * arriving).sum())
                else:
                    for o in map(tuple, np.argwhere(slope).tolist()):
                        further = slope_so_far * float(slope[o])
                        front.append((event.deed.output, o, further))
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
            if q == self.root or self._is_prediction(q):
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
