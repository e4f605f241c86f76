"""Tracing: the step runs once, eagerly, and everything it does is written down.

Nothing is simulated. The numbers are real, so the first call of a compiled step is
simply its first step. Meanwhile every operation becomes a term of a `Program`; where
the step reads something from outside (a parameter, a learning rate) the term says where
to read it again, and where it would turn a result into a Python number, which could
never be right twice, there is an error that says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad import random
from seegrad.compiler.programs.program import Goal, Program, Term, constant, leaf
from seegrad.compiler.tracing.chance import Chance
from seegrad.compiler.tracing.outcomes import CheckFailed
from seegrad.compiler.tracing.place import place, user_line
from seegrad.compiler.tracing.sources import (
    Draw,
    Gradient,
    Memory,
    State,
)
from seegrad.compiler.tracing.traced_arguments import Arguments
from seegrad.compiler.tracing.traced_training import Training
from seegrad.errors import TraceError
from seegrad.mode import no_grad, tracing, watching
from seegrad.node import Node, _now
from seegrad.ops.functions import detach
from seegrad.ops.reductions import all as all_true
from seegrad.ops.shapes import to
from seegrad.tensor import Tensor


class Tracer(Arguments, Training):
    """Sees every operation of one run; it answers where a number would be read."""

    def __init__(self) -> None:
        Arguments.__init__(self)
        Training.__init__(self)
        self.started = _now()
        self.terms: dict[Node, Term] = {}
        self.program = Program()
        self.draws: list[Draw] = []
        self.used_up: list[Node] = []  # leaves whose gradient ends as None
        self.without_gradient: list[Node] = []  # leaves that had none, which matters
        self.stopped: BaseException | None = None
        self.reason = ""  # why this step cannot be compiled
        self.stream, self.moves = random.state(), random.moves()
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
        if changed := self._changed_rate():
            self.reason = f"it changes {changed}, which it reads as well"
        elif self.chance.moved():
            self.reason = (
                "it draws random numbers from NumPy or Python, which would be the same "
                "in every run; sg.rand and sg.randn are drawn anew"
            )
        elif random.moves() - self.moves != len(self.draws):
            self.reason = (
                "it takes random keys for something else than sg.rand or sg.randn"
            )

    def _changed_rate(self) -> str:
        """The number that the step itself changed after it was read, if any."""
        changed = (str(s) for s, before in self.rates if s.read() != before)
        return next(changed, "")

    def undo(self) -> None:
        """Put back everything that the traced step replaced."""
        self.chance.put_back()
        for node, (data, born) in self.assigned.items():
            node._data, node.born = data, born
        for node, grad in self.had_grads.items():
            node._grad = grad
        for states, _, before in self.memories.values():
            states[0][states[1]] = before
        now, mine = random.state(), random.moves() - self.moves
        if now != self.stream | {"counter": self.stream["counter"] + mine}:
            return  # another thread has drawn: no key is handed out twice
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
