"""Reading positions: whole numbers, counted from the front or, when negative, the back.

Positions given as plain data are checked here, before anything is looked up. Those of a
tensor are data of the graph, and are checked by whoever looks there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.dtypes import numbers
from seegrad.errors import IndexRangeError
from seegrad.node import Node


def outside(wrong, dim, shape):
    """The error for a position outside the axis dim of this shape."""
    size = shape[dim]
    return IndexRangeError(
        f"index {wrong} is outside dim {dim} of length {size}, shape {tuple(shape)}",
        hint=f"from {-size} to {size - 1}" if size else "no index at all",
    )


def whole(dtype):
    """IndexRangeError unless numbers of this dtype can be positions."""
    if dtype.kind not in "iu":
        raise IndexRangeError(
            f"an index is made of whole numbers, slices or booleans, not {dtype}",
            hint="x.to(sg.int64) for positions, x > 0 for booleans",
        )


def positions(index: Any) -> Any:
    """Positions or booleans as an array; a tensor stays one and is not read."""
    if isinstance(index, Node):
        array = index if hasattr(index, "shape") else np.array(index.data)
    else:
        array = numbers(index, "an index")
        if not array.size and array.dtype.kind == "f" and type(index) in (list, tuple):
            array = array.astype(np.int64)
    if array.dtype.kind != "b":
        whole(array.dtype)
    return array


def in_range(array: Any, dim: int, shape: tuple[int, ...]) -> Any:
    """Plain positions as int64, if each of them exists along this axis of a shape."""
    if array.size:
        low, high = array.min(), array.max()
        if low < -shape[dim] or high >= shape[dim]:
            raise outside(low if low < -shape[dim] else high, dim, shape)
    return array.astype(np.int64, copy=False)
