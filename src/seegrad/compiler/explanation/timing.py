"""How long each kernel takes, measured without anybody noticing.

To time a kernel is to run it, again and again and alone, on arguments that are all ones
(or zeros, where they count something). Some kernels update parameters: their numbers
are kept aside meanwhile and put back, and so is the stream of random numbers.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np

from seegrad import random
from seegrad.compiler.machine.roofline import fastest
from seegrad.compiler.machine.threads import team
from seegrad.compiler.planning.memory import END, TABLE
from seegrad.compiler.planning.table import ALONE, WORDS

SECONDS = 0.002  # for each kernel
LONG = 1e-4  # seconds of a call; kernels that are shorter run several times in one


def timed(trace: Any) -> list[float]:
    """Seconds of every kernel, in the order of the table; what it wrote is undone."""
    native = trace.native
    with trace.turn.taken():
        native.hold([trace.guards.watch, trace.rest])
        native.take(_stand_ins(native))
        native.choose_threads()
        stream = random.state()
        saved = [(numbers, numbers.tobytes()) for numbers in native.bound]
        keep = [native._draw(draw) for draw in native.draws]
        keep += [native._fresh(*gradient) for gradient in native.gradients]
        for slot, _, term in native.results:
            keep.append(np.empty(term.shape, term.dtype))
            native.point(slot, keep[-1])
        try:
            return list(_each(native))
        finally:
            _use(native, native.table)
            native.status[0] = 0
            for numbers, data in saved:
                ctypes.memmove(numbers.ctypes.data, data, len(data))
            if native.draws:
                random.set_state(stream)


def _stand_ins(native: Any) -> list[Any]:
    """Arguments that any step can be run with."""
    leaves = {native.layout.slot(t.source): t for t in native.schedule.leaves}
    found: list[Any] = [None] * (1 + max(native.dtypes, default=0))
    for slot, position in native.arguments:
        shape, dtype = leaves[slot].shape, leaves[slot].dtype
        found[position] = np.full(shape, dtype.kind == "f", dtype)
    return found


def _each(native: Any) -> Iterator[float]:
    """The time of each kernel, from calls that go through tables with nothing else."""
    dispatch, job = team.open()[0].dispatch, ctypes.byref(native.job)

    def seconds(table: array[int]) -> float:
        _use(native, table)
        return fastest(lambda: dispatch(job), SECONDS)

    empty = min(seconds(array("q")) for _ in range(5))  # to call and to do nothing
    for begin in range(0, len(native.assembly.rows) * WORDS, WORDS):
        bits, function, places = native.table[begin : begin + WORDS]
        row = array("q", [bits & ALONE, function, places])  # no waiting, no checks
        many = 1 + int(LONG / seconds(row))
        yield max(seconds(row * many) - empty, 1e-9) / many


def _use(native: Any, table: array[int]) -> None:
    native.fixed[TABLE], length = table.buffer_info()
    native.fixed[END] = length // WORDS
