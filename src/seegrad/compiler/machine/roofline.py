"""What this machine can do at best, measured: arithmetic per second, bytes per second.

A kernel takes at least the time of its arithmetic, and at least the time to move its
numbers; the longer of the two is its roof (Williams, Waterman and Patterson, 2009). How
fast numbers move depends on how far away they are, so every cache has its own speed.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir

from seegrad.compiler.machine.build import build
from seegrad.compiler.machine.host import host
from seegrad.compiler.machine.profile import fastest
from seegrad.compiler.registers.loops import INDEX, POINTER, Loops
from seegrad.compiler.registers.register import FLAGS, llvm_type

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
    lanes = machine.lanes(4)
    built = build(_module(lanes))
    kind: Any = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 2)
    add, move = (kind(built.address(name)) for name in ("add", "move"))
    out = np.ones(SUMS * lanes, np.float32)
    place = out.ctypes.data
    seconds = fastest(lambda: add(place, place, ROUNDS, 0), PATIENCE)
    flops = 2 * SUMS * lanes * ROUNDS / seconds
    sizes = [machine.level_1, machine.level_2, FAR]
    return Roof(flops, tuple((size, _speed(move, size)) for size in sizes))


def _speed(move: Any, size: int) -> float:
    """Bytes per second, read and written, while half of ``size`` is in use."""
    count = 1 << (size // 16).bit_length() - 1  # a power of two, so it can go round
    source, out = np.ones(count, np.float32), np.ones(count, np.float32)
    rounds = max(count, 1 << 18)
    arguments = source.ctypes.data, out.ctypes.data, rounds, count - 1
    return 8 * rounds / fastest(lambda: move(*arguments), PATIENCE)


def _module(lanes: int) -> ir.Module:
    """``add`` sums up in registers, ``move`` copies numbers and adds a half to each."""
    module, vector = ir.Module("roof"), llvm_type("float32", lanes)
    half = ir.Constant(vector, [0.5] * lanes)
    kind = ir.FunctionType(ir.VoidType(), [POINTER, POINTER, INDEX, INDEX])
    add, move = ir.Function(module, kind, "add"), ir.Function(module, kind, "move")
    for pointer in (*add.args[:2], *move.args[:2]):
        pointer.add_attribute("noalias")

    loops, (_, out, rounds, _) = Loops(add), add.args
    b = loops.builder

    def next_sums(_: Any, *now: Any) -> list[Any]:
        halves = [b.fmul(x, half, flags=FLAGS) for x in now]
        return [b.fadd(x, half, flags=FLAGS) for x in halves]

    sums = loops.loop(0, rounds, next_sums, carried=[half] * SUMS)
    for k, total in enumerate(sums):
        place = b.gep(out, [loops.count(k)], source_etype=vector)
        b.store(total, place, align=4)
    b.ret_void()

    loops, (source, target, count, mask) = Loops(move), move.args
    c = loops.builder

    def four_vectors(i: Any) -> None:
        for k in range(4):
            index = c.and_(c.add(i, loops.count(k * lanes)), mask)
            place = c.gep(source, [index], source_etype=vector.element)
            number = c.fadd(c.load(place, typ=vector, align=4), half)
            place = c.gep(target, [index], source_etype=vector.element)
            c.store(number, place, align=4)

    loops.loop(0, count, four_vectors, step=4 * lanes)
    c.ret_void()
    return module
