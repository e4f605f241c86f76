"""How far off, plainly: all mistakes count by their size, so outliers pull less."""

from __future__ import annotations

from typing import Any

from seegrad.errors import DataError, DtypeError, ShapeError
from seegrad.losses.base import read_prediction, read_target, reduced, refuse, sample
from seegrad.ops import abs
from seegrad.tensor import Tensor


def l1(prediction: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """The absolute error, |prediction - target|; its slope is 0 where they are equal.

    Both have the same shape; reduction is "mean", "sum" or "none". Raises ShapeError,
    DtypeError and DataError for what cannot be compared.

    >>> l1([1.0, 2.0], [1.0, 4.0])
    tensor(1.)
    """
    x = read_prediction(prediction, "l1")
    return reduced(abs(x - read_target(target, x, "l1")), reduction, "l1")


sample(l1, [0.5, -1.0, 2.0], [1.0, 0.0, 2.5])
sample(l1, [[0.5], [-1.0]], [[1], [0]])
refuse(l1, ShapeError, "target.reshape((2, 1))", [[0.5], [1.0]], [1.0, 2.0])
refuse(l1, DataError, "inf, at index (0,)", [0.5, 1.0], [float("inf"), 1.0])
refuse(l1, DataError, "nothing to compare", [], [])
refuse(l1, DtypeError, "int64", [1, 2], [1, 2])
