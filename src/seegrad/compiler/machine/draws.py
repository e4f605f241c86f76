"""Random numbers drawn by the machine itself, in the bits of `seegrad.random`.

A step draws the mask of each dropout anew, so it waits for it. Here the words of a key
are made in registers and become numbers there, straight into an array that is used
again by the next run.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from functools import cache
from sys import getrefcount
from typing import Any

import numpy as np
from llvmlite import ir

from seegrad import random
from seegrad.compiler.machine.build import Built, build_described
from seegrad.compiler.machine.draw_code import module, numbers_in_a_round
from seegrad.compiler.machine.host import Host, host
from seegrad.compiler.machine.version import compiler_version


class Drawer:
    """Draws numbers of one shape and dtype, again and again, each time for a key.

    The distribution is `random.uniform` or `random.normal`; there are no others.

    The array is written anew by the next call, unless somebody holds it still.

    >>> draw = Drawer(random.uniform, (2, 3), np.dtype("float32"))
    >>> bool((draw(7) == random.uniform(7, (2, 3))).all())
    True
    """

    def __init__(
        self, distribution: Callable[..., Any], shape: tuple[int, ...], dtype: Any
    ) -> None:
        self.purpose, self.shape, self.dtype = distribution.__name__, shape, dtype
        self.code, self.fill, self.round = code(
            self.purpose, np.dtype(dtype).name, host()
        )
        self.size = math.prod(shape)
        self.memory = self._new()

    def __call__(self, key: int) -> Any:
        high, low = divmod(random.word_key(self.purpose, key), 2**64)
        if getrefcount(self.memory) > 2:  # the attribute and the argument of the call
            self.memory = self._new()
        out = np.ndarray(self.shape, self.dtype, self.memory)
        self.fill(self.address, self.size, low, high)
        return out

    def _new(self) -> Any:
        """Memory for whole rounds of the native loop, which knows no others."""
        rounds = -(-self.size // self.round)
        memory = np.empty(max(rounds, 1) * self.round, self.dtype)
        self.address = memory.ctypes.data
        return memory


@cache
def code(distribution: str, dtype: str, machine: Host) -> tuple[Built, Any, int]:
    """The code of a distribution and dtype, compiled once in each process.

    Its ``fill(address, n, low, high)`` writes whole rounds, n numbers at least; of how
    many numbers a round is, is the last part of the result.
    """
    lanes = machine.lanes(8) if machine.vector_bytes == 64 else 1
    description = f"{compiler_version()} draws {distribution} {dtype} {lanes}"

    def make() -> tuple[ir.Module, int]:
        return module(distribution, dtype, lanes), 0

    built, _ = build_described(description, ["fill"], make)
    kinds = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_uint64, ctypes.c_uint64]
    fill = ctypes.CFUNCTYPE(None, *kinds)(built.address("fill"))
    return built, fill, numbers_in_a_round(distribution, lanes)
