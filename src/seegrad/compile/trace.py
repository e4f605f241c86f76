"""Tracing: the step runs once, eagerly, and everything it does is written down.

Nothing is simulated. The numbers are real, so the first call of a compiled step is
simply its first step. Meanwhile every operation becomes a term of a `Program`; where
the step reads something from outside (a parameter, a learning rate) the term says where
to read it again, and where it would turn a result into a Python number, which could
never be right twice, there is an error that says so.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from seegrad import random
from seegrad.backpropagation import cotangents
from seegrad.compile.outcomes import CheckFailed
from seegrad.compile.program import Goal, Program, Term, constant, leaf
from seegrad.compile.sources import (
    Argument,
    Array,
    Count,
    Draw,
    Gradient,
    Memory,
    Number,
    State,
)
from seegrad.errors import TraceError
from seegrad.mode import no_grad, tracing, watching
from seegrad.node import Node, _now
from seegrad.ops.functions import detach
from seegrad.ops.reductions import all as all_true
from seegrad.ops.shapes import to
from seegrad.tensor import Tensor
from seegrad.value import Value

UNKNOWN = object()  # the gradient of a leaf that the step has not asked for yet


class Tracer:
    """Sees every operation of one run; it answers where a number would be read."""

    def __init__(self) -> None:
        self.started = _now()
        self.terms: dict[Node, Term] = {}
        self.program = Program()
        self.arguments: list[Node] = []
        self.given: set[Node] = set()
        self.draws: list[Draw] = []
        self.grads: dict[Node, Any] = {}  # what each node's gradient is by now
        self.forgotten: set[Node] = set()  # leaves whose old gradient was never read
        self.assigned: dict[Node, Any] = {}  # leaves replaced -> what they were
        self.memories: dict[tuple[int, int], tuple[Any, dict[str, Any], Any]] = {}
        self.counts: dict[Any, tuple[Count, Tensor]] = {}
        self.had_grads: dict[Node, Any] = {}
        self.used_up: list[Node] = []  # leaves whose gradient ends as None
        self.without_gradient: list[Node] = []  # leaves that had none, which matters
        self.stream = random.state()

    def run(self, function: Any, arguments: Any) -> Any:
        """Call the function under this tracer; if it fails, nothing has changed."""
        try:
            with tracing(self), watching(self.watch):
                return function(*arguments[0], **arguments[1])
        except BaseException:
            self.undo()
            raise

    def undo(self) -> None:
        """Put back everything that the traced step replaced."""
        for node, (data, born) in self.assigned.items():
            node._data, node.born = data, born
        for node, grad in self.had_grads.items():
            node._grad = grad
        for states, _, before in self.memories.values():
            states[0][states[1]] = before
        random.set_state(self.stream)

    # What the engine calls ----------------------------------------------------------

    def watch(self, out: Node, op: Any, inputs: Any, settings: Any) -> None:
        """An operation was run."""
        terms = tuple([self.term(x) for x in inputs])
        if all(term.is_constant for term in terms):
            self.terms[out] = constant(out._data)
            return
        data = np.asarray(out._data)
        self.terms[out] = Term(
            op,
            terms,
            dict(settings),
            data.shape,
            data.dtype,
            line=user_line(),
            order=len(self.terms),
        )

    def term(self, node: Node) -> Term:
        """The term of a node; a leaf that was there before the step is read anew."""
        found = self.terms.get(node)
        if found is None:
            if node.born > self.started:
                found = constant(node._data)
            elif node.inputs:
                raise TraceError(
                    f"the step uses the result of {node.op}, which was computed before "
                    "it: its numbers would never change",
                    where=place(),
                    hint="compute it inside the step, pass it as an argument, or "
                    "detach() it",
                )
            else:
                data = np.asarray(node._data)
                found = leaf(State(node), data.shape, data.dtype)
            self.terms[node] = found
        return found

    def argument(self, node: Node) -> None:
        """A node whose numbers are given anew at every call."""
        data = np.asarray(node._data)
        source = Argument(len(self.arguments))
        self.given.add(node)
        self.terms[node] = leaf(source, data.shape, data.dtype)
        self.arguments.append(node)

    def made(self, node: Node, thing: Any) -> None:
        """A tensor was made of plain data: an array is read again at every run."""
        if isinstance(thing, np.ndarray) and thing.ndim and thing.dtype == node.dtype:
            self.terms[node] = leaf(Array(thing), thing.shape, thing.dtype)

    def drawn(self, node: Node, distribution: Any) -> None:
        """A tensor of random numbers was drawn with the next key."""
        draw = Draw(distribution, node.shape, node.dtype)
        self.draws.append(draw)
        self.terms[node] = leaf(draw, node.shape, node.dtype)

    def data(self, node: Node) -> Any:
        """In a traced step, the data of a node is a node without history."""
        return detach(node)

    def reading(self, node: Node) -> None:
        """A number is about to become Python's: an error, unless it is a constant."""
        if not self.term(node).is_constant:
            raise TraceError(
                "a compiled step read a number: Python would see it only once, while "
                "the step is traced, and never again",
                where=place(),
                hint="sg.where(condition, a, b) instead of if; return what you want "
                "to look at, and read it outside",
            )

    def require(self, condition: Any) -> None:
        """A check: true now, and to be looked at in every run."""
        if not np.all(condition._data):
            raise CheckFailed
        if np.ndim(condition._data):
            with no_grad():
                condition = all_true(condition)
        term = self.term(condition)
        if not term.is_constant:
            self.program.checks.append(term)

    def assign(self, node: Node, new: Any) -> Any:
        """A leaf is replaced; from here on its term is the new one's."""
        if not isinstance(new, Node):
            new = node.kind.lift(new)
        if isinstance(node, Tensor) and new.dtype != node.dtype:
            new = to(new, node.dtype)
        term = self.term(new)
        self.term(node)
        self.assigned.setdefault(node, (node._data, node.born))
        self.terms[node] = term
        return new._data

    # Gradients ----------------------------------------------------------------------

    def gradient(self, node: Node) -> Any:
        """The gradient as a node, or None."""
        found = self.grads.get(node, UNKNOWN)
        if found is UNKNOWN:
            found = None
            if node._grad is not None and node.op is None:
                kind: Any = node.kind
                found = kind._leaf(np.array(node._grad), False)
                self.terms[found] = leaf(Gradient(node), found.shape, found.dtype)
            self._keep(node, found)
        return found

    def set_gradient(self, node: Node, new: Any) -> Any:
        """A gradient is replaced; None forgets it."""
        if node not in self.grads:
            self.forgotten.add(node)
        if new is not None and not isinstance(new, Node):
            new = node.kind.lift(new)
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
            seed = Value(plain, requires_grad=False)
            if isinstance(root, Tensor):
                seed = Tensor._leaf(plain, False)
        with no_grad():
            grads = cotangents(root, seed, graph=True)
            for node, g in grads.items():
                if node.op is None:
                    before = self.gradient(node)
                    g = g if before is None else before + g
                self._keep(node, g)
                node._grad = g._data if node.op is not None else node.own(g._data, "")

    # What optimizers keep between steps ---------------------------------------------

    def number(self, owner: Any, attribute: str) -> Tensor:
        """A Python number that is read at every run, such as a learning rate."""
        source = Number(owner, attribute)
        node: Tensor = Tensor._leaf(np.float64(source.read()), False)
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

    def _memory(self, source: Any, array: Any) -> Tensor:
        node: Tensor = Tensor._leaf(np.array(array), False)
        self.terms[node] = leaf(source, array.shape, array.dtype)
        return node

    def _count(self, states: list[Any], position: int, name: str, n: int) -> Tensor:
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
            name: value if isinstance(value, Node) else Tensor.lift(value, (nodes[name],))
            for name, value in new.items()
        }
        self.memories[id(states), position] = where, lifted, before
        return {
            name: int(node._data) if type(before[name]) is int else np.array(node._data)
            for name, node in lifted.items()
        }

    # The end ------------------------------------------------------------------------

    def finish(self, results: list[Node]) -> Program:
        """The program, when the step has returned these nodes."""
        program = self.program
        program.results = [self.term(node) for node in results]
        for node in self.assigned:
            if not self.born_inside(node):
                program.updates.append(Goal(self.terms[node], State(node)))
        for (states, position), nodes, before in self.memories.values():
            for name, node in nodes.items():
                source: Any = Memory(states, position, name)
                if type(before[name]) is int:
                    source, _ = self.counts[id(states), name, before[name]]
                    if position != source.positions[0]:
                        continue
                program.updates.append(Goal(self.term(node), source))
        for node, grad in self.grads.items():
            if node.op is None and not self.born_inside(node):
                self._finish_gradient(node, grad)
        return program

    def _finish_gradient(self, node: Node, grad: Any) -> None:
        """A gradient that an update used up inside the step is not kept."""
        if node not in self.forgotten and self.had_grads[node] is None:
            self.without_gradient.append(node)
        if grad is None or (node in self.assigned and node in self.forgotten):
            node._grad = None
            self.used_up.append(node)
        else:
            term = self.term(grad)
            if not isinstance(term.source, Gradient):
                self.program.updates.append(Goal(term, Gradient(node)))

    def born_inside(self, node: Node) -> bool:
        """Whether a leaf was made by the step itself."""
        born = self.assigned[node][1] if node in self.assigned else node.born
        return born > self.started or node in self.given


def user_line() -> tuple[str, int] | None:
    """The file and line, outside of the library, that is running now."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if not name.startswith("seegrad."):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


def place() -> str:
    """The same as one phrase for an error."""
    line = user_line()
    return f"{line[0]}:{line[1]}" if line else ""
