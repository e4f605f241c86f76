"""The memory that the threads of a step share, and the native code they wait in.

The program is `pool.ll`, which reads as what it is; here are the layout of its memory,
the three words that each system says in its own way (pause, sleep, wake), and how a
step calls the barrier.
"""

from __future__ import annotations

import ctypes
import platform
import sys
import time
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from llvmlite import ir

from seegrad.compiler.machine.build import build
from seegrad.compiler.registers.loops import INDEX, POINTER, Count, Loops

LINE = 128  # bytes between words that different threads write
MOST = 256  # threads
BARRIER_MICROSECONDS = 100.0
IDLE_MICROSECONDS = 200.0


class Patience(ctypes.Structure):
    """How long to spin before sleeping: less where it was in vain, up to a limit."""

    _fields_ = (
        ("spins", ctypes.c_int32),
        ("most", ctypes.c_int32),
        ("failures", ctypes.c_int32),
    )

    def allow(self, spins: int) -> None:
        """Spin at most so many rounds, and begin with that."""
        self.spins = self.most = spins


class Mailbox(ctypes.Structure):
    """Where a worker finds its work."""

    _fields_ = (
        ("posted", ctypes.c_int32),
        ("sleepers", ctypes.c_int32),
        ("step", ctypes.c_void_p),
        ("context", ctypes.c_void_p),
        ("threads", ctypes.c_int64),
        ("_1", ctypes.c_char * (LINE - 32)),
        ("patience", Patience),
        ("_2", ctypes.c_char * (LINE - 12)),
    )


class Pool(ctypes.Structure):
    """What all threads share; the same layout as ``%Pool`` in ``pool.ll``."""

    _fields_ = (
        ("busy", ctypes.c_int32),
        ("workers", ctypes.c_int32),
        ("_1", ctypes.c_char * (LINE - 8)),
        ("barrier", ctypes.c_void_p),
        ("patience", Patience),
        ("_2", ctypes.c_char * (LINE - 20)),
        ("arrived", ctypes.c_int32),
        ("_3", ctypes.c_char * (LINE - 4)),
        ("generation", ctypes.c_int32),
        ("sleepers", ctypes.c_int32),
        ("_4", ctypes.c_char * (LINE - 8)),
        ("mailboxes", Mailbox * MOST),
    )

    @property
    def address(self) -> int:
        """Where it lies."""
        return ctypes.addressof(self)

    def forget_workers(self) -> None:
        """Be as new: for the child of a fork, in which there are no workers."""
        self.workers = self.busy = self.arrived = self.sleepers = 0
        for mailbox in self.mailboxes:
            mailbox.sleepers = 0


class Job(ctypes.Structure):
    """What ``dispatch`` is asked to run; addresses, kept alive by whoever asks."""

    _fields_ = (
        ("pool", ctypes.c_void_p),
        ("step", ctypes.c_void_p),
        ("context", ctypes.c_void_p),
        ("threads", ctypes.c_int64),
    )


class Program:
    """The functions of ``pool.ll``, ready to be called; calls let other threads run."""

    def __init__(self, sleep: str | None = None) -> None:
        self.built = immortal(build(source(sleep)))
        i64, i32, pointer = ctypes.c_int64, ctypes.c_int32, ctypes.c_void_p
        self.dispatch = self._function("dispatch", i32)
        self.work = self._function("work", None, pointer, i64, i32)
        self.spin = self._function("spin", None, i32)

    def _function(self, name: str, result: Any, *kinds: Any) -> Callable[..., Any]:
        address = self.built.address(name)
        return ctypes.CFUNCTYPE(result, *kinds)(address)

    def new_pool(self) -> Pool:
        """Memory for a team, with the patience of this machine."""
        memory = immortal(ctypes.create_string_buffer(ctypes.sizeof(Pool) + LINE))
        begin = ctypes.addressof(memory)
        pool = Pool.from_address(begin + -begin % LINE)
        pool.barrier = self.built.address("barrier")
        rounds = self._rounds_per_microsecond()
        pool.patience.allow(int(BARRIER_MICROSECONDS * rounds))
        for mailbox in pool.mailboxes:
            mailbox.patience.allow(int(IDLE_MICROSECONDS * rounds))
        return pool

    def _rounds_per_microsecond(self, rounds: int = 1000) -> float:
        shortest = float("inf")
        for _ in range(3):
            begin = time.perf_counter()
            self.spin(rounds)
            shortest = min(shortest, time.perf_counter() - begin)
        return rounds / max(shortest * 1e6, 1.0)


