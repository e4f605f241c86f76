"""The step that is being written: its quantities, its deeds, and their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.node import NO_SETTINGS, Node, link
from seegrad.record.layers import Layers
from seegrad.record.step import Step
from seegrad.record.structure import Deed, Quantity, Structure


class Writer:
    """Writes down quantities and deeds of one step; nodes are known by identity.

    ``names`` says the role and the name of what a person has named.
    """

    def __init__(self, layers: Layers, number: int, first: int) -> None:
        self.layers = layers
        self.names: dict[Node, tuple[str, str]] = {}
        self.begin(number, first)

    def begin(self, number: int, first: int) -> None:
        """A new step, of which nothing is known."""
        self.quantities: list[Quantity] = []
        self.deeds: list[Deed] = []
        self.step = Step(number, first, Structure((), ()))
        self.known: dict[Node, int] = {}  # also keeps the nodes, and so their identity
        self.made_by: dict[Node, int] = {}
        self.made_data: dict[int, Node] = {}  # by the identity of its data

    def write(self, deed: Deed, numbers: tuple[Any, ...]) -> None:
        """Something was done, to these numbers."""
        self.deeds.append(deed)
        self.step.numbers.append(numbers)

    def made(self, out: Node, name: str = "", layer: str = "") -> int:
        """The quantity of a result, which the next deed makes."""
        self.made_by[out] = len(self.deeds)
        self.made_data[id(out._data)] = out
        return self._new(out, "result", name, layer)

    def maker(self, new: Any) -> int | None:
        """The place of the operation that made a node, or its very data."""
        node = new if isinstance(new, Node) else self.made_data.get(id(new))
        return None if node is None else self.made_by.get(node)

    def forget(self, deeds: int, quantities: int) -> None:
        """Strike out what was written since there were so many."""
        step = self.step
        del self.deeds[deeds:], step.numbers[deeds:], self.quantities[quantities:]
        self.known = {n: i for n, i in self.known.items() if i < quantities}
        self.made_by = {n: k for n, k in self.made_by.items() if k < deeds}
        step.plain = {k: v for k, v in step.plain.items() if k < deeds}
        step.leaves = {q: v for q, v in step.leaves.items() if q < quantities}

    def quantity(self, node: Node, value: Any = None) -> int:
        """The number of a node's quantity; one that is new to the step is a leaf."""
        if node in self.known:
            return self.known[node]
        role, name = self._role(node)
        i = self._new(node, role, name, self.layer_of(node))
        self.step.leaves[i] = node._data if value is None else value
        return i

    def _new(self, node: Node, role: str, name: str, layer: str = "") -> int:
        i = len(self.quantities)
        data = node._data
        self.quantities.append(
            Quantity(
                i, role, name, node.kind.__name__, np.shape(data),
                str(getattr(data, "dtype", "float64")), layer,
            )
        )  # fmt: skip
        self.known[node] = i
        return i

    def leaf(
        self, kind: Any, data: Any, role: str, name: str, same_as: Any = None
    ) -> Node:
        """A node that stands for plain data inside an optimizer's formula."""
        node: Node = link(kind, kind.freeze(kind.copied(data)), None, (), NO_SETTINGS)
        if same_as is not None:
            self.known[node] = self.quantity(same_as)
        else:
            self.step.leaves[self._new(node, role, name)] = node._data
        return node

    def gradient_of(self, node: Node, before: Any, after: Any, op: str) -> None:
        layer = self.layer_of(node)
        deed = Deed(
            "gradient", "backward", op, "+=" if before is not None else "=",
            "grad + g" if before is not None else "g", (), self.known[node], layer,
        )  # fmt: skip
        self.write(deed, (before, after))

    def _role(self, node: Node) -> tuple[str, str]:
        if node in self.names:
            return self.names[node]
        named = self.layers.names.get(node)
        if named is not None:
            return ("parameter" if node._requires_grad else "buffer"), named
        if node._requires_grad and node.op is None:
            return "parameter", node.name or f"p{len(self.known)}"
        known = node.name or ""
        return ("input" if known or np.size(node._data) > 1 else "constant"), known

    def name_of(self, node: Node) -> str:
        return self.quantities[self.quantity(node)].name

    def layer_of(self, node: Node) -> str:
        return self.layers.homes.get(node, "")
