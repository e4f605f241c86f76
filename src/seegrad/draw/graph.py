"""The computation graph of a number: every step that made it, with data and gradient.

Read it from left to right and it is the forward pass; read it from right to left and it
is the backward pass, for each edge shows the local derivative that the chain rule
multiplies by. A graph that is too large to read is folded (see `fold`).
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from seegrad.backpropagation import ordered
from seegrad.draw import cards
from seegrad.draw.fold import fold
from seegrad.draw.layout import RANKDIRS, layered, rank_of_each
from seegrad.draw.legend import legend, stroke, word
from seegrad.draw.lettering import width_of
from seegrad.draw.parts import Called, Part, Wire, group_part, naming, part_of, wires_of
from seegrad.draw.picture import Picture
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
from seegrad.errors import InputTypeError, unknown_name
from seegrad.lend import lend
from seegrad.node import Node
from seegrad.random import whole_number

STYLES = ("cards", "record")
MARGIN, TOP, LABEL = 16.0, 44.0, 10.0


def graph(
    node: Node,
    *,
    rankdir: str = "LR",
    style: str = "cards",
    max_nodes: int = 60,
    names: Any = None,
    theme: str = "auto",
) -> Picture:
    """Draw how a node was computed: data, gradient and local derivatives.

    ``rankdir`` is "LR" or "TB", ``style`` "cards" or "record" (micrograd's). Beyond
    ``max_nodes`` nodes are folded into groups. ``names`` is a model, whose parameters
    then show their names, or a dict {name: node}. ArgumentError for other settings.

    >>> from seegrad import Value
    >>> a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    >>> out = a * b
    >>> out.backward()
    >>> graph(out).scene.texts("a")
    ['a', 'data', '2.0', 'grad', '−3.0']
    """
    if not isinstance(node, Node):
        raise InputTypeError(
            f"draw.graph draws a Value or a Tensor, not {type(node).__name__}",
            hint="the loss or any other result of a computation",
        )
    if style not in STYLES:
        raise unknown_name("style", style, STYLES)
    if rankdir not in RANKDIRS:
        raise unknown_name("rankdir", rankdir, RANKDIRS)
    max_nodes = whole_number("max_nodes", max_nodes, least=3, where="draw.graph")
    called = naming(names)
    parts, wires, caption = _read(node, max_nodes, called)
    title = f"Computation graph of {called(node) or 'out'}"
    scene = _Sheet(parts, wires, rankdir, style).scene(title, caption)
    return Picture(scene, _alt(title, parts, wires, caption), theme)


def _read(root: Node, most: int, called: Called) -> tuple[list[Part], list[Wire], str]:
    """The parts and wires to draw, and a caption if they had to be folded."""
    nodes = ordered(root)
    if len(nodes) <= most:
        number = {node: i for i, node in enumerate(nodes)}
        parts = [part_of(node, called) for node in nodes]
        return parts, [wire for node in nodes for wire in wires_of(node, number)], ""
    folding = fold(nodes, most, called)
    parts, home = [], {}
    for place, (title, members) in enumerate(
        zip(folding.titles, folding.groups, strict=True)
    ):
        inside = [nodes[i] for i in members]
        alone = len(inside) == 1
        parts.append(part_of(inside[0], called) if alone else group_part(title, inside))
        home.update(dict.fromkeys(inside, place))
    between = Counter(
        (home[x], home[node])
        for node in nodes
        for x in node.inputs
        if home[x] != home[node]
    )
    wires = [
        Wire(source, target, "", 0.0, f"{count:,} edges", count)
        for (source, target), count in between.items()
    ]
    groups = _count(len(parts), "group", "groups")
    return parts, wires, f"{len(nodes):,} nodes, folded {folding.how} into {groups}."


class _Sheet:
    """Parts (and op circles, in record style) and wires on their way to a scene."""

    def __init__(
        self, parts: list[Part], wires: list[Wire], rankdir: str, style: str
    ) -> None:
        self.parts, self.wires, self.rankdir = parts, wires, rankdir
        self.record = style == "record"
        self.names = _unique([part.title or part.symbol for part in parts])
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

    def scene(self, title: str, caption: str) -> Scene:
        """Title, graph, and legend, one below the other."""
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
        below, height = legend(self._legend(), MARGIN, base, wide)
        return Scene(
            round(wide + 2 * MARGIN, 1), round(base + height, 1),
            (*marks, *below), title,
        )  # fmt: skip

    def _legend(self) -> list[tuple[Mark, str]]:
        roles = {fact.role for part in self.parts for fact in part.facts}
        entries = [(word("data", "data"), "the number itself")]
        if "gradient" in roles:
            entries.append((word("grad", "gradient"), "d out / d this"))
        if any(wire.label for wire in self.wires):
            entries.append((word("∂", "ink"), "local derivative: d result / d input"))
        signs = {wire.sign for wire in self.wires}
        if 1.0 in signs:
            entries.append((stroke("positive"), "positive"))
        if -1.0 in signs:
            entries.append((stroke("negative", DASHED), "negative"))
        return entries

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
            lines.append(
                Curve(
                    points, stroke=role, thickness=_thickness(wire), group=group,
                    title=wire.title, dash=DASHED if wire.sign < 0 else (),
                )
            )  # fmt: skip
            lines.append(Polygon(self._arrow(points[-1]), fill=role))
            if _said(wire):
                labels += self._label(_said(wire), points[-1], group, wire.title)
        return lines + labels

    def _arrow(self, tip: Point) -> tuple[Point, ...]:
        x, y = tip
        if self.rankdir == "LR":
            return ((x, y), (x - 6.0, y - 3.2), (x - 6.0, y + 3.2))
        return ((x, y), (x - 3.2, y - 6.0), (x + 3.2, y - 6.0))

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


def _said(wire: Wire) -> str:
    return f"∂ {wire.label}" if wire.label else ""


def _thickness(wire: Wire) -> float:
    return 1.5 + min(math.log10(wire.count), 3.0)


def _unique(names: list[str]) -> list[str]:
    """Names that differ: the second "*" becomes "* (2)"."""
    seen: Counter[str] = Counter()
    out = []
    for name in names:
        seen[name] += 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _alt(title: str, parts: list[Part], wires: list[Wire], caption: str) -> str:
    """Every card in a sentence, and every local derivative."""
    names = _unique([part.title or part.symbol for part in parts])
    boxes, edges = (
        _count(len(parts), "box", "boxes"),
        _count(len(wires), "edge", "edges"),
    )
    sentences = [f"{title}: {boxes}, {edges}.", caption]
    for i, part in enumerate(parts):
        facts = ", ".join(f"{fact.label} {fact.text}".strip() for fact in part.facts)
        slopes = ", ".join(
            f"{wire.label} by {names[wire.source]}"
            for wire in wires
            if wire.target == i and wire.label
        )
        local = f"; local derivative {slopes}" if slopes else ""
        sentences.append(f"{names[i]}: {facts}{local}.")
    return " ".join(filter(None, sentences))


lend("draw", graph)
