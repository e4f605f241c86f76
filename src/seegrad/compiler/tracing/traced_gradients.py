"""Gradients in a traced step: nodes, which can be computed with like all others.

Outside of a traced step a gradient is plain data. While a step is traced it is a node,
so that clipping it, adding to it or stepping along it becomes a part of the program.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.backpropagation import cotangents
from seegrad.compiler.programs.program import Term, constant, leaf
from seegrad.compiler.tracing.sources import Gradient
from seegrad.mode import no_grad
from seegrad.node import Node, link
from seegrad.ops.shapes import to
from seegrad.tensor import Tensor

UNKNOWN = object()  # the gradient of a leaf that the step has not asked for yet


class Gradients:
    """What a tracer does about gradients."""

    terms: dict[Node, Term]

    def __init__(self) -> None:
        self.grads: dict[Node, Any] = {}  # what each node's gradient is by now
        self.forgotten: set[Node] = set()  # leaves whose old gradient was never read
        self.had_grads: dict[Node, Any] = {}
        self.with_gradient: list[Node] = []  # leaves that had one, which is added to

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
