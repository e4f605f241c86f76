"""What the datasets share: checks of the settings, and the last two steps.

Every made-up dataset draws its points class by class without noise, then hands them to
`finished`, which moves each point a little and puts the rows in random order. `as_rows`
is how `split` and `batches` read whatever array they are given.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seegrad.errors import ArgumentError, DataError, InputTypeError
from seegrad.random import derive, key_from, normal, permutation

Array = NDArray[Any]
Points = NDArray[np.float32]
Labels = NDArray[np.int64]
Dataset = Callable[..., tuple[Points, Labels]]


def finished(
    by_class: list[Array], noise: float, seed: int | None, where: str
) -> tuple[Points, Labels]:
    """X and y of the points of each class, with noise added, in random order.

    `noise` is the standard deviation of the shift, in the units of the points.
    """
    key = derive(where, key_from(seed, where=where))
    x = np.concatenate(by_class)
    y = np.repeat(np.arange(len(by_class)), [len(points) for points in by_class])
    x = x + noise * normal(derive("noise", key), x.shape, np.float64)
    order = permutation(derive("order", key), len(x))
    return x[order].astype(np.float32), y[order].astype(np.int64)


def class_sizes(n: int, classes: int) -> list[int]:
    """N rows dealt to the classes as evenly as can be; the last ones get the rest.

    >>> class_sizes(7, 2)
    [3, 4]
    """
    return [(n + k) // classes for k in range(classes)]


def amount(name: str, value: object, where: str) -> float:
    """`value` as a finite float of at least 0, or the error that says what it was."""
    if isinstance(value, bool) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise InputTypeError(
            f"{name} must be a number, not {value!r} ({type(value).__name__})",
            where=where,
            hint=f"{name}=0.1",
        )
    number = float(value)
    if not (math.isfinite(number) and number >= 0.0):
        raise ArgumentError(
            f"{name} must be a finite number of 0 or more, not {number}",
            where=where,
            hint=f"{name}=0.1",
        )
    return number


def as_rows(name: str, rows: object, where: str) -> Array:
    """`rows` as an array whose first axis counts examples; Tensors are read too.

    Arrays keep their dtype; lists of Python floats become float32, as in a Tensor.
    """
    read = getattr(rows, "numpy", None)
    try:
        array = np.asarray(read() if callable(read) else rows)
    except ValueError as error:
        raise _not_rows(name, "rows of different lengths", where) from error
    if array.dtype == object:
        raise _not_rows(name, f"{type(rows).__name__} of objects", where)
    if array.ndim == 0:
        raise _not_rows(name, f"a single {type(rows).__name__}", where)
    if len(array) == 0:
        raise DataError(
            f"{name} is empty: its shape is {array.shape}",
            where=where,
            hint="data with at least one row",
        )
    if isinstance(rows, list | tuple) and array.dtype == np.float64:
        array = array.astype(np.float32)
    return array


def same_length(x: Array, y: Array, where: str) -> None:
    """Every row of x needs its label in y."""
    if len(x) != len(y):
        raise DataError(
            f"x has {len(x)} rows and y has {len(y)}: every row needs one label",
            where=where,
            hint=f"check which rows were dropped; x is {x.shape}, y is {y.shape}",
        )


def _not_rows(name: str, what: str, where: str) -> InputTypeError:
    return InputTypeError(
        f"{name} must be an array with one row for each example, not {what}",
        where=where,
        hint=f"np.asarray({name}), of shape (rows, features)",
    )
