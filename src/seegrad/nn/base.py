"""What the layers share: reading what they are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.dtypes import is_float
from seegrad.errors import InputTypeError
from seegrad.mode import mode, switched
from seegrad.node import Node
from seegrad.tensor import Tensor


def as_tensor(x: Any, dtype: Any = None) -> Tensor:
    """A tensor as it is; plain data (an array, a list) as one, its floats in ``dtype``.

    >>> as_tensor([1.0, 2.0], "float64")
    tensor([1., 2.], dtype=float64)
    """
    if isinstance(x, Tensor):
        wanted = dtype is not None and x.dtype != dtype and is_float(x.dtype)
        if wanted and is_data(x):
            return x.to(dtype)  # type: ignore[no-any-return]
        return x
    if isinstance(x, Node):
        raise InputTypeError(
            f"this layer computes with arrays, and was given a {type(x).__name__}",
            hint="nn.Neuron, nn.Layer and nn.ScalarMLP compute with Values",
        )
    read = Tensor(x)
    if dtype is None or read.dtype == dtype or not is_float(read.dtype):
        return read
    return read.to(dtype)  # type: ignore[no-any-return]


def is_data(x: Any) -> bool:
    """Whether x is an array, or stands for one while a step is traced.

    >>> is_data(np.zeros(2)), is_data(Tensor([0.0]))
    (True, False)
    """
    if isinstance(x, Tensor) and switched and mode.tracer is not None:
        return bool(mode.tracer.is_plain(x))
    return isinstance(x, np.ndarray)
