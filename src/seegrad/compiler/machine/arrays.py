"""Arrays as native code wants them, and as Python must not notice them.

Native code reads numbers in a row, aligned, with the bytes of this machine. What it
writes in place has to be an array that nobody else knows.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy import ndarray

from seegrad.compiler.tracing.outcomes import Stale
from seegrad.compiler.tracing.sources import Memory, State

DATA = object.__basicsize__  # an array object begins with the pointer to its numbers


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


def replace(source: Any, new: Any) -> None:
    """Put another array in the place of the one that a source reads."""
    if isinstance(source, State):
        new.flags.writeable = False
        source.node._data = new
    elif isinstance(source, Memory):
        source.states[source.position][source.key] = new


def check(found: Any, shape: tuple[int, ...], dtype: Any) -> None:
    """Whether an array is what the code was made for, or Stale."""
    if np.shape(found) != shape or np.asarray(found).dtype != dtype:
        raise Stale


def is_readable(found: Any, dtype: Any) -> bool:
    """Whether native code can read an array where it lies."""
    if found.__class__ is not ndarray or found.dtype != dtype:  # its bytes turned over
        return False
    return bool(found.flags.c_contiguous and found.flags.aligned)


def readable(found: Any, dtype: Any) -> Any:
    """An array as native code reads it: in a row, aligned, in this dtype."""
    return np.require(np.asarray(found, dtype), requirements=["C", "A"])


def _check_layout() -> None:
    """Whether array objects look as this file takes them to look."""
    probe = np.zeros(3)
    found = ctypes.c_size_t.from_address(id(probe) + DATA).value
    if found != probe.ctypes.data:
        raise RuntimeError("array objects of this NumPy do not begin with their data")


_check_layout()
