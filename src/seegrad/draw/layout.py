"""A layered layout: where the boxes of a graph stand, and how its edges run.

The method of Sugiyama, Tagawa and Toda (1981) in four steps: give every box a rank, so
that all edges point forward; put a dummy into every rank that an edge passes through;
sort each rank by the barycentre of its neighbours, which removes most crossings; then
shift the boxes of a rank towards their neighbours as far as their order allows.
Everything is decided by order of appearance, so the same graph always looks the same.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from seegrad.draw.scene import Point
from seegrad.errors import ArgumentError, unknown_name

RANKDIRS = ("LR", "TB")
SWEEPS, SHIFTS = 12, 10
DUMMY = 8.0  # the room across that a passing edge asks for


@dataclass(frozen=True, slots=True)
class Layout:
    """The upper left corner of each box, and a Bezier curve for each edge."""

    width: float
    height: float
    corners: list[Point]
    curves: list[tuple[Point, ...]]


def layered(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    *,
    rankdir: str = "LR",
    rank_gap: float = 60.0,
    box_gap: float = 14.0,
    leads: Sequence[float] = (),
) -> Layout:
    """Place boxes of these sizes so that edges (source, target) point one way.

    ``rankdir`` is "LR" (left to right) or "TB" (top to bottom). The edges must not form
    a cycle (ArgumentError). ``leads`` asks, for each edge, for a straight run before it
    arrives: the place of its label.

    >>> layered([(10.0, 10.0), (10.0, 10.0)], [(0, 1)], rank_gap=20.0).corners
    [(0.0, 0.0), (30.0, 0.0)]
    """
    if rankdir not in RANKDIRS:
        raise unknown_name("rankdir", rankdir, RANKDIRS)
    flip = rankdir == "TB"
    boxes = [(h, w) if flip else (w, h) for w, h in sizes]  # (along, across)
    plan = _Plan(boxes, edges, rank_of_each(len(sizes), edges))
    plan.leads = list(leads) or [0.0] * len(edges)
    plan.sort_ranks()
    centres = plan.spread(box_gap)
    starts, ends = plan.rank_bounds(rank_gap)
    lowest = min(
        (c - size / 2 for c, size in zip(centres, plan.across, strict=True)),
        default=0.0,
    )
    centres = [c - lowest for c in centres]
    corners = []
    for box, (along, across) in enumerate(boxes):
        rank = plan.rank[box]
        middle = (starts[rank] + ends[rank] - along) / 2
        corners.append((middle, centres[box] - across / 2))
    curves = [plan.curve(i, corners, centres, starts, ends) for i in range(len(edges))]
    length = ends[-1] if ends else 0.0
    breadth = max(
        (c + size / 2 for c, size in zip(centres, plan.across, strict=True)),
        default=0.0,
    )
    if flip:
        corners = [(y, x) for x, y in corners]
        curves = [tuple((y, x) for x, y in curve) for curve in curves]
        return Layout(breadth, length, corners, curves)
    return Layout(length, breadth, corners, curves)


def rank_of_each(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The length of the longest path to each box; sources stand close to their targets.

    >>> rank_of_each(4, [(0, 1), (1, 2), (3, 2)])
    [0, 1, 2, 1]
    """
    targets: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for source, target in edges:
        targets[source].append(target)
        waiting[target] += 1
    sources = [box for box in range(count) if not waiting[box]]
    rank, queue, done = [0] * count, list(sources), 0
    while done < len(queue):
        box = queue[done]
        done += 1
        for target in targets[box]:
            rank[target] = max(rank[target], rank[box] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                queue.append(target)
    if done < count:
        raise ArgumentError(f"{count - done} boxes of the graph stand in a cycle")
    movable = [True] * count
    for box in queue:  # what only leads to one box may stand right beside it
        for target in targets[box]:
            movable[target] &= movable[box] and len(targets[box]) == 1
    for box in reversed(queue):
        if targets[box] and movable[box]:
            rank[box] = min(rank[target] for target in targets[box]) - 1
    return rank


class _Plan:
    """The graph with its dummies; the first ``boxes`` numbers are the real boxes."""

    def __init__(
        self,
        boxes: Sequence[tuple[float, float]],
        edges: Sequence[tuple[int, int]],
        rank: list[int],
    ) -> None:
        self.boxes = len(boxes)
        self.along = [along for along, _ in boxes]
        self.across = [across for _, across in boxes]
        self.rank = list(rank)
        self.leads: list[float] = []
        self.paths: list[list[int]] = []  # for each edge: source, dummies, target
        for source, target in edges:
            between = range(rank[source] + 1, rank[target])
            dummies = [self._dummy(r) for r in between]
            self.paths.append([source, *dummies, target])
        self.before: list[list[int]] = [[] for _ in self.rank]
        self.after: list[list[int]] = [[] for _ in self.rank]
        for path in self.paths:
            for one, next_one in pairwise(path):
                self.after[one].append(next_one)
                self.before[next_one].append(one)
        self.ranks: list[list[int]] = [
            [] for _ in range(max(self.rank, default=-1) + 1)
        ]
        for box, r in enumerate(self.rank):
            self.ranks[r].append(box)

    def _dummy(self, rank: int) -> int:
        self.along.append(0.0)
        self.across.append(DUMMY)
        self.rank.append(rank)
        return len(self.rank) - 1

    def sort_ranks(self) -> None:
        """Sweep forwards and backwards; keep the order with the fewest crossings."""
        best, fewest = [list(r) for r in self.ranks], self.crossings()
        for sweep in range(SWEEPS):
            if not fewest:
                break
            forward = sweep % 2 == 0
            near = self.before if forward else self.after
            ranks = self.ranks[1:] if forward else self.ranks[-2::-1]
            place = self._places()
            for boxes in ranks:
                centre = {
                    b: sum(place[n] for n in near[b]) / len(near[b])
                    if near[b]
                    else float(place[b])
                    for b in boxes
                }
                boxes.sort(key=centre.__getitem__)
                place.update((b, i) for i, b in enumerate(boxes))
            count = self.crossings()
            if count < fewest:
                best, fewest = [list(r) for r in self.ranks], count
        self.ranks = best

    def _places(self) -> dict[int, int]:
        return {box: i for boxes in self.ranks for i, box in enumerate(boxes)}

    def crossings(self) -> int:
        """How many pairs of edges cross between neighbouring ranks."""
        place, total = self._places(), 0
        for boxes in self.ranks:
            seen: list[int] = []
            for box in boxes:
                ends = sorted(place[n] for n in self.after[box])
                total += sum(len(seen) - bisect_right(seen, end) for end in ends)
                for end in ends:
                    insort(seen, end)
        return total

    def spread(self, gap: float) -> list[float]:
        """Centres across the ranks: near the neighbours, in order, not overlapping."""
        centres = [0.0] * len(self.rank)
        for boxes in self.ranks:
            self._settle(boxes, [0.0] * len(boxes), centres, gap)
        for shift in range(SHIFTS):
            last = shift == SHIFTS - 1
            ranks = self.ranks if shift % 2 == 0 else self.ranks[::-1]
            for boxes in ranks:
                wish = []
                for b in boxes:
                    near = self.before[b] if shift % 2 == 0 else self.after[b]
                    if last or not near:
                        near = self.before[b] + self.after[b]
                    pull = [centres[n] for n in near]
                    wish.append(sum(pull) / len(pull) if pull else centres[b])
                self._settle(boxes, wish, centres, gap)
        return centres

    def _settle(
        self, boxes: list[int], wish: list[float], centres: list[float], gap: float
    ) -> None:
        """The nearest places (least squares) to the wishes that keep order and gap.

        Isotonic regression by pooling: boxes that want to overlap move as one block.
        """
        offsets, total = [], 0.0
        for i, b in enumerate(boxes):
            if i:
                total += (self.across[boxes[i - 1]] + self.across[b]) / 2 + gap
            offsets.append(total)
        blocks: list[tuple[float, int]] = []  # (sum of wishes, boxes in the block)
        for i in range(len(boxes)):
            block = (wish[i] - offsets[i], 1)
            while blocks and blocks[-1][0] / blocks[-1][1] >= block[0] / block[1]:
                before = blocks.pop()
                block = (before[0] + block[0], before[1] + block[1])
            blocks.append(block)
        place = 0
        for wished, size in blocks:
            for b in boxes[place : place + size]:
                centres[b] = wished / size + offsets[place]
                place += 1

    def rank_bounds(self, gap: float) -> tuple[list[float], list[float]]:
        """Where each rank starts and ends along the direction of the edges."""
        lead = [0.0] * len(self.ranks)
        for path, run in zip(self.paths, self.leads, strict=True):
            lead[self.rank[path[-1]]] = max(lead[self.rank[path[-1]]], run)
        starts, ends, at = [], [], 0.0
        for boxes, run in zip(self.ranks, lead, strict=True):
            at += run
            starts.append(at)
            ends.append(at + max(self.along[b] for b in boxes))
            at = ends[-1] + gap
        return starts, ends

    def curve(
        self,
        edge: int,
        corners: list[Point],
        centres: list[float],
        starts: list[float],
        ends: list[float],
    ) -> tuple[Point, ...]:
        """From the middle of the source, straight past each dummy, to its own port."""
        path = self.paths[edge]
        source, target = path[0], path[-1]
        points = [(corners[source][0] + self.along[source], centres[source])]
        for dummy in path[1:-1]:
            rank = self.rank[dummy]
            points += [(starts[rank], centres[dummy]), (ends[rank], centres[dummy])]
        along, across = corners[target][0], self._port(edge, target, centres)
        points.append((along - self.leads[edge], across))
        points += [(along, across)] if self.leads[edge] else []
        curve = points[:1]
        for (x0, y0), (x1, y1) in pairwise(points):
            middle = (x0 + x1) / 2
            curve += [(middle, y0), (middle, y1), (x1, y1)]
        return tuple(curve)

    def _port(self, edge: int, target: int, centres: list[float]) -> float:
        """Edges arrive side by side, in the order in which they come from behind."""
        arriving = [i for i, path in enumerate(self.paths) if path[-1] == target]
        arriving.sort(key=lambda i: (centres[self.paths[i][-2]], i))
        share = (arriving.index(edge) + 0.5) / len(arriving) - 0.5
        room = 0.8 if len(arriving) > 2 else 1.0
        return centres[target] + share * self.across[target] * room
