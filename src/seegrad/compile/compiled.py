"""`compile`: a function that runs natively from its second call on.

The first call with arguments of some shapes and dtypes runs the function eagerly and
traces it; later calls with arguments of the same kind run the native code. What the
function took for granted is guarded, and another kind of arguments is another trace, so
an answer is never stale.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from seegrad.compile.guards import Guards
from seegrad.compile.run import Native, NotRun
from seegrad.compile.trace import CheckFailed, Tracer
from seegrad.compile.tree import flat, frozen, rebuilt
from seegrad.mode import mode
from seegrad.node import Node
from seegrad.tensor import Tensor
from seegrad.value import Value


class Compiled:
    """A function together with the native code of each kind of call it has seen.

    ``traces`` counts how often it was traced and compiled.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        functools.update_wrapper(self, function, updated=())
        self.known: dict[Any, list[Trace]] = {}
        self.traces = 0

    def __call__(self, *args: Any, **settings: Any) -> Any:
        if mode.tracer is not None or mode.watcher is not None:
            return self.function(*args, **settings)
        parts: list[Any] = []
        structure = flat((args, settings), parts)
        key = frozen(structure), tuple(map(_kind, parts)), mode.recording
        for trace in self.known.get(key, ()):
            if trace.guards.hold() and trace.fits():
                return self._run(trace, parts, args, settings)
        return self._trace(key, structure, parts, args, settings)

    def _run(self, trace: Trace, parts: list[Any], args: Any, settings: Any) -> Any:
        try:
            return trace.run(parts)
        except NotRun:
            return self.function(*args, **settings)

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
        trace = Trace(tracer, guards, out)
        self.known.setdefault(key, []).insert(0, trace)
        return trace.first(out)


class Trace:
    """One traced call: its guards, its native code, and the form of its result."""

    def __init__(self, tracer: Tracer, guards: Guards, out: Any) -> None:
        self.guards = guards
        nodes: list[Any] = []
        self.structure = flat(out, nodes)
        self.kinds = [isinstance(node, Value) for node in nodes]
        self.program = tracer.finish([_as_node(node) for node in nodes])
        self.forgotten = list(tracer.used_up)
        self.without = list(tracer.without_gradient)
        self.native = Native(self.program, tracer.draws)

    def fits(self) -> bool:
        """Whether gradients are there, or are not, as they were."""
        return all(node._grad is None for node in self.without)

    def first(self, out: Any) -> Any:
        """The result of the traced call itself, cut off from its graph."""
        nodes: list[Any] = []
        structure = flat(out, nodes)
        return rebuilt(structure, iter([_leaf(np.asarray(n._data), isinstance(n, Value)) for n in nodes]))

    def run(self, parts: list[Any]) -> Any:
        """The result for other numbers of the same kind."""
        arrays = [part._data if isinstance(part, Node) else part for part in parts]
        results = self.native.run(arrays)
        for node in self.forgotten:
            node._grad = None
        made = map(_leaf, results, self.kinds)
        return rebuilt(self.structure, made)


def _kind(part: Any) -> Any:
    if isinstance(part, Value):
        return "value", part._requires_grad
    if isinstance(part, Tensor):
        return part._data.shape, part._data.dtype, part._requires_grad
    return part.shape, part.dtype, False


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
    return Tensor._leaf(array, False)


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
