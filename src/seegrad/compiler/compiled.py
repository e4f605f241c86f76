"""`compile`: a function that runs natively from its second call on.

The first call with arguments of some shapes and dtypes runs the function eagerly and
traces it; later calls with arguments of the same kind run the native code. What the
function took for granted is guarded, and another kind of arguments is another trace, so
an answer is never stale.
"""

from __future__ import annotations

import functools
import importlib.util
import types
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

from seegrad.compiler.machine.objects import are_known
from seegrad.compiler.traced import Trace, Turn
from seegrad.compiler.tracing.call import Call
from seegrad.compiler.tracing.guards import Guards
from seegrad.compiler.tracing.outcomes import CheckFailed, NotRun, Stale
from seegrad.compiler.tracing.trace import Tracer
from seegrad.compiler.tracing.tree import HOLE, rebuilt
from seegrad.errors import TraceError
from seegrad.mode import mode, switched

MOST_TRACES = 8  # of one kind of arguments; then it runs eagerly instead


class Compiled:
    """A function together with the native code of each kind of call it has seen.

    ``traces`` counts how often it was traced and compiled.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        functools.update_wrapper(self, function, updated=())
        self.known: dict[Any, list[Trace]] = {}
        self.families: Counter[Any] = Counter()  # traces of each kind of arguments
        self.latest: Trace | None = None
        self.traces = 0
        self.turn = Turn()  # one trace or one run at a time: they share parameters
        self.changed = ""  # what the function itself changed last, in words
        self.given_up = ""

    @property
    def reason(self) -> str:
        """Why it runs eagerly, in words; empty if it does not."""
        return self.latest.reason if self.latest is not None else self.given_up

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self) -> Any:  # a copy compiles for itself
        return Compiled, (self.function,)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        if switched and (mode.tracer is not None or mode.watcher is not None):
            return self.function(*args, **settings)
        trace = self.latest
        if (
            trace is not None
            and trace.is_simple
            and not settings
            and trace.recording is (mode.recording if switched else True)
        ):
            found = (trace.step if trace.is_direct else trace.attempt)(args)
            if found is not None:
                return found if trace.structure is HOLE else trace.result(found)
        return self._look(args, settings)

    def _look(self, args: Any, settings: Any) -> Any:
        """A longer look at the kind of this call, for which there may be a trace."""
        if not _can_compile() or self.turn.is_mine():
            return self.function(*args, **settings)
        call = Call(args, settings)
        if call.has_history:
            return self.function(*args, **settings)
        for known in self.known.get(call.key, ()):
            found = known.attempt(args if known.is_simple else tuple(call.parts))
            if found is not None:
                self.latest = known
                return known.result(found)
        with self.turn.taken():
            trace = self._found(call)
            if trace is None and self._may_trace(call):
                try:
                    trace, out = self._traced(call)
                except CheckFailed:  # run eagerly, it says what is wrong
                    return self.function(*args, **settings)
                if trace is None:
                    return out
        self.latest = trace or self.latest
        if trace is None or trace.native is None:
            return self.function(*args, **settings)
        try:
            return trace.result(trace.run(call.parts))
        except NotRun:  # the eager function knows better words for what is wrong
            return self.function(*args, **settings)
        except Stale:
            with self.turn.taken():
                self.known, self.latest = {}, None
            return self(*args, **settings)

    def explain(self, *args: Any, measure: bool = False, **settings: Any) -> Any:
        """What became of the latest trace, or of that of a call with these arguments.

        ``print`` it, ``save("step.html")`` it, or let a notebook show it. ``measure``
        times every kernel as well. Raises TraceError where there is no native code.
        """
        if _obstacle():
            raise TraceError(f"there is no code to explain: {_obstacle()}")
        from seegrad.compiler.explain import Explanation

        trace = self.latest
        if args or settings:
            trace = self._found(Call(args, settings))
        return Explanation(self, trace, measure)

    def _found(self, call: Call) -> Trace | None:
        """The trace of a call of this kind that still holds."""
        known = self.known.get(call.key, ())
        return next((t for t in known if t.suits(call.parts) and t.holds()), None)

    def _may_trace(self, call: Call) -> bool:
        """Whether this may yet be a kind of call that settles down."""
        if self.families[call.family] < MOST_TRACES:
            return True
        if not self.given_up:
            self._give_up(call)
        return False

    def _traced(
        self, call: Call, own: tuple[int, ...] = ()
    ) -> tuple[Trace | None, Any]:
        """A new trace to be run natively; or the result, where it cannot be.

        The arguments in ``own`` are compiled for themselves: only they will do.
        """
        tracer, guards = Tracer(), Guards(self.function, *call.objects)
        tracer.chance.notice(guards.reach.generators)
        undo = True
        try:
            nodes = tracer.arguments_of(call, own)
            out = tracer.run(self.function, rebuilt(call.structure, iter(nodes)))
            more = sorted({*own, *tracer.entangled(call)})
            if len(more) == len(own):
                trace = Trace(call, own, tracer, guards, out, self.turn)
                self._keep(call, trace)
                undo = trace.native is not None
                return (trace, None) if undo else (None, trace.first(call, tracer))
        finally:
            if undo:  # what runs now takes this step as well: same bits on resuming
                tracer.undo()
        return self._traced(call, tuple(more))

    def _keep(self, call: Call, trace: Trace) -> None:
        self.families[call.family] += 1
        if trace.guards.restless:
            self.changed = trace.guards.restless
            return
        self.traces += 1
        self.latest = trace
        self.known.setdefault(call.key, []).insert(0, trace)
        if trace.native is None:
            self._warn(f"{name_of(self)} runs eagerly: {trace.reason}")

    def _give_up(self, call: Call) -> None:
        """It was traced so often that the next time will not be the last."""
        known = self.known.get(call.key, ())
        changed = self.changed or next((t.guards.difference() for t in known), "")
        what = f"{changed!r} changed" if changed else "its arguments changed"
        self.given_up = (
            f"it was traced {MOST_TRACES} times for arguments of the same shapes, "
            f"because {what} each time, which is fixed in compiled code"
        )
        hint = "pass numbers that change as sg.tensor(...)"
        self._warn(f"{name_of(self)} runs eagerly from now on: {self.given_up}; {hint}")

    def _warn(self, words: str) -> None:
        warnings.warn(words, stacklevel=6)


def name_of(function: Any) -> str:
    """What to call a function in a message."""
    name = getattr(function, "__name__", "")
    return str(name or type(getattr(function, "function", function)).__name__)


def _obstacle() -> str:
    """Why nothing can be compiled on this platform, or nothing."""
    if importlib.util.find_spec("llvmlite") is None:
        return "llvmlite is not installed (pip install llvmlite)"
    if not are_known():
        return "this Python keeps its objects in another way than CPython on 64 bits"
    return ""


@functools.cache
def _can_compile() -> bool:
    """Whether there is a compiler on this platform; if not, it is said once."""
    if _obstacle():
        warnings.warn(
            f"{_obstacle()}, so compiled functions run eagerly: the numbers are the "
            "same, it only takes longer",
            stacklevel=4,
        )
    return not _obstacle()


def compile(function: Callable[..., Any]) -> Compiled:
    """The function as native code: traced at its first call, compiled, then reused.

    Whatever it does with tensors is compiled, backward passes and updates included; it
    may not read numbers (`float(x)`, ``if x > 0``): TraceError. Other shapes, dtypes
    and changed Python values are traced anew; after 8 such values it runs eagerly and
    warns. Gradients that an update used up are not kept, results have no graph.

    >>> import seegrad as sg
    >>> square = compile(lambda x: (x * x).sum())
    >>> square(sg.ones(3)), square(sg.full((3,), 2.0))
    (tensor(3.), tensor(12.))
    >>> square.traces
    1
    """
    return Compiled(function)
