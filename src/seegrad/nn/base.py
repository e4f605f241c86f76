"""What the layers share: reading what they are given."""

from __future__ import annotations

from typing import Any

from seegrad.dtypes import is_float
from seegrad.errors import InputTypeError
from seegrad.node import Node
from seegrad.tensor import Tensor


def as_tensor(x: Any, dtype: Any = None) -> Tensor:
    """A tensor as it is; plain data (an array, a list) as one, its floats in ``dtype``.

    >>> as_tensor([1.0, 2.0], "float64")
    tensor([1., 2.], dtype=float64)
    """
    if isinstance(x, Tensor):
        return x
    if isinstance(x, Node):
        raise InputTypeError(
            f"this layer computes with arrays, and was given a {type(x).__name__}",
            hint="nn.Neuron, nn.Layer and nn.ScalarMLP compute with Values",
        )
    read = Tensor(x)
    if dtype is None or read.dtype == dtype or not is_float(read.dtype):
        return read
    return Tensor(read, dtype=dtype)
