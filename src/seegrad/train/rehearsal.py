"""Before the first step everything is tried once, and nothing is changed.

The model sees one row, the loss and the metrics see all targets, and the optimizer is
asked whose parameters it has. What would go wrong in the middle of an epoch (a label
out of range, a layer of the wrong width, a gradient that gets lost) goes wrong here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seegrad.backpropagation import ordered
from seegrad.errors import GradientError, InputTypeError, ShapeError
from seegrad.mode import no_grad
from seegrad.nn import Module
from seegrad.nn._modes import switched
from seegrad.tensor import Tensor
from seegrad.train.named import Function

Pair = tuple[NDArray[Any], NDArray[Any]]


def rehearse(
    model: Module,
    optimizer: Any,
    loss: Function,
    metrics: dict[str, Function],
    sets: list[Pair],
) -> None:
    """Raise what training on the first of the sets, or validating, would raise."""
    learning = _learning(model, optimizer)
    x, y = sets[0]
    with switched(model, training=False):
        prediction = model(Tensor(x[:1]))
        _check_prediction(prediction, model)
        for _, targets in sets:
            _try_targets(prediction, targets, loss, [*metrics.values()])
        one_loss = loss(prediction, Tensor(y[:1]))
    if not learning.intersection(ordered(one_loss)):
        raise GradientError(
            "the loss does not depend on any parameter that the optimizer changes",
            where=f"{type(model).__name__}, on the way from its parameters to the loss",
            hint="no detach(), numpy() or no_grad() inside forward() or the loss",
        )


def _try_targets(
    prediction: Tensor, y: NDArray[Any], loss: Function, metrics: list[Function]
) -> None:
    """Let the loss and the metrics see all targets, beside the one prediction."""
    shape = (len(y), *prediction.shape[1:])
    repeated = Tensor(np.broadcast_to(prediction.numpy(), shape))
    with no_grad():
        _check_loss(loss(repeated, Tensor(y)), loss)
        for metric in metrics:
            metric(repeated, Tensor(y))


def _learning(model: Module, optimizer: Any) -> set[Any]:
    """The parameters that will move: the model's, the optimizer's, not frozen."""
    own = model.parameters()
    learning = {p for p in own if p.requires_grad}
    name = type(model).__name__
    if not learning:
        state = "all of them are frozen" if own else "it has none"
        raise GradientError(
            f"no parameter of the model requires a gradient: {state}",
            where=name,
            hint="p.requires_grad = True for the parameters that should learn",
        )
    moved = set(optimizer.params)
    strangers = len(moved.difference(own))
    if strangers:
        raise GradientError(
            f"{strangers} of the optimizer's {len(moved)} parameters are not those of "
            f"the model, which has {len(own)}",
            where=f"fit({name}, optimizer={type(optimizer).__name__})",
            hint="optim.Adam(model.parameters()), made after the model",
        )
    if not learning & moved:
        raise GradientError(
            "every parameter of the optimizer is frozen: none requires a gradient",
            where=f"fit({name}, optimizer={type(optimizer).__name__})",
            hint="p.requires_grad = True for the parameters that should learn",
        )
    return learning & moved


def _check_prediction(prediction: Any, model: Module) -> None:
    if not isinstance(prediction, Tensor):
        raise InputTypeError(
            f"the model returned {type(prediction).__name__}, not a tensor",
            where=type(model).__name__,
            hint="a forward() that returns one tensor",
        )
    if not prediction.ndim or len(prediction) != 1:
        raise ShapeError(
            f"the model was given one row and returned shape {prediction.shape}",
            where=type(model).__name__,
            hint="one prediction for each row: the first axis counts the rows",
        )


def _check_loss(loss: Any, function: Function) -> None:
    name = getattr(function, "__name__", type(function).__name__)
    if not isinstance(loss, Tensor):
        raise InputTypeError(
            f"the loss returned {type(loss).__name__}, not a tensor",
            where=name,
            hint="a loss computed with the tensors it is given",
        )
    if loss.size != 1:
        raise ShapeError(
            f"the loss of a batch must be one number, not shape {loss.shape}",
            where=name,
            hint="loss.mean(), or reduction='mean'",
        )
