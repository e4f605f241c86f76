"""Gradients and optimizers in a traced step: nodes to compute with, like all others.

Outside of a traced step a gradient is plain data. While a step is traced it is a node,
so that clipping it, adding to it or stepping along it becomes a part of the program. A
learning rate is a number that is read anew in every run; the memory of an optimizer is
read, and written back where it was. Both are nodes meanwhile.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.backpropagation import cotangents
from seegrad.compiler.programs.program import Term, constant, leaf
from seegrad.compiler.tracing.sources import Count, Gradient, Memory, Number
from seegrad.mode import no_grad
from seegrad.node import Node, link
from seegrad.ops.shapes import to
from seegrad.tensor import Tensor
from seegrad.value import Value

UNKNOWN = object()  # the gradient of a leaf that the step has not asked for yet


class Training:
    """What a tracer does about gradients and optimizers."""

    terms: dict[Node, Term]

    def __init__(self) -> None:
        self.grads: dict[Node, Any] = {}  # what each node's gradient is by now
        self.forgotten: set[Node] = set()  # leaves whose old gradient was never read
        self.had_grads: dict[Node, Any] = {}
        self.with_gradient: list[Node] = []  # leaves that had one, which is added to
        self.memories: dict[tuple[int, int], tuple[Any, dict[str, Any], Any]] = {}
        self.counts: dict[Any, tuple[Count, Any]] = {}
        self.kind: Any = Tensor  # of the parameters of the optimizer that takes a step
        self.rates: list[tuple[Number, float]] = []
        self.unsettled = ""  # what will be of another shape or dtype in the next step

    # Gradients ------------------------------------------------------------------------

    def gradient(self, node: Node) -> Any:
        """The gradient as a node, or None."""
        found = self.grads.get(node, UNKNOWN)
        if found is UNKNOWN:
            found = None
            if node._grad is not None and node.op is None:
                found = self._old_gradient(node)
            self._keep(node, found)
        return found

    def _old_gradient(self, node: Node) -> Node:
        """The gradient that a leaf had before the step."""
        self.with_gradient.append(node)
        data = node._grad
        if isinstance(node, Tensor):
            data = np.array(data)
        found: Node = link(node.kind, data, None, (), {})
        data = np.asarray(data)
        self.terms[found] = leaf(Gradient(node), data.shape, data.dtype)
        return found

    def set_gradient(self, node: Node, new: Any) -> Any:
        """A gradient is replaced; None forgets it."""
        if node not in self.grads:
            self.forgotten.add(node)
        if new is not None and not isinstance(new, Node):
            new = node.kind.lift(new)
        if isinstance(node, Tensor) and new is not None and new.dtype != node.dtype:
            with no_grad():
                new = to(new, node.dtype)
        self._keep(node, new)
        return None if new is None else new._data

    def _keep(self, node: Node, grad: Any) -> None:
        self.had_grads.setdefault(node, node._grad)
        self.grads[node] = grad

    def backward(self, root: Any, gradient: Any) -> None:
        """A backward pass whose rules are recorded like everything else."""
        seed = gradient
        if not isinstance(seed, Node):
            plain = root.seed(gradient)
            if isinstance(gradient, np.ndarray):
                seed = Tensor(gradient, dtype=root.dtype)
            else:
                seed = link(root.kind, plain, None, (), {})
                self.terms[seed] = constant(plain)
        with no_grad():
            grads = cotangents(root, seed, graph=True)
            for node, g in grads.items():
                if node.op is None:
                    before = self.gradient(node)
                    g = g if before is None else before + g
                self._keep(node, g)
                node._grad = g._data if node.op is not None else node.own(g._data, "")

    # Optimizers -----------------------------------------------------------------------

    def number(self, owner: Any, attribute: str) -> Any:
        """A Python number that is read at every run, such as a learning rate."""
        source = Number(owner, attribute)
        self.kind = Tensor
        if all(isinstance(p, Value) for p in getattr(owner, "params", [None])):
            self.kind = Value
        node = self._leaf(np.float64(source.read()))
        self.rates.append((source, source.read()))
        self.terms[node] = leaf(source, (), np.float64)
        return node

    def remembered(self, states: list[Any], position: int) -> dict[str, Any]:
        """The memory of an optimizer about one parameter, as nodes."""
        key = id(states), position
        if key not in self.memories:
            before = states[position]
            nodes = {
                name: self._count(states, position, name, value)
                if isinstance(value, int)
                else self._memory(Memory(states, position, name), np.asarray(value))
                for name, value in before.items()
            }
            self.memories[key] = (states, position), nodes, before
        return self.memories[key][1]

    def _memory(self, source: Any, array: Any) -> Any:
        node = self._leaf(np.array(array))
        self.terms[node] = leaf(source, array.shape, array.dtype)
        return node

    def _leaf(self, array: Any) -> Any:
        """Numbers of an optimizer, of the kind of its parameters."""
        data = float(array) if self.kind is Value else Tensor.freeze(array)
        return link(self.kind, data, None, (), {})

    def _count(self, states: list[Any], position: int, name: str, n: int) -> Any:
        """Parameters that have taken the same number of steps share one count."""
        key = id(states), name, n
        if key not in self.counts:
            source = Count(states, [], name)
            self.counts[key] = source, self._memory(source, np.float64(n))
        source, node = self.counts[key]
        source.positions.append(position)
        return node

    def remember(self, states: list[Any], position: int, new: dict[str, Any]) -> Any:
        """The memory after an update: kept as nodes here, as plain data there."""
        where, nodes, before = self.memories[id(states), position]
        lifted = {
            name: value
            if isinstance(value, Node)
            else self.kind.lift(value, (nodes[name],))
            for name, value in new.items()
        }
        self.memories[id(states), position] = where, lifted, before
        for name, node in lifted.items():
            if name not in before or not _fits(node._data, before[name]):
                self.unsettled = f"the memory {name!r} of the optimizer"
        return {
            name: int(node._data) if type(before[name]) is int else np.array(node._data)
            for name, node in lifted.items()
        }


def _fits(new: Any, before: Any) -> bool:
    """Whether a new memory can be written where the one before lies."""
    if not isinstance(before, np.ndarray):
        return True
    new = np.asarray(new)
    return bool(new.shape == before.shape and new.dtype == before.dtype)
