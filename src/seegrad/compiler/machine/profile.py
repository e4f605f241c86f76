"""How long each kernel of a step takes, measured without anybody noticing.

A kernel is run again and again, alone, on the numbers of the last run. Some kernels
update parameters; these numbers are kept aside meanwhile and put back, and so is the
stream of random numbers.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from seegrad import random
from seegrad.compiler.machine.arrays import DATA
from seegrad.compiler.planning.memory import END, TABLE
from seegrad.compiler.planning.table import ALONE, WORDS
from seegrad.errors import TraceError

PATIENCE = 0.002  # seconds for each kernel
LONG = 1e-4  # seconds; shorter kernels are run several times in one call


def profiled(native: Any) -> list[float]:
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
            empty = min(
                _called(native, array("q")) for _ in range(5)
            )  # the call itself
            kernels = range(len(native.assembly.rows))
            return [_seconds(native, k, empty) for k in kernels]
        finally:
            _use(native, native.table)
            native.status[0] = 0
            for numbers, data in saved:
                ctypes.memmove(numbers.ctypes.data, data, len(data))
            if native.draws:
                random.set_state(stream)


def _seconds(native: Any, kernel: int, empty: float) -> float:
    """What one kernel takes, of as many as make a call long."""
    bits, function, places = native.table[kernel * WORDS : (kernel + 1) * WORDS]
    row = array("q", [bits & ALONE, function, places])  # it neither waits nor checks
    many = 1 + int(LONG / _called(native, row))
    return max(_called(native, row * many) - empty, 1e-9) / many


def _called(native: Any, table: array[int]) -> float:
    """The seconds of a call that goes through this table."""
    _use(native, table)
    return fastest(native.call, PATIENCE)


def _use(native: Any, table: array[int]) -> None:
    native.fixed[TABLE], length = table.buffer_info()
    native.fixed[END] = length // WORDS


def fastest(run: Callable[[], Any], patience: float) -> float:
    """The seconds of the fastest of the runs that fit into some time, at least five."""
    best, until, rounds = float("inf"), perf_counter() + patience, 0
    while rounds < 5 or perf_counter() < until:
        begin = perf_counter()
        run()
        best = min(best, perf_counter() - begin)
        rounds += 1
    return best
