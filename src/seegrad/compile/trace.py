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
from seegrad.compile.call import Call
from seegrad.compile.chance import Chance
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
from seegrad.node import Node, _now, link
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
        self.plain: set[Node] = set()  # arguments that were given as arrays
        self.outside: dict[int, Node] = {}  # leaves that were there before the step
        self.read_again: dict[int, Any] = {}  # arrays whose contents are read each time
        self.draws: list[Draw] = []
        self.grads: dict[Node, Any] = {}  # what each node's gradient is by now
        self.forgotten: set[Node] = set()  # leaves whose old gradient was never read
        self.assigned: dict[Node, Any] = {}  # leaves replaced -> what they were
        self.memories: dict[tuple[int, int], tuple[Any, dict[str, Any], Any]] = {}
        self.counts: dict[Any, tuple[Count, Tensor]] = {}
        self.had_grads: dict[Node, Any] = {}
        self.used_up: list[Node] = []  # leaves whose gradient ends as None
        self.without_gradient: list[Node] = []  # leaves that had none, which matters
        self.with_gradient: list[Node] = []  # leaves that had one, which is added to
        self.rates: list[tuple[Number, float]] = []
        self.stopped: BaseException | None = None
        self.unsettled = ""  # what will be of another shape or dtype in the next step
        self.reason = ""  # why this step cannot be compiled
        self.stream = random.state()
        self.chance = Chance()

    def run(self, function: Any, arguments: Any) -> Any:
        """Call the function under this tracer; `undo` puts back what it replaced."""
        with tracing(self), watching(self.watch):
            out = function(*arguments[0], **arguments[1])
        if self.stopped is not None:  # and the step went on as if it had not been
            raise self.stopped
        self._look_behind()
        return out

    def _look_behind(self) -> None:
        """What happened behind our back would not happen in a compiled run."""
        taken = random.state()["counter"] - self.stream["counter"]
        if changed := self._changed_rate():
            self.reason = f"it changes {changed}, which it reads as well"
        elif self.chance.moved():
            self.reason = (
                "it draws random numbers from NumPy or Python, which would be the same "
                "in every run; sg.rand and sg.randn are drawn anew"
            )
        elif random.state()["seed"] != self.stream["seed"] or taken != len(self.draws):
            self.reason = "it takes random keys for something else than sg.rand or sg.randn"

    def _changed_rate(self) -> str:
        """The number that the step itself changed after it was read, if any."""
        for source, before in self.rates:
            if source.read() != before:
                return str(source)
        return ""

    def undo(self) -> None:
        """Put back everything that the traced step replaced."""
        self.chance.put_back()
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
            if node.inputs:
                raise self.stop(self._unseen(node))
            data = np.asarray(node._data)
            if node.born > self.started and node not in self.assigned:
                if isinstance(node, Tensor):  # all others were shown to `made`
                    raise self.stop(self._unseen(node))
                found = constant(data)
            else:
                self.outside[id(node)] = node
                found = leaf(State(node), data.shape, data.dtype)
            self.terms[node] = found
        return found

    def _unseen(self, node: Node) -> TraceError:
        if node.born > self.started:
            return TraceError(
                "the step uses a tensor that was computed where the compiler does not "
                "see it: in another thread, under a watcher of its own, or by copying",
                where=place(),
                hint="compute it in the step itself, or before it as an argument",
            )
        return TraceError(
            f"the step uses the result of {node.op}, which was computed before it: its "
            "numbers would never change",
            where=place(),
            hint="compute it inside the step, pass it as an argument, or detach() it",
        )

    def stop(self, error: Any) -> Any:
        """An error that ends the trace, even where the step goes on after it."""
        self.stopped = self.stopped or error
        return error

    # Arguments and plain data -------------------------------------------------------

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
            for k, (node, part) in enumerate(zip(self.arguments, call.parts, strict=True))
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
        self.read_again[id(thing)] = thing
        base = node
        if thing.dtype != node.dtype:
            base = link(Tensor, thing.astype(thing.dtype.newbyteorder("=")), None, (), {})
        self.terms[base] = leaf(Array(thing), base.shape, base.dtype)
        if base is not node:
            with no_grad():
                self.terms[node] = self.term(to(base, node.dtype))

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
            error = TraceError(
                "a compiled step read a number: Python would see it only once, while "
                "the step is traced, and never again",
                where=place(),
                hint="sg.where(condition, a, b) instead of if, x.detach() instead of a "
                "copy; return what you want to look at or print, and read it outside",
            )
            raise self.stop(error)

    def require(self, condition: Any) -> None:
        """A check: true now, and to be looked at in every run."""
        if not np.all(condition._data):
            raise self.stop(CheckFailed())
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
            with no_grad():
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

    # What optimizers keep between steps ---------------------------------------------

    def number(self, owner: Any, attribute: str) -> Tensor:
        """A Python number that is read at every run, such as a learning rate."""
        source = Number(owner, attribute)
        node: Tensor = Tensor._leaf(np.float64(source.read()), False)
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
        for name, node in lifted.items():
            if name not in before or not _fits(node._data, before[name]):
                self.unsettled = f"the memory {name!r} of the optimizer"
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
            self.used_up.append(node)
        else:
            term = self.term(grad)
            if not isinstance(term.source, Gradient):
                self.program.updates.append(Goal(term, Gradient(node)))

    def born_inside(self, node: Node) -> bool:
        """Whether a leaf was made by the step itself."""
        born = self.assigned[node][1] if node in self.assigned else node.born
        return born > self.started or node in self.given


def _fits(new: Any, before: Any) -> bool:
    """Whether a new memory can be written where the one before lies."""
    if not isinstance(before, np.ndarray):
        return True
    return bool(new.shape == before.shape and new.dtype == before.dtype)


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
