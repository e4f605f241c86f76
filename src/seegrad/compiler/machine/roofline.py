"""What this machine can do at best, measured: arithmetic per second, bytes per second.

A kernel takes at least the time of its arithmetic, and at least the time to move its
numbers; the longer of the two is its roof (Williams, Waterman and Patterson, 2009). How
fast numbers move depends on how far away they are, so every cache has its own speed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from time import perf_counter
from typing import Any

import numpy as np

from seegrad.compiler.machine.build import build
from seegrad.compiler.machine.host import host

ROUNDS = 20_000
PATIENCE = 0.02  # seconds for each measurement
FAR = 64 << 20  # bytes that fit into no cache of a small machine


@dataclass(frozen=True)
class Roof:
    """The best of one thread, in float32: FLOP/s, and bytes/s by distance.

    ``speeds`` are pairs (so many bytes, bytes/s), from the nearest cache to memory.
    """

    flops: float
    speeds: tuple[tuple[int, float], ...]

    def least(self, flops: float, traffic: int, threads: int) -> tuple[float, str]:
        """The least seconds for so much work, and what bounds it.

        What is run again and again is as near as it can be: where its bytes fit. Each
        thread has caches of its own; memory they share.
        """
        far, slowest = self.speeds[-1]
        speed = next((s for size, s in self.speeds if traffic <= size), slowest)
        near = threads if traffic <= far else 1
        times = {
            "compute": flops / (self.flops * threads),
            "memory": traffic / (speed * near),
        }
        bound = max(times, key=times.__getitem__)
        return times[bound], bound


@cache
def roof() -> Roof:
    """The roof of this machine; measured once, in about a tenth of a second."""
    machine = host()
    wide = 4 * machine.lanes(4)
    text = (files(__package__) / "roof.ll").read_text(encoding="utf-8")
    built = build(Template(text).substitute(vector=f"<{wide} x float>", step=wide))
    kind: Any = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 2)
    add, move = (kind(built.address(name)) for name in ("add", "move"))
    out = np.ones(wide, np.float32)
    place = out.ctypes.data
    seconds = fastest(lambda: add(place, place, ROUNDS, 0), PATIENCE)
    flops = 2 * 3 * wide * ROUNDS / seconds
    sizes = [machine.level_1, machine.level_2, FAR]
    return Roof(flops, tuple((size, _speed(move, size)) for size in sizes))


def _speed(move: Any, size: int) -> float:
    """Bytes per second, read and written, while half of ``size`` is in use."""
    count = 1 << (size // 16).bit_length() - 1  # a power of two, so it can go round
    source, out = np.ones(count, np.float32), np.ones(count, np.float32)
    rounds = max(count, 1 << 18)
    arguments = source.ctypes.data, out.ctypes.data, rounds, count - 1
    return 8 * rounds / fastest(lambda: move(*arguments), PATIENCE)


def fastest(run: Callable[[], Any], patience: float) -> float:
    """Seconds of the fastest of the runs that fit into some time, of five at least."""
    best, until, rounds = float("inf"), perf_counter() + patience, 0
    while rounds < 5 or perf_counter() < until:
        begin = perf_counter()
        run()
        best = min(best, perf_counter() - begin)
        rounds += 1
    return best
