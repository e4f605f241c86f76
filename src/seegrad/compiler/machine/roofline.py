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
from time import perf_counter
from typing import Any

import numpy as np

from seegrad.compiler.machine.build import build
from seegrad.compiler.machine.host import Host, host

SUMS = 12  # independent sums: as many as hide the latency of one
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

    def speed(self, working_set: int) -> float:
        """Bytes per second while so many bytes are in use."""
        return next((s for size, s in self.speeds if working_set <= size), self.far)

    @property
    def far(self) -> float:
        """Bytes per second from and to memory."""
        return self.speeds[-1][1]

    def seconds(
        self, flops: float, traffic: float, working_set: int, threads: int
    ) -> float:
        """The least time that so much arithmetic and traffic take."""
        near = working_set <= self.speeds[-1][0]
        speed = self.speed(working_set) * (threads if near else 1)
        return max(flops / (self.flops * threads), traffic / speed)

    def is_memory_bound(self, intensity: float, working_set: int) -> bool:
        """Whether memory is slower than arithmetic at so many FLOPs for each byte."""
        return intensity * self.speed(working_set) < self.flops


@cache
def roof() -> Roof:
    """The roof of this machine; measured once, in about a tenth of a second."""
    machine = host()
    lanes = machine.lanes(4)
    built = build(_module(machine, lanes))
    kind: Any = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 2)
    add, move = (kind(built.address(name)) for name in ("add", "move"))
    out = np.ones(SUMS * lanes, np.float32)
    place = out.ctypes.data
    seconds = _best(lambda: add(place, place, ROUNDS, 0))
    flops = 2 * SUMS * lanes * ROUNDS / seconds
    sizes = [machine.level_1, machine.level_2, FAR]
    return Roof(flops, tuple((size, _speed(move, size)) for size in sizes))


def _speed(move: Any, size: int) -> float:
    """Bytes per second, read and written, while half of ``size`` is in use."""
    count = 1 << (size // 16).bit_length() - 1  # a power of two, so it can go round
    source, out = np.ones(count, np.float32), np.ones(count, np.float32)
    rounds = max(count, 1 << 18)
    arguments = source.ctypes.data, out.ctypes.data, rounds, count - 1
    return 8 * rounds / _best(lambda: move(*arguments))


def _best(run: Callable[[], None]) -> float:
    best, until = float("inf"), perf_counter() + PATIENCE
    while perf_counter() < until or best == float("inf"):
        begin = perf_counter()
        run()
        best = min(best, perf_counter() - begin)
    return best


def _module(machine: Host, lanes: int) -> str:
    """Two loops in LLVM's language: sums in registers, and a copy that adds 1."""
    vector = f"<{lanes} x float>"
    half = "splat (float 0x3FE0000000000000)"
    phis, steps, stores = [], [], []
    for k in range(SUMS):
        phis.append(f"  %s{k} = phi {vector} [ {half}, %entry ], [ %n{k}, %loop ]")
        if machine.fused:
            arguments = f"{vector} %s{k}, {vector} {half}, {vector} {half}"
            steps.append(f"  %n{k} = call {vector} @llvm.fma.v{lanes}f32({arguments})")
        else:
            steps.append(f"  %m{k} = fmul {vector} %s{k}, {half}")
            steps.append(f"  %n{k} = fadd {vector} %m{k}, {half}")
        stores.append(f"  %p{k} = getelementptr {vector}, ptr %out, i64 {k}")
        stores.append(f"  store {vector} %n{k}, ptr %p{k}, align 4")
    moves = []
    for k in range(4):
        moves += [
            f"  %i{k} = add i64 %i, {k * lanes}",
            f"  %j{k} = and i64 %i{k}, %mask",
            f"  %a{k} = getelementptr float, ptr %source, i64 %j{k}",
            f"  %b{k} = getelementptr float, ptr %out, i64 %j{k}",
            f"  %v{k} = load {vector}, ptr %a{k}, align 4",
            f"  %w{k} = fadd {vector} %v{k}, {half}",
            f"  store {vector} %w{k}, ptr %b{k}, align 4",
        ]
    first = _loop("add", "%rounds", 1, phis, steps, stores)
    second = _loop("move", "%count", 4 * lanes, [], moves, [])
    fma = f"declare {vector} @llvm.fma.v{lanes}f32({vector}, {vector}, {vector})"
    return "\n\n".join([first, second, fma if machine.fused else ""])


def _loop(
    name: str, stop: str, step: int, phis: list[str], body: list[str], end: list[str]
) -> str:
    """A function with one loop."""
    pointers = "ptr noalias %source, ptr noalias %out"
    lines = [
        f"define void @{name}({pointers}, i64 {stop}, i64 %mask) {{",
        "entry:",
        "  br label %loop",
        "loop:",
        "  %i = phi i64 [ 0, %entry ], [ %next, %loop ]",
        *phis,
        *body,
        f"  %next = add i64 %i, {step}",
        f"  %more = icmp slt i64 %next, {stop}",
        "  br i1 %more, label %loop, label %done",
        "done:",
        *end,
        "  ret void",
        "}",
    ]
    return "\n".join(lines)
