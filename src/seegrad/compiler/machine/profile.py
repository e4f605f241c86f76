"""How long each kernel of a step takes, measured on the numbers of its last run.

A kernel is run again and again, alone. What it computes is thrown away where it is a
result, but parameters are updated, so whoever measures puts them back.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from seegrad.compiler.machine.arrays import DATA
from seegrad.compiler.planning.memory import BEGIN, END


def profiled(native: Any, seconds: float) -> list[float]:
    """Seconds of every kernel, the best of the rounds that fit into ``seconds``."""
    keep = [np.empty(shape, dtype) for _, shape, dtype in native.results]
    for (slot, *_), out in zip(native.results, keep, strict=True):
        native.slots[slot] = id(out) + DATA
    keep += [native._foreign(*array) for array in native.foreign]
    fresh = [native._fresh(*gradient) for gradient in native.gradients]
    found = []
    for row in range(len(native.assembly.rows)):
        native.fixed[BEGIN], native.fixed[END] = row, row + 1
        best, until = float("inf"), perf_counter() + seconds
        while perf_counter() < until:
            begin = perf_counter()
            for _ in range(4):
                native.call()
            best = min(best, (perf_counter() - begin) / 4)
        found.append(best)
    native.fixed[BEGIN], native.fixed[END] = 0, len(native.assembly.rows)
    native.status[0] = 0
    del keep, fresh
    return found
