"""What a computation graph shows: parts (one node, or a folded group) and wires.

Nothing here knows places or colours. A part is a title, a symbol and a few facts about
its numbers; a wire carries the local derivative of its target with respect to its
source, which is what the chain rule multiplies by.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seegrad.backpropagation import local_derivatives
from seegrad.draw.numbers import fixed, short, signed, summary
from seegrad.node import Node

Called = Callable[[Node], str]  # what a node is called, "" if it has no name
INFIX = ("+", "-", "*", "/", "**", "@")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a card: "data 2.0"."""

    label: str
    text: str
    role: str = "ink"


@dataclass(slots=True)
class Part:
    """A box of the graph: ``kind`` is "leaf", "constant", "result" or "group"."""

    kind: str
    title: str
    symbol: str = ""
    facts: list[Fact] = field(default_factory=list)

    def sentence(self) -> str:
        """The part in words, for the text alternative and the tooltip."""
        made = f" ({self.symbol})" if self.symbol and self.title else self.symbol
        facts = ", ".join(f"{fact.label} {fact.text}".strip() for fact in self.facts)
        return f"{self.title}{made}: {facts}"


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge from part to part; ``label`` is the local derivative, if there is one."""

    source: int
    target: int
    label: str = ""
    sign: float = 0.0
    title: str = ""
    count: int = 1
    symbol: str = "∂"  # what the label tells, written before it
    thickness: float = 0.0  # of the stroke; 0: by the count


def own_name(node: Node) -> str:
    """The name that the node itself carries."""
    return node.name or ""


def naming(names: Any) -> Called:
    """What to call a node: its own name, or the one that a model or a dict has."""
    pairs = names.named_parameters() if hasattr(names, "named_parameters") else ()
    if isinstance(names, Mapping):
        pairs = names.items()
    known = {node: name for name, node in pairs}
    return lambda node: node.name or known.get(node, "")


def part_of(node: Node, called: Called = own_name) -> Part:
    """The card of one node: name and op, shape, data, gradient."""
    kind = "result" if node.op else "leaf" if node.requires_grad else "constant"
    symbol = node.op.symbol if node.op else ""
    part = Part(kind, called(node) or _expression(node, called), symbol)
    if isinstance(node.data, np.ndarray) and node.data.ndim:
        part.facts.append(Fact("shape", str(node.data.shape)))
    part.facts += numbers("data", node.data, "data")
    if node.requires_grad:
        part.facts += numbers("grad", node.grad, "gradient")
    return part


def _expression(node: Node, called: Called) -> str:
    """What to call a node without a name: "a * b" if its inputs have names."""
    if node.op is None:
        return "leaf" if node.requires_grad else "constant"
    known = [_short_name(x, called) for x in node.inputs]
    if not all(known) or node.settings:
        return ""
    if len(known) == 2 and node.op.symbol in INFIX:
        text = f"{known[0]} {node.op.symbol} {known[1]}"
    else:
        text = f"{node.op.name}({', '.join(known)})"
    return text if len(text) <= 14 else ""


def _short_name(node: Node, called: Called) -> str:
    if called(node):
        return called(node)
    plain = isinstance(node.data, float) and node.op is None and not node.requires_grad
    return short(node.data) if plain else ""


def numbers(label: str, data: Any, role: str) -> list[Fact]:
    """All the numbers of small data, row by row; the range and mean of large data."""
    if data is None:
        return [Fact(label, "none yet", "quiet")]
    array = np.asarray(data)
    if array.ndim in (1, 2) and 0 < array.size <= 9 and array.shape[-1] <= 3:
        rows = np.atleast_2d(array).tolist()
        write = short if array.size <= 3 else fixed
        lines = [", ".join(write(x) for x in row) for row in rows]
        return [
            Fact(label if i == 0 else "", line, role) for i, line in enumerate(lines)
        ]
    facts = [Fact(label, summary(array), role)]
    if array.size > 2 and array.dtype != bool:
        with np.errstate(all="ignore"):
            facts.append(Fact("mean", short(float(array.mean())), role))
    return facts


def group_part(title: str, nodes: Sequence[Node]) -> Part:
    """The card of a folded group: how many nodes, which ops, and where numbers lie."""
    ops = Counter(node.op.symbol for node in nodes if node.op)
    leaves = sum(1 for node in nodes if not node.op)
    made = " ".join(f"{count:,}×{symbol}" for symbol, count in ops.most_common(3))
    more = " …" if len(ops) > 3 else ""
    part = Part("group", title)
    part.facts.append(Fact("nodes", f"{len(nodes):,}"))
    if made:
        part.facts.append(Fact("ops", made + more))
    if leaves:
        part.facts.append(Fact("leaves", f"{leaves:,}"))
    part.facts.append(Fact("data", _range(node.data for node in nodes), "data"))
    grads = [node.grad for node in nodes if node.grad is not None]
    if grads:
        part.facts.append(Fact("grad", _range(grads), "gradient"))
    return part


def _range(many: Any) -> str:
    """The smallest and the largest of all the numbers of a group, and any NaN."""
    low, high, nan = math.inf, -math.inf, False
    for data in many:
        # A comparison with NaN is never true, so min() and max() would pass it over.
        known = np.asarray(data)[~np.isnan(data)]
        nan = nan or known.size < np.size(data)
        if known.size:
            low, high = min(low, float(known.min())), max(high, float(known.max()))
    if low > high:
        return "all nan" if nan else "none"
    text = short(low) if low == high else f"{short(low)} … {short(high)}"
    return f"{text}, some nan" if nan else text


def wires_of(node: Node, number: dict[Node, int]) -> list[Wire]:
    """One wire for each input of a node, with the local derivative on it."""
    if node.op is None:
        return []
    derivatives = local_derivatives(node) or (None,) * len(node.inputs)
    wires = []
    for place, (x, slope) in enumerate(zip(node.inputs, derivatives, strict=True)):
        label, sign, title = "", 0.0, f"{node.op.input_name(place)} of {node.op.name}"
        if slope is not None and x.requires_grad:  # nothing flows back to a constant
            label, sign = _slope(slope), signed(slope)
            title += f": local derivative {label}"
        wires.append(Wire(number[x], number[node], label, sign, title))
    return wires


def _slope(slope: Any) -> str:
    array = np.asarray(slope)
    if array.size and array.min() == array.max():
        return short(float(array.flat[0]))  # the same for every number
    return summary(array)
