"""The computation graph in the language of Graphviz, for those who use it.

This is text and needs no Graphviz: paste it into a viewer, or give it to ``dot``. Every
node is a record (name, data, grad) and every operation an ellipse, as in micrograd.
"""

from __future__ import annotations

from seegrad.backpropagation import ordered
from seegrad.draw.layout import RANKDIRS
from seegrad.draw.parts import Part, part_of, wires_of
from seegrad.errors import unknown_name
from seegrad.node import Node


def to_dot(node: Node, *, rankdir: str = "LR") -> str:
    """The graph of a node as Graphviz source; ``rankdir`` is "LR" or "TB".

    >>> from seegrad import Value
    >>> print(to_dot(Value(2.0, name="a").exp()))
    digraph {
      graph [rankdir=LR]
      node0 [shape=record label="a | data 2.0 | grad none yet"]
      node1 [shape=record label="exp(a) | data 7.389 | grad none yet"]
      node1_op [label="exp"]
      node1_op -> node1
      node0 -> node1_op [label="7.389"]
    }
    """
    if rankdir not in RANKDIRS:
        raise unknown_name("rankdir", rankdir, RANKDIRS)
    nodes = ordered(node)
    number = {each: i for i, each in enumerate(nodes)}
    lines = ["digraph {", f"  graph [rankdir={rankdir}]"]
    for i, each in enumerate(nodes):
        part = part_of(each)
        lines.append(f'  node{i} [shape=record label="{_record(part)}"]')
        if part.symbol:
            lines.append(f'  node{i}_op [label="{_escaped(part.symbol, "")}"]')
            lines.append(f"  node{i}_op -> node{i}")
        for wire in wires_of(each, number):
            label = f' [label="{wire.label}"]' if wire.label else ""
            lines.append(f"  node{wire.source} -> node{i}_op{label}")
    return "\n".join([*lines, "}"])


def _record(part: Part) -> str:
    """The cells of a record, escaped; the row that continues a fact joins it."""
    cells = [part.title] if part.title else []
    for fact in part.facts:
        if fact.label:
            cells.append(f"{fact.label} {fact.text}")
        else:
            cells[-1] += f"; {fact.text}"
    return " | ".join(_escaped(cell, "{}|<> ") for cell in cells)


def _escaped(text: str, special: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return "".join(f"\\{c}" if c in special.strip() else c for c in text)
