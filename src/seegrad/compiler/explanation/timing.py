"""How long each kernel takes, measured without anybody noticing.

To time a kernel is to run it, again and again and alone, on arguments that are all ones
(or zeros, where they count something). Some kernels update parameters: their numbers
are kept aside meanwhile and put back, and so is the stream of random numbers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from seegrad import random
from seegrad.compiler.machine.threads import team
from seegrad.compiler.planning.memory import BEGIN, END

CALLS = 50  # of a step without kernels, to know what a call itself takes
SECONDS = 0.002  # for each kernel


def timed(trace: Any) -> list[float]:
    """Seconds of every kernel, in the order of the table; what it wrote is undone."""
    native = trace.native
    with trace.turn.taken():
        leaves = {native.layout.slot(t.source): t for t in native.schedule.leaves}
        stand_ins: list[Any] = [None] * (1 + max(native.dtypes, default=0))
        for slot, position in native.arguments:
            shape, dtype = leaves[slot].shape, leaves[slot].dtype
            stand_ins[position] = np.full(shape, dtype.kind == "f", dtype)
        native.hold([trace.guards.watch, trace.rest])
        native.take(stand_ins)
        native.choose_threads()
        stream = random.state() if native.draws else None
        saved = [(array, array.tobytes()) for array in native.bound]
        outputs = [np.empty(term.shape, term.dtype) for _, _, term in native.results]
        for (slot, _, _), output in zip(native.results, outputs, strict=True):
            native.point(slot, output)
        drawn = [native._draw(draw) for draw in native.draws]
        fresh = [native._fresh(*gradient) for gradient in native.gradients]
        try:
            seconds = _each(native)
        finally:
            for array, data in saved:
                ctypes.memmove(array.ctypes.data, data, len(data))
            if stream is not None:
                random.set_state(stream)
            del outputs, drawn, fresh
        return seconds


def _each(native: Any) -> list[float]:
    """The best time of each kernel, less what it takes to call and to do nothing."""
    layout = native.tables.call
    call = team.runner(layout.step, layout.slots, native.threads)
    rows, found = native.fixed[END], []
    native.fixed[BEGIN], native.fixed[END] = 0, 0
    empty = min(_seconds(call, 1) for _ in range(CALLS))
    for row in range(len(native.assembly.rows)):
        native.fixed[BEGIN], native.fixed[END] = row, row + 1
        best, until = float("inf"), perf_counter() + SECONDS
        while perf_counter() < until:
            best = min(best, _seconds(call, 4))
        found.append(max(best - empty, 1e-9))
    native.fixed[BEGIN], native.fixed[END] = 0, rows
    return found


def _seconds(call: Callable[[], None], times: int) -> float:
    begin = perf_counter()
    for _ in range(times):
        call()
    return (perf_counter() - begin) / times
