"""The computation graph of a number: every step that made it, with data and gradient.

Read it from left to right and it is the forward pass; read it from right to left and it
is the backward pass, for each edge shows the local derivative that the chain rule
multiplies by. A graph that is too large to read is folded (see `fold`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from seegrad.backpropagation import ordered
from seegrad.draw.fold import fold
from seegrad.draw.graph_sheet import GraphSheet, counted, unique
from seegrad.draw.layout import RANKDIRS
from seegrad.draw.legend import Entry, stroke, word
from seegrad.draw.parts import Called, Part, Wire, group_part, naming, part_of, wires_of
from seegrad.draw.picture import Picture
from seegrad.draw.scene import DASHED
from seegrad.errors import InputTypeError, unknown_name
from seegrad.node import Node
from seegrad.random import whole_number

STYLES = ("cards", "record")


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
    sheet = GraphSheet(parts, wires, rankdir, style)
    scene = sheet.scene(title, caption, _legend(parts, wires))
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
    groups = counted(len(parts), "group", "groups")
    return parts, wires, f"{len(nodes):,} nodes, folded {folding.how} into {groups}."


def _legend(parts: list[Part], wires: list[Wire]) -> list[Entry]:
    roles = {fact.role for part in parts for fact in part.facts}
    entries: list[Entry] = [(word("data", "data"), "the number itself")]
    if "gradient" in roles:
        entries.append((word("grad", "gradient"), "d out / d this"))
    if any(wire.label for wire in wires):
        entries.append((word("∂", "ink"), "local derivative: d result / d input"))
    signs = {wire.sign for wire in wires}
    if 1.0 in signs:
        entries.append((stroke("positive"), "positive"))
    if -1.0 in signs:
        entries.append((stroke("negative", DASHED), "negative"))
    return entries


def _alt(title: str, parts: list[Part], wires: list[Wire], caption: str) -> str:
    """Every card in a sentence, and every local derivative."""
    names = unique([part.title or part.symbol for part in parts])
    boxes, edges = (
        counted(len(parts), "box", "boxes"),
        counted(len(wires), "edge", "edges"),
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
