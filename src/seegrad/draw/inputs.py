"""Reading what a drawing is given: numbers that can be drawn, or an error that helps.

A chart of wrong numbers is worse than none. So tensors, arrays and lists are read here,
once, and whatever is empty, ragged, not finite or of another shape is named.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad import dtypes
from seegrad.errors import (
    DataError,
    DtypeError,
    IndexRangeError,
    SeegradError,
    ShapeError,
)
from seegrad.node import Node

Floats = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]


def floats(
    name: str, data: Any, where: str, *, axes: tuple[int, ...] = (1, 2)
) -> Floats:
    """Finite numbers with one of these numbers of axes, as float64.

    >>> floats("x", [[1, 2]], "draw.example")
    array([[1., 2.]])
    """
    array = _read(name, data, where)
    plain = name.removeprefix("the ")
    if array.ndim not in axes:
        wanted = " or ".join(map(str, axes))
        raise ShapeError(
            f"{name} has shape {array.shape}, and {wanted} axes can be drawn",
            where=where,
            hint=f"{plain}.reshape(...), or one part of it: {plain}[0]",
        )
    if array.size == 0:
        raise DataError(
            f"there is nothing to draw: {name} has shape {array.shape}",
            where=where,
            hint="at least one number",
        )
    wrong = int((~np.isfinite(array)).sum())
    if wrong:
        raise DataError(
            f"{wrong} of the {array.size} numbers in {name} are not finite",
            where=where,
            hint="np.argwhere(~np.isfinite(...)) says where they stand",
        )
    return array.astype(np.float64)


def labels(name: str, data: Any, count: int, where: str) -> Whole:
    """Class numbers from 0, one for each of ``count`` examples; a column will do.

    >>> labels("y", [[0.0], [1.0]], 2, "draw.example")
    array([0, 1])
    """
    array = floats(name, data, where)
    if array.shape not in ((count,), (count, 1)):
        raise ShapeError(
            f"{count} examples need as many labels, and {name} has shape {array.shape}",
            where=where,
            hint=f"{name} of shape ({count},)",
        )
    flat = array.reshape(-1)
    if (flat != np.floor(flat)).any() or flat.min() < 0:
        wrong = flat[(flat != np.floor(flat)) | (flat < 0)][0]
        raise DataError(
            f"{name} holds {wrong:g}, and classes are whole numbers from 0",
            where=where,
            hint=f"({name} > 0).astype(int) for labels -1 and +1",
        )
    return flat.astype(np.int64)


def place_in(
    shape: tuple[int, ...], at: Any, argument: str, table: str, where: str
) -> tuple[int, int]:
    """A row and a column of a table, from the front; negative ones are from the end.

    >>> place_in((2, 3), (0, -1), "cell", "product", "draw.example")
    (0, 2)
    """
    try:
        i, j = (range(n)[k] for n, k in zip(shape, at, strict=True))
    except (TypeError, ValueError, IndexError):
        raise IndexRangeError(
            f"{argument}={at!r} does not lie in the {table} of shape {shape}",
            where=where,
            hint=f"{argument}=(0, 0) to ({shape[0] - 1}, {shape[1] - 1})",
        ) from None
    return i, j


def names_of(given: Any, count: int, what: str, where: str) -> list[str]:
    """One word for each of ``count`` things: those given, or their numbers.

    >>> names_of(None, 3, "class", "draw.example"), names_of("ab", 2, "class", "")
    (['0', '1', '2'], ['a', 'b'])
    """
    if given is None:
        return [str(i) for i in range(count)]
    words = [str(word) for word in given]
    if len(words) != count:
        raise DataError(
            f"there are {len(words)} names for {count} of {what}",
            where=where,
            hint=f"one name for each {what}, in order",
        )
    return words


def _read(name: str, data: Any, where: str) -> np.ndarray[Any, Any]:
    try:
        array = dtypes.numbers(data.data if isinstance(data, Node) else data, name)
    except SeegradError as error:
        error.where = where
        raise
    if array.dtype.kind not in "biuf":
        raise DtypeError(f"{name} holds {array.dtype}, not real numbers", where=where)
    return array
