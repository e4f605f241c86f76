"""How long each kernel takes, measured without anybody noticing.

To time a kernel is to run it, again and again and alone, on the numbers of the last
run. Some kernels update parameters: their numbers are kept aside meanwhile and put
back, and so is the stream of random numbers.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from seegrad import random
from seegrad.compiler.machine.arrays import DATA
from seegrad.compiler.machine.roofline import fastest
from seegrad.compiler.planning.memory import END, TABLE
from seegrad.compiler.planning.table import ALONE, WORDS
from seegrad.errors import TraceError

SECONDS = 0.002  # for each kernel
LONG = 1e-4  # seconds of a call; kernels that are shorter run several times in one


def timed(native: Any) -> list[float]:
    """Seconds of every kernel, in the order of the table; what it wrote is undone."""
    with native.lock:
        if not hasattr(native, "call"):
            raise TraceError(
                "the step has not run yet, so there are no numbers to time it with",
                hint="call it once before explain(measure=True)",
            )
        stream = random.state()
        saved = [(numbers, numbers.tobytes()) for numbers in native.bound]
        keep = [native._draw(draw) for draw in native.draws]
        keep += [native._foreign(*given) for given in native.foreign]
        keep += [native._fresh(*gradient) for gradient in native.gradients]
        for slot, shape, dtype in native.results:
            keep.append(np.empty(shape, dtype))
            native.slots[slot] = id(keep[-1]) + DATA
        try:
            return list(_each(native, native.call))
        finally:
            _use(native, native.table)
            native.status[0] = 0
            for numbers, data in saved:
                ctypes.memmove(numbers.ctypes.data, data, len(data))
            if native.draws:
                random.set_state(stream)


def _each(native: Any, call: Callable[[], Any]) -> Iterator[float]:
    """The time of each kernel, from calls that go through tables with nothing else."""

    def seconds(table: array[int]) -> float:
        _use(native, table)
        return fastest(call, SECONDS)

    empty = min(seconds(array("q")) for _ in range(5))  # to call and to do nothing
    for begin in range(0, len(native.assembly.rows) * WORDS, WORDS):
        bits, function, places = native.table[begin : begin + WORDS]
        row = array("q", [bits & ALONE, function, places])  # no waiting, no checks
        many = 1 + int(LONG / seconds(row))
        yield max(seconds(row * many) - empty, 1e-9) / many


def _use(native: Any, table: array[int]) -> None:
    native.fixed[TABLE], length = table.buffer_info()
    native.fixed[END] = length // WORDS
