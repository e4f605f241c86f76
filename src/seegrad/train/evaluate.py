"""Using a model without teaching it: predictions, and how good they are.

Both run in evaluation mode, remember nothing for a backward pass, and put every module
back into the mode it was in, whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seegrad.errors import InputTypeError
from seegrad.mode import no_grad
from seegrad.nn import Module
from seegrad.nn._modes import switched
from seegrad.random import whole_number
from seegrad.tensor import Tensor
from seegrad.train.inputs import as_data, as_pair
from seegrad.train.named import loss_named, metrics_named

ROWS = 256  # in a batch, where no graph has to be kept


def predict(model: Module, x: Any, batch_size: int = ROWS) -> NDArray[Any]:
    """What the model says to every row of x: an array of shape (rows, ...).

    >>> from seegrad import nn
    >>> predict(nn.Linear(2, 3, seed=0), np.zeros((5, 2))).shape
    (5, 3)
    """
    size = whole_number("batch_size", batch_size, least=1, where="predict")
    return forward(model, as_data("x", x, model, "predict"), size)


def forward(model: Module, x: NDArray[Any], size: int) -> NDArray[Any]:
    """`predict`, for data that has been read already."""
    with switched(model, training=False), no_grad():
        outs = [model(Tensor(x[i : i + size])) for i in range(0, len(x), size)]
    if not all(isinstance(out, Tensor) for out in outs):
        raise InputTypeError(
            f"the model returned {type(outs[0]).__name__}, not a tensor",
            where=type(model).__name__,
            hint="a forward() that returns one tensor",
        )
    return np.concatenate([out.numpy() for out in outs])


def evaluate(
    model: Module,
    x: Any,
    y: Any,
    *,
    loss: str | Callable[[Any, Any], Any],
    metrics: Iterable[str | Callable[[Any, Any], Any]] = (),
    batch_size: int = ROWS,
) -> dict[str, float]:
    """The loss and the metrics of a model on data, over all rows at once.

    Predictions are made batch by batch; the numbers are taken over all of them
    together, so that any metric is right. Raises what `fit` raises for bad data.

    >>> from seegrad import nn
    >>> model = nn.Linear(2, 1, seed=0)
    >>> sorted(evaluate(model, np.ones((4, 2)), np.ones((4, 1)), loss="mse"))
    ['loss']
    """
    functions = {"loss": loss_named(loss)} | metrics_named(metrics)
    size = whole_number("batch_size", batch_size, least=1, where="evaluate")
    x, y = as_pair(x, y, model, "evaluate")
    return scores(model, x, y, functions, size)


def scores(
    model: Module,
    x: NDArray[Any],
    y: NDArray[Any],
    functions: dict[str, Callable[[Any, Any], Any]],
    size: int,
) -> dict[str, float]:
    """`evaluate`, for data and names that have been read already."""
    prediction, target = Tensor(forward(model, x, size)), Tensor(y)
    with no_grad():
        return {
            name: float(function(prediction, target))
            for name, function in functions.items()
        }
