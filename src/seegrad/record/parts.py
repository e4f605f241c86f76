"""A gradient taken apart: by sample, and by path from the number to the loss.

The chain rule is a sum over all routes, each a product of slopes, back to the loss,
whose own gradient is 1. A route that is not followed to its end adds the slopes so far
times the gradient that arrives where it stops: so the parts always add up.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from seegrad.record.address import Index, written
from seegrad.record.event import Event
from seegrad.record.samples import Samples
from seegrad.record.slopes import slopes
from seegrad.record.step import Step
from seegrad.record.summary import Summary

MOST_PATHS = 12  # that are followed to the loss; the others are put together
MOST_WALKED = 4000  # numbers on the way that are looked at
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
    """A route from a number to the loss, and what it adds to the number's gradient.

    ``gradient`` is what the walk backward started with at its end: 1 at a loss.
    """

    links: tuple[Link, ...]
    gradient: float
    contribution: float

    @property
    def telling(self) -> list[Link]:
        """The links that change something, and the last one."""
        return [k for k in self.links[:-1] if k.slope != 1.0] + list(self.links[-1:])

    def __str__(self) -> str:
        told = [f"{k.slope:.4g}" for k in self.telling if k.slope != 1.0]
        told += [] if self.gradient == 1.0 else [f"{self.gradient:.4g} to start with"]
        where = " → ".join(link.to for link in self.telling)
        return f"{self.contribution:+.4g} = {' · '.join(told) or '1'}   via {where}"


class _Piece(NamedTuple):
    """A path so far: what it would add by the gradient arriving at its end."""

    contribution: float
    quantity: int
    place: Index
    links: tuple[Link, ...]
    so_far: float


class Walk:
    """The routes from the quantities of a step to where its walks backward start.

    ``axis`` says along which axis of the data its samples stand; else it is found.
    """

    def __init__(self, step: Step, axis: int | None = None) -> None:
        self.step, self._axis = step, axis
        self.readers: dict[int, list[tuple[Event, int]]] = defaultdict(list)
        self.arriving: dict[int, Any] = {}  # by all backward walks of the step together
        self.starts: dict[int, Any] = {}  # the results where one starts, and with what
        self._onward: dict[tuple[int, Index], list[tuple[Event, Any]]] = {}
        self._samples: Samples | None = None
        starting = True
        for event in step.events():
            if event.kind == "backward":
                for known in (self.arriving, self.starts)[: 1 + starting]:
                    _add(known, event.deed.output, event.gradient)
                starting = False
            elif event.kind == "gradient":
                starting = True
            elif event.kind == "operation":
                for position, q in enumerate(event.deed.inputs):
                    self.readers[q].append((event, position))

    @property
    def root(self) -> int | None:
        """The quantity where the first walk backward started: the loss."""
        return next(iter(self.arriving), None)

    @property
    def labels(self) -> Samples:
        """Which sample each number of the step belongs to."""
        if self._samples is None:
            self._samples = Samples(self.step, self.arriving, self._axis)
        return self._samples

    def gradient(self, quantity: int, index: Index) -> float | None:
        """The gradient arriving at a number; None where none does."""
        found = self.arriving.get(quantity)
        return None if found is None else float(np.asarray(found)[index])

    def onward(self, quantity: int, index: Index) -> list[tuple[Event, Any]]:
        """The operations that read a number, with the slopes of their results."""
        key = quantity, index
        if key not in self._onward:
            found: dict[int, tuple[Event, Any]] = {}
            for event, position in self.readers.get(quantity, ()):
                if event.deed.output in self.arriving:
                    slope = slopes(event, position, index)
                    if event.at in found:  # read twice by one op, as in x * x
                        slope = found[event.at][1] + slope
                    found[event.at] = event, slope
            self._onward[key] = list(found.values())
        return self._onward[key]

    def samples(self, quantity: int, index: Index) -> tuple[dict[int, float], float]:
        """What each sample adds to the gradient, and what belongs to no sample.

        The slope of everything on the way is added up in the order of work, so a number
        that is reached by many routes is gone through once, up to the first number that
        is one sample's own.
        """
        labels, shared = self.labels.of, 0.0
        by_sample: dict[int, float] = defaultdict(float)
        front: dict[int, dict[Index, float]] = {quantity: {index: 1.0}}
        while front:
            q = min(front)  # what reads it was made later, and has a larger number
            for i, so_far in front.pop(q).items():
                shared += so_far * self._start(q, i)
                for event, slope in self.onward(q, i):
                    output = event.deed.output
                    parts = np.asarray(slope * self.arriving[output], float) * so_far
                    label = labels.get(output, np.zeros((), np.int64))
                    label = np.broadcast_to(label, np.shape(parts))
                    for k in np.unique(label[(label > 0) & (slope != 0.0)]).tolist():
                        by_sample[k - 1] += float(parts[label == k].sum())
                    shared += float(parts[label < 0].sum())
                    left = np.where(label == 0, slope, 0.0)
                    if np.count_nonzero(left) > LARGEST:
                        shared += float(parts[label == 0].sum())
                        continue
                    reached = front.setdefault(output, {})
                    for o in map(tuple, np.argwhere(left).tolist()):
                        reached[o] = reached.get(o, 0.0) + so_far * float(slope[o])
        return {k: by_sample[k] for k in sorted(by_sample)}, shared

    def paths(self, quantity: int, index: Index) -> tuple[list[Path], float, int]:
        """The paths that add most, the sum of the others, and how many those are.

        The largest piece is taken up next and followed to the loss, at each fork along
        the way that adds most; what lies beside it waits for its turn.
        """
        order, walked = count(), 0
        done: list[Path] = []
        waiting = [(0.0, next(order), _Piece(0.0, quantity, index, (), 1.0))]
        others, others_count = 0.0, 0
        while waiting and len(done) < MOST_PATHS and walked < MOST_WALKED:
            piece: _Piece | None = heapq.heappop(waiting)[2]
            while piece is not None:
                start = self._start(piece.quantity, piece.place)
                if start and piece.links:
                    done.append(Path(piece.links, start, piece.so_far * start))
                pieces, rest, rest_count = self._pieces(piece)
                walked, others = walked + 1, others + rest
                others_count += rest_count
                piece = pieces.pop(0) if pieces else None
                for beside in pieces:
                    entry = (-abs(beside.contribution), next(order), beside)
                    heapq.heappush(waiting, entry)
        others += sum(piece.contribution for _, _, piece in waiting)
        done.sort(key=lambda path: -abs(path.contribution))
        return done, float(others), others_count + len(waiting)

    def _start(self, quantity: int, index: Index) -> float:
        """What a walk backward started with at a number; 0 where none did."""
        found = self.starts.get(quantity)
        return 0.0 if found is None else float(np.asarray(found)[index])

    def _pieces(self, piece: _Piece) -> tuple[list[_Piece], float, int]:
        """Every way on, the largest first; of very many the small ones as one sum."""
        quantities = self.step.structure.quantities
        found, rest, rest_count = [], 0.0, 0
        for event, slope in self.onward(piece.quantity, piece.place):
            output = event.deed.output
            adds = np.asarray(slope * self.arriving[output], float) * piece.so_far
            ways = np.argwhere(slope)
            if len(ways) > LARGEST:
                ranked = np.argsort(-abs(adds[tuple(ways.T)]), kind="stable")
                small = ways[ranked[MOST_PATHS:]]
                rest += float(adds[tuple(small.T)].sum())
                rest_count, ways = rest_count + len(small), ways[ranked[:MOST_PATHS]]
            for o in map(tuple, ways.tolist()):
                here = float(slope[o])
                to = written(str(quantities[output]), o)
                links = (*piece.links, Link(event.id, event.op, here, to))
                so_far = piece.so_far * here
                found.append(_Piece(float(adds[o]), output, o, links, so_far))
        found.sort(key=lambda way: -abs(way.contribution))
        return found, rest, rest_count


def _add(known: dict[int, Any], quantity: int, g: Any) -> None:
    before = known.get(quantity)
    both = before is not None and not isinstance(g, Summary)
    known[quantity] = before + g if both else g
