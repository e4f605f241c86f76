"""What a traced step is given: arguments, and arrays that it makes tensors of.

An argument is a leaf of its own while the step is traced, so that another tensor can
stand in its place later. Where that is not all there is to it (the step changes it, or
has the same tensor by another name), it is compiled for that very tensor.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from seegrad.compiler.programs.program import Term, constant, leaf
from seegrad.compiler.tracing.call import Call
from seegrad.compiler.tracing.sources import Argument, Array
from seegrad.mode import no_grad
from seegrad.node import Node, link
from seegrad.ops.shapes import to
from seegrad.tensor import Tensor


class Arguments:
    """What a tracer does about arguments and arrays."""

    terms: dict[Node, Term]
    grads: dict[Node, Any]
    forgotten: set[Node]

    def __init__(self) -> None:
        self.arguments: list[Node] = []
        self.given: set[Node] = set()
        self.plain: set[Node] = set()  # arguments that were given as arrays
        self.outside: dict[int, Node] = {}  # leaves that were there before the step
        self.assigned: dict[Node, Any] = {}  # leaves replaced -> what they were
        self.read_again: dict[int, Any] = {}  # arrays whose contents are read each time

    def arguments_of(self, call: Call, own: tuple[int, ...]) -> list[Node]:
        """A leaf in place of each argument; those in ``own`` are what they are."""
        for k, part in enumerate(call.parts):
            first = call.first[k]
            if first in own:
                node = part
            elif first < k:
                node = self.arguments[first]
            else:
                node = self._argument(k, part)
            self.arguments.append(node)
        return self.arguments

    def _argument(self, k: int, part: Any) -> Node:
        """A node whose numbers are given anew at every call."""
        if isinstance(part, Node):
            node = type(part)._leaf(part._data, part._requires_grad, part.name)
        else:
            node = Tensor(part)
            self.plain.add(node)
        data = np.asarray(node._data)
        self.given.add(node)
        self.terms[node] = leaf(Argument(k), data.shape, data.dtype)
        return node

    def entangled(self, call: Call) -> list[int]:
        """The arguments that the step changes, or has by another name as well."""
        return [
            k
            for k, (node, part) in enumerate(
                zip(self.arguments, call.parts, strict=True)
            )
            if call.first[k] == k
            and isinstance(part, Node)
            and (
                (node in self.grads and not self._is_bare(node, part))
                or node in self.assigned
                or id(part) in self.outside
                or node._requires_grad != part._requires_grad
            )
        ]

    def _is_bare(self, node: Node, part: Node) -> bool:
        """Whether an argument's gradient is only written, not added to."""
        return not part.inputs and (part._grad is None or node in self.forgotten)

    def gradients_of_arguments(self) -> dict[int, Any]:
        """What the step left as gradients of arguments, by position."""
        return {
            k: self.grads[node]
            for k, node in enumerate(self.arguments)
            if node in self.given and node in self.grads
        }

    def is_plain(self, node: Node) -> bool:
        """Whether a tensor stands for an array, which layers read in their dtype."""
        return node in self.plain

    def made(self, node: Node, thing: Any) -> None:
        """A tensor was made of plain data: an array is read again at every run."""
        maker = sys._getframe(2).f_globals.get("__name__")
        if not isinstance(thing, np.ndarray) or maker == "seegrad.creation":
            self.terms[node] = constant(node._data)
            return
        self.read_array(node, thing)

    def read_array(self, node: Node, thing: np.ndarray[Any, Any]) -> None:
        """A tensor has the numbers of an array, in whatever dtype."""
        for array in (thing, thing.base):  # a view shows the numbers of its base
            self.read_again[id(array)] = array
        base = node
        if thing.dtype != node.dtype:
            base = link(
                Tensor, thing.astype(thing.dtype.newbyteorder("=")), None, (), {}
            )
        self.terms[base] = leaf(Array(thing), base.shape, base.dtype)
        if base is not node:
            with no_grad():
                self.terms[node] = self.terms[to(base, node.dtype)]
