"""One traced call: what it took for granted, its native code, the form of its result.

A trace answers two questions quickly, because they are asked before every run: whether
these arguments are of its kind, and whether all that it depends on is as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from threading import RLock
from typing import Any

import numpy as np

from seegrad.compiler.programs.program import Program
from seegrad.compiler.tracing.call import Call, alike
from seegrad.compiler.tracing.guards import Guards
from seegrad.compiler.tracing.severed import result
from seegrad.compiler.tracing.trace import Tracer
from seegrad.compiler.tracing.tree import HOLE, check_result, flat, rebuilt
from seegrad.compiler.tracing.watch import Watch, written
from seegrad.dtypes import KNOWN, float16
from seegrad.mode import changes, mode, switched
from seegrad.node import Node
from seegrad.tensor import Tensor
from seegrad.value import Value

COMPUTED = set(KNOWN) - {float16}
MOST_SCALARS = 200_000  # operations on single numbers in a program that is compiled
SMALL = 1 << 16  # bytes of an array up to which every number is compared


class Trace:
    """A call that was traced, and its native code.

    ``native`` is None where there is none, and ``reason`` says why.
    """

    def __init__(
        self,
        call: Call,
        own: tuple[int, ...],
        tracer: Tracer,
        guards: Guards,
        out: Any,
        lock: Any = None,
    ) -> None:
        self.guards, self.recording = guards, mode.recording
        self.structure_given = call.structure  # what is told by identity must live on
        self.expected = list(call.kinds) if call.is_simple and _once(call) else None
        self.own = {k: call.parts[k] for k in own}
        self.outside = tracer.outside
        self.closed = set(self.outside).difference(map(id, self.own.values()))
        self.quick = all(isinstance(part, Node) for part in call.parts)
        self.alike = alike(call.parts if self.expected else [], self.closed)
        self.last: Any = None
        self.changes = -1
        nodes: list[Any] = []
        self.structure = flat(out, nodes)
        check_result(self.structure)
        nodes = [_as_node(node, tracer) for node in nodes]
        self.kinds = [isinstance(node, Value) for node in nodes]
        self.needs = [node._requires_grad for node in nodes]
        gradients = tracer.gradients_of_arguments()
        self.gradients = [(k, g is not None) for k, g in gradients.items()]
        self.bare = [
            k for k in gradients if tracer.arguments[k] not in tracer.forgotten
        ]
        nodes += [g for g in gradients.values() if g is not None]
        self.program = tracer.finish(nodes)
        self.forgotten = list(tracer.used_up)
        self.forget = _forgetting(self.forgotten)
        self.fits = _gradients(tracer).made()
        self.copies = [
            (array, _seen(array))
            for array in guards.reach.arrays
            if id(array) not in tracer.read_again
        ]
        self.reason = tracer.reason or why_not(self.program)
        if not self.reason and (tracer.unsettled or not guards.hold()):
            guards.give_up(tracer.unsettled or guards.difference())
            self.reason = f"it changes {guards.restless!r}, which it depends on"
        self.native: Any = None
        self.lock = lock or RLock()
        self.done = [node._data for node in nodes[: len(self.kinds)]]
        if not self.reason:
            self._compile(tracer)

    def _compile(self, tracer: Tracer) -> None:
        from seegrad.compiler.run import Native  # LLVM takes a while to load

        try:
            self.native = Native(self.program, tracer.draws, self.lock)
        except RecursionError:
            self.reason = "it computes too many things, each from the one before it"
        else:
            self.done.clear()

    def first(self, call: Call, tracer: Tracer) -> Any:
        """The result of the traced call itself, where it is all there is.

        The program goes: thousands of terms would be walked by every collection of
        garbage while the function runs eagerly.
        """
        self.program = Program([], [], [])
        for k, _ in self.gradients:
            call.parts[k]._grad = tracer.arguments[k]._grad
        made = [np.array(data) for data in self.done]
        self.done.clear()
        return rebuilt(self.structure, map(result, made, self.kinds, self.needs))

    # Whether it is the right one ------------------------------------------------------

    def takes(self, args: Any) -> bool:
        """Whether these are arguments like those traced, and all else is as it was."""
        if self.last is None or not (
            self.changes == changes[0]
            and len(args) == len(self.last)
            and all(map(is_, args, self.last))
        ):
            if self.expected is None or not self.alike(args):
                return False
            if self.own and not self.suits(args):
                return False
            if self.quick:
                self.last, self.changes = args, changes[0]
        if self.bare and not self._are_bare(args):
            return False
        if self.recording is not (mode.recording if switched else True):
            return False
        return self.holds()

    def suits(self, parts: Any) -> bool:
        """Whether the arguments are not, by another name, what the step has already."""
        return (
            self.closed.isdisjoint(map(id, parts))
            and all(parts[k] is node for k, node in self.own.items())
            and self._are_bare(parts)
        )

    def _are_bare(self, parts: Any) -> bool:
        """Whether no argument has a gradient that would have to be added to."""
        return all(parts[k]._grad is None for k in self.bare)

    def holds(self) -> bool:
        """Whether everything that is no argument is as it was."""
        return (
            self.guards.hold()
            and self.fits()
            and (not self.copies or all(_seen(a) == data for a, data in self.copies))
        )

    # Running it -----------------------------------------------------------------------

    def run(self, parts: Any) -> Any:
        """The result for other numbers of the same kind."""
        if self.quick:
            arrays = [part._data for part in parts]
        else:
            arrays = [p._data if isinstance(p, Node) else p for p in parts]
        with self.lock:
            results = self.native.run(arrays)
            if self.forgotten:
                self.forget()
            if self.gradients:
                self._hand_out(parts, results[len(self.kinds) :])
        if self.structure is HOLE:
            return result(results[0], self.kinds[0], self.needs[0])
        made = map(result, results, self.kinds, self.needs)
        return rebuilt(self.structure, made)

    def _hand_out(self, parts: Any, gradients: Any) -> None:
        """Give the arguments their gradients."""
        made = iter(gradients)
        for k, there in self.gradients:
            grad = next(made) if there else None
            part = parts[k]
            is_number = grad is not None and isinstance(part, Value)
            part._grad = float(grad) if is_number else grad  # type: ignore[arg-type]


def _seen(array: np.ndarray[Any, Any]) -> bytes:
    """The bytes of an array that NumPy may compute with; of a large one, a sample."""
    if array.nbytes > SMALL:
        flat = array.reshape(-1) if array.flags.c_contiguous else array
        array = flat[:: -(-array.nbytes // SMALL)]
    return array.tobytes()


def _once(call: Call) -> bool:
    """Whether no tensor was given twice."""
    return call.first == tuple(range(len(call.first)))


def _forgetting(nodes: list[Node]) -> Callable[[], None]:
    """A function that takes the gradients of these leaves away, at one stroke."""
    names: dict[str, Any] = {f"x{k}": node for k, node in enumerate(nodes)}
    owners = [f"x{k}._grad = " for k in range(len(nodes))]
    code = f"def forget():\n    {''.join(owners)}None\n"
    forget: Callable[[], None] = written(code, names)["forget"]
    return forget


def _gradients(tracer: Tracer) -> Watch:
    """Whether gradients are there, or are not, as they were."""
    watch = Watch()
    for node in tracer.without_gradient:
        watch.attribute(node, "_grad", None)
    for node in tracer.with_gradient:
        watch.not_none(node, "_grad")
    return watch


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
