"""A graph on a sheet: its boxes, the arrows between them, and what is written there.

Where everything stands is decided by `layout`, what it says by `parts`; both the graph
of a node and that of a tape are drawn here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from seegrad.draw import cards
from seegrad.draw.layout import layered, rank_of_each
from seegrad.draw.legend import Entry, legend
from seegrad.draw.lettering import width_of
from seegrad.draw.parts import Part, Wire
from seegrad.draw.scene import (
    DASHED,
    Curve,
    Mark,
    Point,
    Polygon,
    Rectangle,
    Scene,
    Text,
)

MARGIN, TOP, LABEL = 16.0, 44.0, 10.0


class GraphSheet:
    """Parts (and op circles, in record style) and wires on their way to a scene."""

    def __init__(
        self, parts: list[Part], wires: list[Wire], rankdir: str = "LR",
        style: str = "cards",
    ) -> None:  # fmt: skip
        self.parts, self.wires, self.rankdir = parts, wires, rankdir
        self.record = style == "record"
        self.names = unique([part.title or part.symbol for part in parts])
        self.circles = {}  # part -> the box of its op
        sizes = [self._size(i, part) for i, part in enumerate(parts)]
        edges = [(wire.source, wire.target) for wire in wires]
        if self.record:
            for i, part in enumerate(parts):
                if part.symbol:
                    self.circles[i] = len(sizes)
                    sizes.append(cards.circle_size(part.symbol))
            edges = [(s, self.circles.get(t, t)) for s, t in edges]
            edges += [(box, part) for part, box in self.circles.items()]
        elif rankdir == "LR":
            sizes = _aligned(sizes, edges)
        leads = [self._lead(wire) for wire in wires]
        leads += [0.0] * (len(edges) - len(wires))
        self.sizes = sizes
        self.layout = layered(
            sizes, edges, rankdir=rankdir, rank_gap=34.0, box_gap=14.0, leads=leads
        )

    def _size(self, place: int, part: Part) -> tuple[float, float]:
        """The room of a part; from above, its labels must fit side by side."""
        width, height = (
            cards.record_size(part) if self.record else cards.card_size(part)
        )
        if self.rankdir == "TB" and not self.record:
            arriving = [wire for wire in self.wires if wire.target == place]
            labels = sum(width_of(_said(wire), LABEL) + 8.0 for wire in arriving)
            width = max(width, labels)
        return width, height

    def _lead(self, wire: Wire) -> float:
        """The straight run of an edge on which its label stands."""
        if not _said(wire):
            return 0.0
        return width_of(_said(wire), LABEL) + 14.0 if self.rankdir == "LR" else 24.0

    def scene(self, title: str, caption: str, entries: Iterable[Entry]) -> Scene:
        """Title, graph, and a legend of these entries, one below the other."""
        layout = self.layout
        wide = max(layout.width, 420.0)
        left = MARGIN + (wide - layout.width) / 2
        marks: list[Mark] = [
            Text(MARGIN, 24.0, title, size=13.0, bold=True, fill="ink", group="title")
        ]
        top = TOP
        if caption:
            marks.append(
                Text(MARGIN, 42.0, caption, size=11.0, fill="quiet", group="caption")
            )
            top += 16.0
        marks += self._edges(left, top)
        for i, part in enumerate(self.parts):
            x, y = layout.corners[i]
            draw = cards.record if self.record else cards.card
            width = self.sizes[i][0]
            marks += draw(part, left + x, top + y, width, self.names[i])
            if i in self.circles:
                x, y = layout.corners[self.circles[i]]
                marks += cards.circle(part.symbol, left + x, top + y, self.names[i])
        base = top + layout.height + 30.0
        below, height = legend(entries, MARGIN, base, wide)
        return Scene(
            round(wide + 2 * MARGIN, 1), round(base + height, 1),
            (*marks, *below), title,
        )  # fmt: skip

    def _edges(self, left: float, top: float) -> list[Mark]:
        lines: list[Mark] = []
        labels: list[Mark] = []
        for i, curve in enumerate(self.layout.curves):
            points = tuple((left + x, top + y) for x, y in curve)
            wire = self.wires[i] if i < len(self.wires) else Wire(0, 0)
            role = {1.0: "positive", -1.0: "negative"}.get(wire.sign, "neutral")
            group = ""
            if i < len(self.wires):
                group = f"{self.names[wire.source]} -> {self.names[wire.target]}"
            head = self._arrow(points[-1], wire.thickness)
            if wire.thickness:  # a wide stroke would reach beyond the tip
                points = (*points[:-1], _between(head[1], head[2]))
            lines.append(
                Curve(
                    points, stroke=role, thickness=_thickness(wire), group=group,
                    title=wire.title, dash=DASHED if wire.sign < 0 else (),
                )
            )  # fmt: skip
            lines.append(Polygon(head, fill=role))
            if _said(wire):
                labels += self._label(_said(wire), points[-1], group, wire.title)
        return lines + labels

    def _arrow(self, tip: Point, thickness: float) -> tuple[Point, ...]:
        x, y = tip
        long, half = max(6.0, 2.2 * thickness), max(3.2, 1.3 * thickness)
        if self.rankdir == "LR":
            return ((x, y), (x - long, y - half), (x - long, y + half))
        return ((x, y), (x - half, y - long), (x + half, y - long))

    def _label(self, text: str, tip: Point, group: str, title: str) -> list[Mark]:
        """The local derivative on a patch of paper, close to where the edge arrives."""
        width, (x, y) = width_of(text, LABEL), tip
        right = x - 9.0 if self.rankdir == "LR" else x + width / 2
        base = y + 3.6 if self.rankdir == "LR" else y - 12.0
        return [
            Rectangle(
                right - width - 2.0, base - 10.0, width + 4.0, 13.0, fill="paper",
                opacity=0.88, group=group, title=title,
            ),
            Text(right - width, base, text, size=LABEL, fill="ink", group=group),
        ]  # fmt: skip


def _aligned(
    sizes: list[tuple[float, float]], edges: list[tuple[int, int]]
) -> list[tuple[float, float]]:
    """Cards of the same rank are made equally wide."""
    ranks = rank_of_each(len(sizes), edges)
    widest = [0.0] * len(sizes)
    for rank, (width, _) in zip(ranks, sizes, strict=True):
        widest[rank] = max(widest[rank], width)
    return [
        (widest[rank], height) for rank, (_, height) in zip(ranks, sizes, strict=True)
    ]


def _between(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _said(wire: Wire) -> str:
    return f"{wire.symbol} {wire.label}" if wire.label else ""


def _thickness(wire: Wire) -> float:
    return wire.thickness or 1.5 + min(math.log10(wire.count), 3.0)


def unique(names: list[str]) -> list[str]:
    """Names that differ: the second "*" becomes "* (2)"."""
    seen: Counter[str] = Counter()
    out = []
    for name in names:
        seen[name] += 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: 1 box, 2 boxes."""
    return f"{number} {one if number == 1 else many}"
