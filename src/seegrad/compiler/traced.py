"""One traced call: what it took for granted, its native code, the form of its result.

A trace answers two questions quickly, because they are asked before every run: whether
these arguments are of its kind, and whether all that it depends on is as it was.
"""

from __future__ import annotations

from array import array as words
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import Any

import numpy as np

from seegrad.compiler.machine.objects import NODE
from seegrad.compiler.programs.program import Program
from seegrad.compiler.tracing.call import Call
from seegrad.compiler.tracing.guards import Guards
from seegrad.compiler.tracing.outcomes import NotRun
from seegrad.compiler.tracing.severed import severed
from seegrad.compiler.tracing.trace import Tracer
from seegrad.compiler.tracing.tree import HOLE, check_result, flat, rebuilt
from seegrad.compiler.tracing.watch import Watch
from seegrad.dtypes import KNOWN, float16
from seegrad.mode import mode
from seegrad.node import Node
from seegrad.tensor import Tensor
from seegrad.value import Value

COMPUTED = set(KNOWN) - {float16}
MOST_SCALARS = 200_000  # operations on single numbers in a program that is compiled
NOBODY = words("q", [0])  # is at work


class Turn:
    """One at a time: the traces of a function share parameters and memory.

    ``with turn.taken():`` waits for its turn. A short step needs no lock, because
    Python waits for it; it only looks whether anybody else is ``busy``.
    """

    def __init__(self) -> None:
        self.lock, self.busy = RLock(), words("q", [0])

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait until nobody else is at work, and be at work.

        An interruption may leave ``busy`` set; the next turn puts that right, because
        only the lock says who is at work.
        """
        nested = self.is_mine()
        with self.lock:
            try:
                self.busy[0] = 1
                yield
            finally:
                if not nested:
                    self.busy[0] = 0

    def is_mine(self) -> bool:
        """Whether this thread is at work: a finalizer may call a step in a step."""
        owned: bool = self.lock._is_owned()  # type: ignore[attr-defined]
        return owned


class Trace:
    """A call that was traced, and its native code.

    ``native`` is None where there is none, and ``reason`` says why. ``step`` is the
    native function itself, for arguments like those traced; it returns None where
    anything is not as it was. Unless it ``is_direct``, `attempt` is to be called
    in its place.
    """

    def __init__(
        self,
        call: Call,
        own: tuple[int, ...],
        tracer: Tracer,
        guards: Guards,
        out: Any,
        turn: Turn,
    ) -> None:
        self.guards, self.recording, self.turn = guards, mode.recording, turn
        self.structure_given = call.structure  # what is told by identity must live on
        self.own = {k: call.parts[k] for k in own}
        self.outside = tracer.outside
        self.closed = set(self.outside).difference(map(id, self.own.values()))
        nodes: list[Any] = []
        self.structure = flat(out, nodes)
        check_result(self.structure)
        nodes = [_as_node(node, tracer) for node in nodes]
        self.count = len(nodes)  # of results
        self.is_simple = call.is_simple
        self.places, self.fixed = call.places, call.fixed
        gradients = tracer.gradients_of_arguments()
        self.gradients = [(k, g is not None) for k, g in gradients.items()]
        self.bare = [
            k for k in gradients if tracer.arguments[k] not in tracer.forgotten
        ]
        results = nodes + [g for g in gradients.values() if g is not None]
        self.program = tracer.finish(results)
        self.forgotten = list(tracer.used_up)
        self.rest = _rest(tracer, guards)
        self.reason = tracer.reason or why_not(self.program)
        if not self.reason and (tracer.unsettled or not guards.hold()):
            guards.restless = tracer.unsettled or guards.difference()
            self.reason = f"it changes {guards.restless!r}, which it depends on"
        self.native: Any = None
        self.is_direct = False
        self.looked_at: Any = None  # the guard that the native code looks at
        self.looks: Any = None  # and what Python is to look at before each run
        self.nodes = nodes
        if not self.reason:
            self._compile(call, tracer)

    def _compile(self, call: Call, tracer: Tracer) -> None:
        from seegrad.compiler.run import Native  # LLVM takes a while to load

        try:
            self.native = native = Native(self.program, tracer.draws)
        except RecursionError:
            self.reason = "it computes too many things, each from the one before it"
            return
        native.expect(call, self.own, self.bare)
        native.give(self.nodes, self.structure is HOLE and not self.gradients)
        native.tables.fill("closed", [[address] for address in self.closed])
        native.tables.fill("forgotten", [[id(node)] for node in self.forgotten])
        native.tables.call.pauses |= bool(self.gradients)
        self.step = native.tables.step
        self.nodes = []

    def first(self, call: Call, tracer: Tracer) -> Any:
        """The result of the traced call itself, where it is all there is.

        The program goes: thousands of terms would be walked by every collection of
        garbage while the function runs eagerly.
        """
        self.program = Program([], [], [])
        for k, _ in self.gradients:
            call.parts[k]._grad = tracer.arguments[k]._grad
        made, self.nodes = list(map(severed, self.nodes)), []
        return rebuilt(self.structure, iter(made))

    # Whether it is the right one ------------------------------------------------------

    def suits(self, parts: Any) -> bool:
        """Whether the arguments are not, by another name, what the step has already."""
        return (
            self.closed.isdisjoint(map(id, parts))
            and all(parts[k] is node for k, node in self.own.items())
            and all(parts[k]._grad is None for k in self.bare)
        )

    def holds(self) -> bool:
        """Whether everything that is no argument is as it was."""
        return self.guards.hold() and self.rest.holds()

    # Running it -----------------------------------------------------------------------

    def attempt(self, args: tuple[Any, ...]) -> Any:
        """As `step`, with whatever Python has to do before or after.

        If the trace is not ``is_simple``, it takes the tensors among the arguments.
        """
        native = self.native
        if native is None or self.looks is None or self.turn.is_mine():
            return None
        with self.turn.taken():
            if not all(look() for look in self.looks):
                return None
            native.choose_threads()
            found = self.step(args)
            if found is None or not native.tables.call.pauses:
                return found
            parts = [args[k] for k in self.places] if self.is_simple else args
            try:
                return self._finished(parts, native.run())  # ``found`` holds the arrays
            except NotRun:
                return None

    def run(self, parts: Any) -> Any:
        """The result for other numbers of the same kind, whatever else has changed."""
        native, guards = self.native, [self.guards.watch, self.rest]
        with self.turn.taken():
            native.choose_threads()
            if self.looked_at is not guards[0] or not native.tables.is_watching():
                native.hold(guards)
                self._look_at(guards)
            native.take([p._data if isinstance(p, Node) else p for p in parts])
            return self._finished(parts, native.run())

    def _look_at(self, guards: list[Watch]) -> None:
        """From the next call on, it is enough that these guards hold."""
        call = self.native.tables.call
        self.looked_at, self.looks = guards[0], guards[0].looks + guards[1].looks
        self.is_direct = self.is_simple and not (self.looks or call.long or call.pauses)
        # `attempt` waits for its turn, so it is not to be declined for having it.
        busy = self.turn.busy if self.is_direct else NOBODY
        call.turn = busy.buffer_info()[0]

    def _finished(self, parts: Any, found: Any) -> Any:
        """The result without the gradients of arguments, which are handed out."""
        if not self.gradients:
            return found
        made = iter(found[self.count :])
        for k, there in self.gradients:
            grad = next(made) if there else None
            part = parts[k]
            is_number = grad is not None and isinstance(part, Value)
            part._grad = float(grad) if is_number else grad  # type: ignore[arg-type]
        return found[0] if self.structure is HOLE else found[: self.count]

    def result(self, found: Any) -> Any:
        """What `step` or `run` returned, in the form that the function gave it."""
        return found if self.structure is HOLE else rebuilt(self.structure, iter(found))


def _rest(tracer: Tracer, guards: Guards) -> Watch:
    """Whether gradients are there or not as they were, and arrays that NumPy used."""
    watch = Watch()
    for node in tracer.without_gradient:
        watch.word(node, NODE["_grad"], None)
    for node in tracer.with_gradient:
        watch.looks.append(partial(_has_gradient, node))
    for array in guards.reach.arrays:
        if id(array) not in tracer.read_again:
            watch.looks.append(partial(_has_bytes, array, array.tobytes()))
    return watch.ready()


def _has_gradient(node: Node) -> bool:
    return node._grad is not None


def _has_bytes(array: np.ndarray[Any, Any], data: bytes) -> bool:
    """Whether an array that NumPy may have computed with is as it was, all of it."""
    return array.tobytes() == data


def why_not(program: Program) -> str:
    """Why a program cannot be compiled, in words; empty if it can be."""
    scalars = 0
    for term in program.ordered():
        scalars += term.op is not None and term.shape == ()
        if term.kind == "opaque":
            place = f" ({term.line[0]}:{term.line[1]})" if term.line else ""
            return f"the op {term.op}{place} is opaque to the compiler"
        if term.dtype not in COMPUTED:
            return f"the compiler does not compute with {term.dtype}"
    if scalars > MOST_SCALARS:  # each has code of its own: half a minute's by then
        return (
            f"it computes {scalars:,} single numbers one by one, and more than "
            f"{MOST_SCALARS:,} take too long to compile; as sg.tensor they would be "
            "computed together"
        )
    return ""


def _as_node(thing: Any, tracer: Tracer) -> Node:
    if isinstance(thing, np.ndarray):
        node = Tensor(thing)
        tracer.read_array(node, thing)
        return node
    assert isinstance(thing, Node)
    return thing
