"""Tensors made from nothing: of one number, of a range, of random numbers.

The names and arguments are PyTorch's. Random tensors come from a seed, and the same
seed gives the same numbers on every machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad import random
from seegrad.dtypes import checked, default_float, is_float
from seegrad.errors import ShapeError
from seegrad.tensor import Tensor


def full(
    shape: Any, value: float, *, dtype: Any = default_float, requires_grad: bool = False
) -> Tensor:
    """A tensor of one number repeated.

    >>> full((2,), 7.0)
    tensor([7., 7.])
    """
    return Tensor(
        np.full(_shape(shape), value, checked(dtype)), requires_grad=requires_grad
    )


def zeros(
    shape: Any, *, dtype: Any = default_float, requires_grad: bool = False
) -> Tensor:
    """A tensor of zeros.

    >>> zeros(2)
    tensor([0., 0.])
    """
    return full(shape, 0, dtype=dtype, requires_grad=requires_grad)


def ones(
    shape: Any, *, dtype: Any = default_float, requires_grad: bool = False
) -> Tensor:
    """A tensor of ones.

    >>> ones(2)
    tensor([1., 1.])
    """
    return full(shape, 1, dtype=dtype, requires_grad=requires_grad)


def zeros_like(x: Any) -> Tensor:
    """Zeros in the shape and dtype of x.

    >>> zeros_like(ones(2))
    tensor([0., 0.])
    """
    return zeros(x.shape, dtype=x.dtype)


def ones_like(x: Any) -> Tensor:
    """Ones in the shape and dtype of x.

    >>> ones_like(zeros(2))
    tensor([1., 1.])
    """
    return ones(x.shape, dtype=x.dtype)


def arange(*bounds: float, dtype: Any = None) -> Tensor:
    """start, start + step, ... before stop: arange(stop), (start, stop), (…, step).

    >>> arange(3), arange(0.0, 1.0, 0.5)
    (tensor([0, 1, 2]), tensor([0. , 0.5]))
    """
    array = np.arange(*bounds)
    if dtype is None and is_float(array.dtype):
        dtype = default_float
    return Tensor(array, dtype=dtype)


def linspace(
    start: float, end: float, steps: int, *, dtype: Any = default_float
) -> Tensor:
    """``steps`` numbers at equal distances from start to end, both included.

    >>> linspace(0.0, 1.0, 3)
    tensor([0. , 0.5, 1. ])
    """
    return Tensor(np.linspace(start, end, steps), dtype=dtype)


def eye(n: int, *, dtype: Any = default_float) -> Tensor:
    """The identity matrix of n rows.

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    return Tensor(np.eye(n), dtype=dtype)


def rand(shape: Any, *, seed: int | None = None, dtype: Any = default_float) -> Tensor:
    """Random numbers, uniform from 0 (included) to 1.

    >>> bool((rand(100, seed=0) < 1.0).all())
    True
    """
    key = random.key_from(seed, where="rand")
    return Tensor(random.uniform(key, _shape(shape), checked(dtype)))


def randn(shape: Any, *, seed: int | None = None, dtype: Any = default_float) -> Tensor:
    """Random numbers, normal with mean 0 and standard deviation 1.

    >>> randn((2, 3), seed=0).shape
    (2, 3)
    """
    key = random.key_from(seed, where="randn")
    return Tensor(random.normal(key, _shape(shape), checked(dtype)))


def _shape(shape: Any) -> tuple[int, ...]:
    numbers = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    if not all(isinstance(n, int | np.integer) and n >= 0 for n in numbers):
        raise ShapeError(f"a shape is made of whole numbers from 0 up, not {shape!r}")
    return numbers
