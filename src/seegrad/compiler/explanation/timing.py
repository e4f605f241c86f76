"""How long each kernel takes, measured without anybody noticing.

To time a kernel is to run it, and some kernels update parameters. Their numbers are
kept aside meanwhile and put back, and so is the stream of random numbers.
"""

from __future__ import annotations

import ctypes
from time import perf_counter
from typing import Any

from seegrad import random
from seegrad.compiler.planning.memory import BEGIN, END
from seegrad.errors import TraceError

CALLS = 50  # of a step without kernels, to know what a call itself takes


def timed(native: Any) -> list[float]:
    """Seconds of every kernel, in the order of the table; what it wrote is undone."""
    with native.lock:
        if not hasattr(native, "call"):
            raise TraceError(
                "the step has not run yet, so there are no numbers to time it with",
                hint="call it once before explain(measure=True)",
            )
        stream = random.state() if native.draws else None
        saved = [(array, array.tobytes()) for array in native.bound]
        drawn = [native._draw(draw) for draw in native.draws]
        try:
            seconds = native.profile()
            empty = _empty(native)
        finally:
            for array, data in saved:
                ctypes.memmove(array.ctypes.data, data, len(data))
            if stream is not None:
                random.set_state(stream)
            del drawn
        return [max(found - empty, 1e-9) for found in seconds]


def _empty(native: Any) -> float:
    """What it takes to call the step and to do nothing."""
    native.fixed[BEGIN], native.fixed[END] = 0, 0
    best = float("inf")
    for _ in range(CALLS):
        begin = perf_counter()
        native.call()
        best = min(best, perf_counter() - begin)
    native.fixed[END] = len(native.assembly.rows)
    return best
