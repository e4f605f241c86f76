"""What training is given, read and checked before anything is changed.

Data becomes NumPy arrays, floats in the precision of the model. Every complaint says
how many numbers are wrong and where the first one stands.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seegrad.data.base import as_rows, same_length
from seegrad.errors import DataError, DtypeError, InputTypeError, ShapeError
from seegrad.nn import Module
from seegrad.nn._precision import precision

Array = NDArray[Any]


def as_data(name: str, rows: object, model: Module, where: str) -> Array:
    """Rows as an array of finite numbers; floats get the model's own precision."""
    array = as_rows(name, rows, where)
    if array.dtype.kind not in "biuf":
        raise DtypeError(
            f"{name} holds {array.dtype}, and a network computes with numbers",
            where=where,
            hint="classes as whole numbers from 0 up: "
            "np.unique(labels, return_inverse=True)[1]",
        )
    if array.dtype.kind != "f":
        return array
    with np.errstate(over="ignore"):  # what is too large for the model is told below
        read = array.astype(precision(model), copy=False)
    bad = ~np.isfinite(read)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        place = ", ".join(map(str, first))
        too_large = f" in {read.dtype}" if np.isfinite(array[first]) else ""
        raise DataError(
            f"{name} holds {bad.sum():,} numbers of {bad.size:,} that are not finite"
            f"{too_large}; the first is {array[first]} at {name}[{place}]",
            where=where,
            hint=f"np.isfinite({name}) finds them: drop those rows or fill them in",
        )
    return read


def as_pair(x: object, y: object, model: Module, where: str) -> tuple[Array, Array]:
    """Inputs and targets, one of each for every example."""
    rows, targets = as_data("x", x, model, where), as_data("y", y, model, where)
    same_length(rows, targets, where)
    return rows, targets


def as_validation(pair: Any, x: Array, model: Module) -> tuple[Array, Array] | None:
    """The validation data, or None; its rows must look like those of x."""
    if pair is None:
        return None
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise InputTypeError(
            f"validation_data must be a pair (x, y), not {type(pair).__name__}",
            where="fit",
            hint="x_train, x_val, y_train, y_val = sg.data.split(x, y)",
        )
    x_val, y_val = pair
    rows, targets = as_pair(x_val, y_val, model, "fit, validation_data")
    if rows.shape[1:] != x.shape[1:]:
        raise ShapeError(
            f"rows of the validation data have shape {rows.shape[1:]}, and those of x "
            f"{x.shape[1:]}",
            where="fit, validation_data",
            hint="validation_data=(x_val, y_val), prepared as x and y were",
        )
    return rows, targets
