"""What this machine can do at best: multiply-adds a second, and bytes a second.

Two loops in LLVM's language, compiled here with llvmlite: one does nothing but
multiply-adds in registers, the other reads four arrays and writes three, as Adam does.
No step can be faster than its operations at the first rate, or its bytes at the second.
Run by the harness: python -m bench.harness.limits THREADS FOOTPRINT...
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from time import perf_counter
from typing import Any

CHAINS = 12  # more than latency x units, and few enough for sixteen registers
READ, WRITTEN = 4, 3
BLOCK, ROUNDS = 0.01, 30  # the best of many: others may use the machine


def vector_width(features: Any) -> int:
    """How many floats one register holds.

    >>> vector_width({"avx2": True, "avx": True}), vector_width({})
    (8, 4)
    """
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx") else 4


def multiply_adds(width: int) -> str:
    """The loop of `CHAINS` independent multiply-adds, ``count`` times."""
    vector = f"<{width} x float>"
    fma = f"@llvm.fma.v{width}f32"
    chains = range(CHAINS)
    near_one = constant(0.999, width)
    phis = [
        f"%x{i} = phi {vector} [zeroinitializer, %entry], [%y{i}, %loop]"
        for i in chains
    ]
    steps = [
        f"%y{i} = call {vector} {fma}({vector} %x{i}, {vector} {near_one}, "
        f"{vector} {near_one})"
        for i in chains
    ]
    sums = [f"%s0 = fadd {vector} %y0, %y1"]
    sums += [f"%s{i - 1} = fadd {vector} %s{i - 2}, %y{i}" for i in chains[2:]]
    return "\n".join(
        [
            f"declare {vector} {fma}({vector}, {vector}, {vector})",
            "define void @multiply_adds(i64 %count, ptr %out) {",
            "entry:\n br label %loop",
            "loop:\n %n = phi i64 [0, %entry], [%next, %loop]",
            *phis,
            *steps,
            "%next = add i64 %n, 1\n %more = icmp ult i64 %next, %count",
            "br i1 %more, label %loop, label %done\ndone:",
            *sums,
            f"store {vector} %s{CHAINS - 2}, ptr %out, align 4\n ret void\n}}",
        ]
    )


def traffic(width: int) -> str:
    """The loop over p, m, v and g: it reads all and writes the first three."""
    vector, names = f"<{width} x float>", "pmvg"
    small = constant(2.0**-40, width)
    arrays = ", ".join(f"ptr %{name}" for name in names)
    lines = [
        f"define void @traffic(i64 %repeats, i64 %count, {arrays}) {{",
        "entry:\n br label %again",
        "again:\n %r = phi i64 [0, %entry], [%later, %over]\n br label %loop",
        "loop:\n %i = phi i64 [0, %again], [%next, %loop]",
    ]
    for name in names:
        lines.append(f"%{name}a = getelementptr float, ptr %{name}, i64 %i")
        lines.append(f"%{name}x = load {vector}, ptr %{name}a, align 4")
    for name, other in pairwise(names):
        lines.append(f"%{name}s = fmul {vector} %{other}x, {small}")
        lines.append(f"%{name}y = fadd {vector} %{name}x, %{name}s")
        lines.append(f"store {vector} %{name}y, ptr %{name}a, align 4")
    lines += [
        f"%next = add i64 %i, {width}\n %more = icmp ult i64 %next, %count",
        "br i1 %more, label %loop, label %over",
        "over:\n %later = add i64 %r, 1\n %go = icmp ult i64 %later, %repeats",
        "br i1 %go, label %again, label %done\ndone:\n ret void\n}",
    ]
    return "\n".join(lines)


def constant(number: float, width: int) -> str:
    """A register full of one number.

    >>> constant(1.0, 2)
    '<float 0x3FF0000000000000, float 0x3FF0000000000000>'
    """
    return f"<{', '.join([f'float {hexadecimal(number)}'] * width)}>"


def hexadecimal(number: float) -> str:
    """A float32 as LLVM writes it: the bits of the double that it is equal to.

    >>> hexadecimal(1.0)
    '0x3FF0000000000000'
    """
    exact = ctypes.c_float(number).value
    bits = int.from_bytes(bytes(ctypes.c_double(exact)), sys.byteorder)
    return f"0x{bits:016X}"


class Loops:
    """Both loops as native functions. ``width`` is that of a register, in floats."""

    def __init__(self) -> None:
        from llvmlite import binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        features = llvm.get_host_cpu_features()
        self.width = vector_width(features)
        machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=features.flatten(), opt=3
        )
        text = f"{multiply_adds(self.width)}\n{traffic(self.width)}"
        self.engine = llvm.create_mcjit_compiler(llvm.parse_assembly(text), machine)
        self.engine.finalize_object()
        self.multiply_adds = self._function("multiply_adds", 1, 1)
        self.traffic = self._function("traffic", 2, 4)

    def _function(self, name: str, counts: int, pointers: int) -> Any:
        types = [ctypes.c_int64] * counts + [ctypes.c_void_p] * pointers
        address = self.engine.get_function_address(name)
        return ctypes.CFUNCTYPE(None, *types)(address)


def rate(works: Sequence[Callable[[int], float]]) -> float:
    """The best rate of several rounds, one thread for each work, all together.

    ``work(repeats)`` does it so many times, and says how much that was.
    """
    repeats, took = 1, 0.0
    while took < BLOCK:
        start = perf_counter()
        works[0](repeats)
        took = perf_counter() - start
        repeats *= 1 if took >= BLOCK else 2
    rates = []
    with ThreadPoolExecutor(len(works)) as pool:
        for _ in range(ROUNDS):
            start = perf_counter()
            done = sum(pool.map(lambda work: work(repeats), works))
            rates.append(done / (perf_counter() - start))
    return max(rates)


def operations_per_second(loops: Loops, threads: int) -> float:
    """Floating-point operations a second: two for each multiply-add."""

    def work(repeats: int) -> float:
        out = (ctypes.c_float * loops.width)()
        loops.multiply_adds(1000 * repeats, ctypes.addressof(out))
        return 1000.0 * repeats * CHAINS * loops.width * 2

    return rate([work] * threads)


def bytes_per_second(loops: Loops, threads: int, footprint: int) -> float:
    """Bytes read and written a second, going over the same bytes again and again."""
    share = footprint // (4 * READ * threads)
    count = max(loops.width, share - share % loops.width)
    return rate([mover(loops, count) for _ in range(threads)])


def mover(loops: Loops, count: int) -> Callable[[int], float]:
    """The work of one thread on four arrays of its own, of ``count`` floats each."""
    stride = 4 * count + 64  # a cache line between two arrays
    room = (ctypes.c_char * (READ * stride + 64))()
    start = ctypes.addressof(room)
    places = [start + -start % 64 + i * stride for i in range(READ)]
    ctypes.memset(room, 0, len(room))  # the system hands out memory that is written to

    def work(repeats: int) -> float:
        assert room
        loops.traffic(repeats, count, *places)
        return 4.0 * (READ + WRITTEN) * count * repeats

    return work


def available_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def main() -> None:
    """Print the rates as JSON."""
    threads = available_processors() if sys.argv[1] == "all" else int(sys.argv[1])
    loops = Loops()
    footprints = [int(each) for each in sys.argv[2:]]
    found = {
        "operations_per_second": operations_per_second(loops, threads),
        "bytes_per_second": {
            str(size): bytes_per_second(loops, threads, size) for size in footprints
        },
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
