"""How far off, squared: one large mistake costs more than many small ones."""

from __future__ import annotations

from typing import Any

from seegrad.errors import DataError, DtypeError, ShapeError
from seegrad.losses.base import read_prediction, read_target, reduced, refuse, sample
from seegrad.tensor import Tensor


def mse(prediction: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """The squared error, (prediction - target)^2, for numbers to be predicted.

    Both have the same shape; reduction is "mean", "sum" or "none". Raises ShapeError,
    DtypeError and DataError for what cannot be compared.

    >>> mse([1.0, 2.0], [1.0, 4.0])
    tensor(2.)
    """
    x = read_prediction(prediction, "mse")
    difference = x - read_target(target, x, "mse")
    return reduced(difference * difference, reduction, "mse")


sample(mse, [0.5, -1.0, 2.0], [1.0, 0.0, 2.5])
sample(mse, [[0.5], [-1.0]], [[1], [0]])
refuse(mse, ShapeError, "target.reshape((2, 1))", [[0.5], [1.0]], [1.0, 2.0])
refuse(mse, ShapeError, "a target of shape (2,)", [0.5, 1.0], [1.0, 2.0, 3.0])
refuse(mse, DataError, "nan, at index (1,)", [0.5, 1.0], [1.0, float("nan")])
refuse(mse, DataError, "nothing to compare", [], [])
refuse(mse, DtypeError, "int64", [1, 2], [1, 2])
