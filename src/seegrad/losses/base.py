"""What the losses share: reading predictions and targets, and averaging at the end.

Most mistakes in training are mistakes about the target: another shape, another range, a
NaN from a spreadsheet. They are all caught here, before they become a network that
learns nothing and says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from seegrad.dtypes import is_float
from seegrad.errors import (
    DataError,
    DtypeError,
    SeegradError,
    ShapeError,
    unknown_name,
)
from seegrad.ops import mean, sum
from seegrad.require import require
from seegrad.tensor import Tensor

Array = np.ndarray[Any, Any]
Loss = Callable[..., Tensor]

REDUCTIONS: dict[str, Callable[[Any], Any]] = {
    "mean": mean,
    "none": lambda x: x,
    "sum": sum,
}


class Sample(NamedTuple):
    """An example call of a loss. With an error, the call must fail with it."""

    loss: Loss
    prediction: Any
    target: Any
    error: type[Exception] | None = None
    text: str = ""


SAMPLES: list[Sample] = []  # the tests, the documentation and the drawings use these


def sample(loss: Loss, prediction: Any, target: Any) -> None:
    """Add an example call: the smallest one that shows what the loss is for."""
    SAMPLES.append(Sample(loss, prediction, target))


def refuse(
    loss: Loss, error: type[Exception], text: str, prediction: Any, target: Any
) -> None:
    """Add a call that must fail with this error, its message holding ``text``."""
    SAMPLES.append(Sample(loss, prediction, target, error, text))


def reduced(values: Any, reduction: str, where: str) -> Tensor:
    """The loss of each example, put together: their mean, their sum, or all of them."""
    if reduction not in REDUCTIONS:
        error = unknown_name("reduction", reduction, REDUCTIONS)
        error.where = where
        raise error
    out: Tensor = REDUCTIONS[reduction](values)
    return out


def read_prediction(prediction: Any, where: str) -> Tensor:
    """The prediction as a tensor of at least one floating-point number."""
    x = read(prediction, where)
    if not is_float(x.dtype):
        raise DtypeError(
            f"the prediction holds {x.dtype} numbers, which have no gradient",
            where=where,
            hint="the output of the network itself, not argmax or rounded numbers",
        )
    if x.size == 0:
        raise DataError(
            f"there is nothing to compare: the prediction has shape {x.shape}",
            where=where,
            hint="a batch of at least one example",
        )
    return x


def read_target(target: Any, x: Tensor, where: str) -> Tensor:
    """The target as a tensor of finite numbers in the dtype and shape of ``x``."""
    t = read(target, where)
    if t.shape != x.shape:
        raise ShapeError(
            f"the prediction has shape {x.shape} and the target {t.shape}: each "
            "prediction needs one target of its own",
            where=where,
            hint=_reshape_hint(x.shape, t),
        )
    check_finite(t.data, where)
    return t if t.dtype == x.dtype else t.to(x.dtype)


def read(data: Any, where: str) -> Tensor:
    """A tensor as it is, plain data as a tensor, or an error that names the loss."""
    if isinstance(data, Tensor):
        return data
    try:
        return Tensor(data)
    except SeegradError as error:
        error.where = where
        raise


def as_column(target: Any, x: Tensor, where: str) -> Any:
    """Labels (N,) as a column where the network gives one score a row, (N, 1).

    A label is one for each row by its nature, so the two pair up without a doubt.
    """
    t = read(target, where)
    if x.ndim == 2 and x.shape[1] == 1 and t.shape == (x.shape[0],):
        return t.reshape(x.shape)
    return t


def check_finite(target: Any, where: str) -> None:
    """No NaN and no infinity among the targets, or a DataError that says where."""
    if is_float(target.dtype):
        require(abs(target) < math.inf, lambda: _not_finite(target, where))


def _not_finite(target: Array, where: str) -> DataError:
    wrong = np.argwhere(~np.isfinite(target))
    first = tuple(int(i) for i in wrong[0])
    return DataError(
        f"{len(wrong)} of {target.size} targets cannot be learned: the first is "
        f"{target[first]}, at index {first}",
        where=where,
        hint="keep only the rows of x and y where np.isfinite(y)",
    )


def _reshape_hint(wanted: tuple[int, ...], t: Tensor) -> str:
    if t.size == np.prod(wanted):
        return f"target.reshape({wanted}), or prediction.reshape({t.shape})"
    if t.ndim and t.shape == wanted[:-1] and not is_float(t.dtype):
        return f"losses.cross_entropy, if they are the numbers of {wanted[-1]} classes"
    return f"a target of shape {wanted}"
