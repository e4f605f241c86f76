"""Tensors made from nothing: of one number, of a range, of random numbers.

The names and arguments are PyTorch's. Random tensors come from a seed, and the same
seed gives the same numbers on every machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad import random
from seegrad.dtypes import checked, default_float, is_float, numbers
from seegrad.errors import ArgumentError, ShapeError
from seegrad.mode import mode, switched
from seegrad.tensor import Tensor

_NUMBERS = (int, float, np.integer, np.floating)


def full(
    shape: Any, value: float, *, dtype: Any = default_float, requires_grad: bool = False
) -> Tensor:
    """A tensor of one number repeated.

    >>> full((2,), 7.0)
    tensor([7., 7.])
    """
    number, kind, lengths = numbers(value), checked(dtype), _shape(shape)
    try:
        array = np.full(lengths, number, kind)
    except (ValueError, MemoryError):
        raise ShapeError(
            f"a tensor of shape {lengths} does not fit into memory",
            hint=f"at {kind.itemsize} bytes a number, a smaller one",
        ) from None
    return Tensor(array, requires_grad=requires_grad)


def zeros(
    *shape: Any, dtype: Any = default_float, requires_grad: bool = False
) -> Tensor:
    """A tensor of zeros; the shape as one tuple or as several numbers.

    >>> zeros(2)
    tensor([0., 0.])
    """
    return full(shape, 0, dtype=dtype, requires_grad=requires_grad)


def ones(
    *shape: Any, dtype: Any = default_float, requires_grad: bool = False
) -> Tensor:
    """A tensor of ones; the shape as one tuple or as several numbers.

    >>> ones(2)
    tensor([1., 1.])
    """
    return full(shape, 1, dtype=dtype, requires_grad=requires_grad)


def zeros_like(x: Tensor) -> Tensor:
    """Zeros in the shape and dtype of x.

    >>> zeros_like(ones(2))
    tensor([0., 0.])
    """
    return zeros(x.shape, dtype=x.dtype)


def ones_like(x: Tensor) -> Tensor:
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
    if not 1 <= len(bounds) <= 3 or not all(isinstance(b, _NUMBERS) for b in bounds):
        raise ArgumentError(
            f"arange counts from one number to another, not {bounds!r}",
            hint="arange(stop), arange(start, stop) or arange(start, stop, step)",
        )
    if len(bounds) == 3 and not bounds[2]:
        raise ArgumentError("a step of 0 gets nowhere", where="arange", hint="step=1")
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
    count = random.whole_number("steps", steps, where="linspace")
    return Tensor(np.linspace(start, end, count), dtype=dtype)


def eye(n: int, *, dtype: Any = default_float) -> Tensor:
    """The identity matrix of n rows.

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    return Tensor(np.eye(random.whole_number("n", n, where="eye")), dtype=dtype)


def rand(*shape: Any, seed: int | None = None, dtype: Any = default_float) -> Tensor:
    """Random numbers, uniform from 0 (included) to 1.

    >>> bool((rand(100, seed=0) < 1.0).all())
    True
    """
    return _drawn(random.uniform, shape, seed, dtype)


def randn(*shape: Any, seed: int | None = None, dtype: Any = default_float) -> Tensor:
    """Random numbers, normal with mean 0 and standard deviation 1.

    >>> randn((2, 3), seed=0).shape
    (2, 3)
    """
    return _drawn(random.normal, shape, seed, dtype)


def _drawn(distribution: Any, shape: Any, seed: int | None, dtype: Any) -> Tensor:
    """Numbers of a seed; without one, of the next key, new in every run of a step."""
    lengths, kind = _shape(shape), checked(dtype)
    key = random.key_from(seed, where=distribution.__name__)
    made = Tensor(distribution(key, lengths, kind))
    if seed is None and switched and mode.tracer is not None:
        mode.tracer.drawn(made, distribution)
    return made


def _shape(shape: Any) -> tuple[int, ...]:
    """(3,), 3 and [3] are one shape, and so are ((2, 3),) and (2, 3)."""
    while isinstance(shape, tuple) and len(shape) == 1:
        shape = shape[0]
    lengths = shape if isinstance(shape, tuple | list) else (shape,)
    found = []
    for n in lengths:
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
            raise ShapeError(
                f"a shape is made of whole numbers from 0 up, not {shape!r}",
                hint="as in (2, 3)",
            )
        found.append(int(n))
    return tuple(found)