@cache
def program() -> Program:
    """The program of this system, compiled on first use."""
    return Program()


def emit_barrier(loops: Loops, pool: Any, threads: Count) -> None:
    """Where this is added, no thread goes on before all have come.

    ``pool`` points to the Pool; ``threads`` is how many run the step. For one thread it
    costs a comparison, or nothing if that is known. What a ``noalias`` argument points
    to must not be shared across a barrier: LLVM would take it to be unchanged.
    """
    if isinstance(threads, int) and threads == 1:
        return
    count, b = loops.count(threads), loops.builder
    with loops.when(b.icmp_signed(">", count, loops.count(1))):
        offset = loops.count(Pool.barrier.offset)
        place = b.gep(pool, [offset], source_etype=ir.IntType(8))
        # llvmlite calls only what it knows the type of, so this pointer has one.
        kind = ir.FunctionType(ir.VoidType(), [POINTER, INDEX]).as_pointer()
        barrier = b.load(place, typ=kind, align=8)
        b.call(barrier, [pool, count])


def source(sleep: str | None = None) -> str:
    """The text of the program for a way to sleep: ``"futex"`` or ``"poll"``."""
    if sleep is None:
        sleep = "futex" if sys.platform == "linux" and _futex() else "poll"
    text = files("seegrad.compiler.machine").joinpath("pool.ll").read_text("utf-8")
    system = _FUTEX.format(number=_futex()) if sleep == "futex" else _poll()
    return text + _pause() + system


def immortal(thing: Any) -> Any:
    """Keep a thing for ever: workers still use it while Python takes itself apart."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
    return thing


def _futex() -> int | None:
    """The number of Linux's futex call."""
    numbers = {"x86_64": 202, "aarch64": 98, "riscv64": 98, "ppc64le": 221}
    return numbers.get(platform.machine())


# 128 and 129: wait while the word is as given, wake all (FUTEX_PRIVATE_FLAG set).
_FUTEX = """
declare i64 @syscall(i64, ...)
define internal void @sleep(ptr %word, i32 %old, i32 %naps) noinline {{
  call i64 (i64, ...) @syscall(i64 {number}, ptr %word, i64 128, i32 %old, ptr null)
  ret void
}}
define internal void @wake(ptr %word) noinline {{
  call i64 (i64, ...) @syscall(i64 {number}, ptr %word, i64 129, i64 2147483647)
  ret void
}}
"""

# Where the system cannot wait for a word: look again after naps of 16 us to 8 ms.
_POLL = """
declare {result} @{function}(i32)
define internal void @sleep(ptr %word, i32 %old, i32 %naps) noinline {{
  %few = call i32 @llvm.umin.i32(i32 %naps, i32 9)
  %microseconds = shl i32 16, %few
  %time = udiv i32 %microseconds, {unit}
  call {result} @{function}(i32 %time)
  ret void
}}
define internal void @wake(ptr %word) {{
  ret void
}}
"""


def _poll() -> str:
    if sys.platform == "win32":
        return _POLL.format(result="void", function="Sleep", unit=1000)
    return _POLL.format(result="i32", function="usleep", unit=1)


def _pause() -> str:
    """The instruction that tells the core it is only waiting."""
    machine = platform.machine().lower()
    if machine in ("x86_64", "amd64"):
        instruction = "call void @llvm.x86.sse2.pause()"
    elif machine in ("aarch64", "arm64"):
        instruction = "call void @llvm.aarch64.isb(i32 15)"
    else:
        instruction = 'fence syncscope("singlethread") seq_cst'
    return f"""
define internal void @pause() alwaysinline {{
  {instruction}
  ret void
}}
"""
