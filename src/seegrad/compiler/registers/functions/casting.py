"""Floats become integers: the digits after the point are dropped.

A float beyond the integers has no integer to become. There LLVM promises nothing at
all, so the answer is spelled out: the one that x86 processors give, and so NumPy on
them, the smallest integer of 32 or 64 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seegrad.compiler.registers.register import llvm_type

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register


def truncated(xp: Words, x: Register, dtype: np.dtype[Any]) -> Register:
    """The integer part of x; narrow integers keep the low bits of one of 32 bits."""
    wide = np.dtype("int64" if dtype.itemsize == 8 else "int32")
    limit = 2.0 ** (8 * wide.itemsize - 1)
    fits = xp.absolute(x) < limit  # which NaN does not
    inside = xp.where(fits, x, 0.0)
    value = xp.builder.fptosi(inside.value, llvm_type(wide, x.lanes))
    whole = xp.where(fits, x.like(value, wide), np.iinfo(wide).min)
    return whole.astype(dtype)
