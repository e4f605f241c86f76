"""What the layers share: reading what they are given."""

from __future__ import annotations

from typing import Any

from seegrad.dtypes import is_float
from seegrad.node import Node
from seegrad.tensor import Tensor


def as_node(x: Any, dtype: Any = None) -> Any:
    """A node as it is; plain data (an array, a list) as a tensor, floats in ``dtype``.

    >>> as_node([1.0, 2.0], "float64")
    tensor([1., 2.], dtype=float64)
    """
    if isinstance(x, Node):
        return x
    read = Tensor(x)
    if dtype is None or read.dtype == dtype or not is_float(read.dtype):
        return read
    return Tensor(read, dtype=dtype)
