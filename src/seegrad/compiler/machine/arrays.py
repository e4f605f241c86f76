"""Arrays as native code wants them, and as Python must not notice them.

Native code reads numbers in a row, aligned, with the bytes of this machine. What it
writes in place has to be an array that nobody else knows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from seegrad.compiler.tracing.outcomes import Stale


def aligned(size: int) -> np.ndarray[Any, Any]:
    """Bytes that begin at a multiple of 64."""
    block = np.zeros(size + 64, np.uint8)
    start = -block.ctypes.data % 64
    return block[start : start + size]


def owned(found: Any) -> Any:
    """A copy that nobody else knows, at the beginning of a line of the cache.

    Its memory is no array, so that every view of it is known to hold the copy itself.
    """
    found = np.asarray(found)
    memory = bytearray(found.nbytes + 128)
    start = -np.frombuffer(memory, np.uint8).ctypes.data % 64
    copy = ndarray(found.shape, found.dtype, memory, start)
    copy[...] = found
    return copy


def check(found: Any, shape: tuple[int, ...], dtype: Any) -> None:
    """Whether an array is what the code was made for, or Stale."""
    if np.shape(found) != shape or np.asarray(found).dtype != dtype:
        raise Stale


def readable(found: Any, dtype: Any) -> Any:
    """An array as native code reads it: in a row, aligned, in this dtype."""
    plain = found.__class__ is ndarray and found.dtype == dtype
    if plain and found.flags.c_contiguous and found.flags.aligned:
        return found
    return np.require(np.asarray(found, dtype), requirements=["C", "A"])
