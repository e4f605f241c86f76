"""`compile`: a function that runs natively from its second call on.

The first call with arguments of some shapes and dtypes runs the function eagerly and
traces it; later calls with arguments of the same kind run the native code. What the
function took for granted is guarded, and another kind of arguments is another trace, so
an answer is never stale.
"""

from __future__ import annotations

import functools
import importlib.util
import warnings
from collections.abc import Callable
from operator import is_
from typing import Any

import numpy as np

from seegrad.compile.guards import Guards
from seegrad.compile.outcomes import CheckFailed, NotRun, Stale
from seegrad.compile.program import Program
from seegrad.compile.trace import Tracer
from seegrad.compile.tree import HOLE, flat, frozen, rebuilt
from seegrad.dtypes import KNOWN, float16
from seegrad.mode import mode, switched
from seegrad.node import NO_SETTINGS, Node, link
from seegrad.tensor import Tensor
from seegrad.value import Value

COMPUTED = set(KNOWN) - {float16}


class Compiled:
    """A function together with the native code of each kind of call it has seen.

    ``traces`` counts how often it was traced and compiled.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        functools.update_wrapper(self, function, updated=())
        self.known: dict[Any, list[Trace]] = {}
        self.latest: Trace | None = None
        self.traces = 0

    @property
    def reason(self) -> str:
        """Why it runs eagerly, in words; empty if it does not."""
        return self.latest.reason if self.latest is not None else ""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        if switched and (mode.tracer is not None or mode.watcher is not None):
            return self.function(*args, **settings)
        latest = self.latest
        if latest is not None and not settings and latest.takes(args):
            parts: Any = args
        else:
            if not _can_compile():
                return self.function(*args, **settings)
            parts = []
            structure = flat((args, settings), parts)
            key = frozen(structure), tuple(map(_kind, parts)), mode.recording
            self.latest = latest = self._found(key)
            if latest is None:
                return self._trace(key, structure, parts, args, settings)
        return self._run(latest, parts, args, settings)

    def explain(self, *args: Any, measure: bool = False, **settings: Any) -> Any:
        """What became of the latest trace, or of that of a call with these arguments.

        ``print`` it, ``save("step.html")`` it, or let a notebook show it. ``measure``
        times every kernel as well. Raises TraceError where there is no native code.
        """
        from seegrad.compile.explain import explained

        trace = self.latest
        if args or settings:
            parts: list[Any] = []
            structure = flat((args, settings), parts)
            key = frozen(structure), tuple(map(_kind, parts)), mode.recording
            trace = self._found(key)
        return explained(self, trace, measure)

    def _run(self, trace: Trace, parts: Any, args: Any, settings: Any) -> Any:
        if trace.native is None:
            return self.function(*args, **settings)
        try:
            return trace.run(parts)
        except NotRun:  # the eager function knows better words for what is wrong
            return self.function(*args, **settings)
        except Stale:
            self.known, self.latest = {}, None
            return self(*args, **settings)

    def _found(self, key: Any) -> Trace | None:
        """The trace of a call of this kind that still holds."""
        traces = self.known.get(key, ())
        return next((t for t in traces if t.guards.hold() and t.fits()), None)

    def _trace(
        self, key: Any, structure: Any, parts: list[Any], args: Any, settings: Any
    ) -> Any:
        tracer = Tracer()
        nodes = [_argument(part) for part in parts]
        for node in nodes:
            tracer.argument(node)
        guards = Guards(self.function)
        try:
            out = tracer.run(self.function, rebuilt(structure, iter(nodes)))
        except CheckFailed:
            return self.function(*args, **settings)
        self.traces += 1
        simple = all(part is arg for part, arg in zip(parts, args, strict=False))
        kinds = list(map(_kind, parts)) if simple and len(parts) == len(args) else None
        trace = Trace(tracer, guards, out, kinds)
        if trace.native is None:
            warnings.warn(
                f"{self.__name__} runs eagerly: {trace.reason}", stacklevel=3
            )
        self.known.setdefault(key, []).insert(0, trace)
        self.latest = trace
        if trace.native is None:
            return trace.first(out)
        tracer.undo()  # the native code takes this step as well: same bits on resuming
        return self._run(trace, parts, args, settings)


class Trace:
    """One traced call: its guards, its native code, and the form of its result."""

    def __init__(self, tracer: Tracer, guards: Guards, out: Any, kinds: Any) -> None:
        self.guards, self.expected = guards, kinds
        self.last: Any = None
        self.recording = mode.recording
        nodes: list[Any] = []
        self.structure = flat(out, nodes)
        self.kinds = [isinstance(node, Value) for node in nodes]
        self.program = tracer.finish([_as_node(node) for node in nodes])
        self.forgotten = list(tracer.used_up)
        self.without = list(tracer.without_gradient)
        self.native: Any = None
        self.reason = why_not(self.program)
        if not self.reason:
            from seegrad.compile.run import Native  # LLVM takes a while to load

            self.native = Native(self.program, tracer.draws)

    def takes(self, args: Any) -> bool:
        """Whether these are arguments like those traced, and all else is as it was."""
        if self.expected is None or len(args) != len(self.expected):
            return False
        if not (self.last is not None and all(map(is_, args, self.last))):
            if list(map(_kind, args)) != self.expected:
                return False
            self.last = args
        if switched and mode.recording != self.recording:
            return False
        return self.guards.hold() and self.fits()

    def fits(self) -> bool:
        """Whether gradients are there, or are not, as they were."""
        for node in self.without:
            if node._grad is not None:
                return False
        return True

    def first(self, out: Any) -> Any:
        """The result of the traced call itself, cut off from its graph."""
        nodes: list[Any] = []
        structure = flat(out, nodes)
        return rebuilt(structure, iter([_leaf(np.asarray(n._data), isinstance(n, Value)) for n in nodes]))

    def run(self, parts: list[Any]) -> Any:
        """The result for other numbers of the same kind."""
        arrays = [part._data if isinstance(part, Node) else part for part in parts]
        assert self.native is not None
        results = self.native.run(arrays)
        for node in self.forgotten:
            node._grad = None
        if self.structure is HOLE:
            return _leaf(results[0], self.kinds[0])
        return rebuilt(self.structure, map(_leaf, results, self.kinds))


@functools.cache
def _can_compile() -> bool:
    """Whether there is a compiler on this platform; if not, it is said once."""
    if importlib.util.find_spec("llvmlite") is not None:
        return True
    warnings.warn(
        "llvmlite is not installed, so compiled functions run eagerly: the numbers are "
        "the same, it only takes longer (pip install llvmlite)",
        stacklevel=4,
    )
    return False


def why_not(program: Program) -> str:
    """Why a program cannot be compiled, in words; empty if it can be."""
    for term in program.ordered():
        if term.kind == "opaque":
            place = f" ({term.line[0]}:{term.line[1]})" if term.line else ""
            return f"the op {term.op}{place} is opaque to the compiler"
        if term.dtype not in COMPUTED:
            return f"the compiler does not compute with {term.dtype}"
    return ""


def _kind(part: Any) -> Any:
    if isinstance(part, Value):
        return "value", part._requires_grad
    if isinstance(part, Tensor):
        data = part._data
        return data.shape, data.dtype, part._requires_grad
    if isinstance(part, np.ndarray):
        return part.shape, part.dtype, None
    return None


def _argument(part: Any) -> Node:
    """A leaf that stands for an argument while a step is traced."""
    if isinstance(part, Value):
        return Value(part._data, requires_grad=part._requires_grad)
    if isinstance(part, Tensor):
        return Tensor._leaf(part._data, part._requires_grad)
    return Tensor(part)


def _as_node(thing: Any) -> Node:
    return thing if isinstance(thing, Node) else Tensor(thing)


def _leaf(array: Any, is_value: bool) -> Node:
    if is_value:
        return Value(float(array), requires_grad=False)
    array.setflags(write=False)
    return link(Tensor, array, None, (), NO_SETTINGS)  # type: ignore[no-any-return]


def compile(function: Callable[..., Any]) -> Compiled:
    """The function as native code: traced at its first call, compiled, then reused.

    Whatever the function does with tensors is compiled, backward passes and updates of
    parameters included; it may not read numbers (`float(x)`, ``if x > 0``). Other
    shapes and dtypes, and changed values that it depends on, are traced anew. Gradients
    that an optimizer used up inside the step are not kept. Raises TraceError.

    >>> import seegrad as sg
    >>> square = compile(lambda x: (x * x).sum())
    >>> square(sg.ones(3)), square(sg.full((3,), 2.0))
    (tensor(3.), tensor(12.))
    >>> square.traces
    1
    """
    return Compiled(function)
