"""A NaN spreads to all that it touches, so training stops where the first one appears.

When the loss is no longer a finite number, the graph of that very loss is walked in the
order of computation, and the first operation that made a non-finite number out of
finite ones is named. The parameters have not moved by then. A compiled step has the
same checks in it; when one fails, the step runs again eagerly, to find out why.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from seegrad.backpropagation import ordered
from seegrad.errors import NonFiniteError
from seegrad.nn import Module, Parameter
from seegrad.node import Node
from seegrad.require import require
from seegrad.train.callback import Callback
from seegrad.train.trainer import Trainer

OVERFLOWING = 1e4  # an input from which a result may be too large for a float
NEEDS_POSITIVE = {"log", "div", "sqrt", "pow", "log1p"}


class Finite(Callback):
    """Raises NonFiniteError for a loss, gradient or parameter that is not finite."""

    traceable = True

    def after_loss(self, trainer: Trainer) -> None:
        """The loss, and so every number that it was made from."""
        require(abs(trainer.loss.data) < math.inf, partial(_bad_loss, trainer))

    def after_backward(self, trainer: Trainer) -> None:
        """The gradients, before a parameter moves by them."""
        for name, p in trainer.model.named_parameters():
            g = p.grad
            if g is not None:
                explain = partial(_bad_gradient, trainer, name, p)
                require(abs(g) < math.inf, explain)

    def after_epoch(self, trainer: Trainer) -> None:
        """The parameters; within an epoch, the next loss would show it."""
        for name, p in trainer.model.named_parameters():
            if not np.isfinite(p.data).all():
                raise NonFiniteError(
                    f"the last update of epoch {trainer.epoch} left "
                    f"{_amount(p.data)} in {name}",
                    where=trainer.where(),
                    hint=_slower(trainer),
                )


def _bad_loss(trainer: Trainer) -> NonFiniteError:
    value = float(trainer.loss.item())
    what = f"the loss became {value} at {trainer.where()}"
    names = {p: name for name, p in trainer.model.named_parameters()}
    nodes = ordered(trainer.loss)
    for p, name in names.items():
        if not _finite(p):
            return NonFiniteError(
                f"{what}: parameter {name} already held {_amount(p.data)}",
                where=_layer(trainer.model, name),
                hint=_slower(trainer),
            )
    culprit = first_nonfinite(nodes)
    if culprit is None:
        return NonFiniteError(
            f"{what}: it was so before any operation with a gradient",
            where=type(trainer.model).__name__,
            hint="a look at what the model and the loss compute with their inputs",
        )
    return NonFiniteError(
        f"{what}: the first operation that made a non-finite number is {culprit.op}, "
        f"with {_amount(culprit.data)} (shape {np.shape(culprit.data)})",
        where=_place(culprit, names, trainer.model),
        hint=_remedy(culprit, trainer),
    )


def _bad_gradient(trainer: Trainer, name: str, p: Parameter) -> NonFiniteError:
    names = {p: name for name, p in trainer.model.named_parameters()}
    what = f"the gradient of {name} holds {_amount(p.grad)} at {trainer.where()}"
    for node in reversed(ordered(trainer.loss)):
        broken = [x for x in node.inputs if x.grad is not None and not _good(x.grad)]
        if broken and _good(node.grad):
            return NonFiniteError(
                f"{what}, though the loss is {float(trainer.loss.item()):.4g}: the "
                f"first derivative that is not finite is that of {node.op}",
                where=_place(node, names, trainer.model),
                hint=_remedy(node, trainer),
            )
    return NonFiniteError(
        what, where=_layer(trainer.model, name), hint=_slower(trainer)
    )


def first_nonfinite(nodes: list[Node]) -> Node | None:
    """The first result that is not finite although all its inputs are.

    >>> from seegrad import Value
    >>> bad = (Value(-1.0) + 1.0).log() * 2.0
    >>> first_nonfinite(ordered(bad)).op
    log
    """
    finite = {node: _finite(node) for node in nodes}
    for node in nodes:
        if node.inputs and not finite[node] and all(finite[x] for x in node.inputs):
            return node
    return None


def _finite(node: Node) -> bool:
    return _good(node.data)


def _good(data: Any) -> bool:
    return data is None or bool(np.isfinite(data).all())


def _amount(data: Any) -> str:
    """How many of the numbers are NaN or infinite, in words."""
    array = np.asarray(data)
    nans, infinities = int(np.isnan(array).sum()), int(np.isinf(array).sum())
    told = [f"{n:,} {word}" for n, word in ((nans, "nan"), (infinities, "inf")) if n]
    return f"{' and '.join(told)} among {array.size:,} numbers"


def _place(node: Node, names: dict[Any, str], model: Module) -> str:
    """The layer whose parameter is the nearest on the way back from the node."""
    seen, front = {node}, [node]
    while front:
        for x in front:
            if x in names:
                return f"{node.op}, in or after {_layer(model, names[x])}"
        front = [x for y in front for x in y.inputs if x not in seen]
        seen.update(front)
    return str(node.op)


def _layer(model: Module, parameter: str) -> str:
    name = parameter.rpartition(".")[0]
    layer = dict(model.named_modules()).get(name, model)
    title = repr(layer).splitlines()[0].rstrip("(")
    return f"layer {name}, {title}" if name else title


def _remedy(node: Node, trainer: Trainer) -> str:
    largest = max(np.abs(x.data).max(initial=0.0) for x in node.inputs)
    overflows = largest > OVERFLOWING
    if node.op is not None and node.op.name in NEEDS_POSITIVE and not overflows:
        return (
            f"keep the input of {node.op} away from 0 and below, for example + 1e-8, "
            "or use a loss that takes the plain outputs (logits)"
        )
    return _slower(trainer)


def _slower(trainer: Trainer) -> str:
    rate = getattr(trainer.optimizer, "lr", None)
    now = f" than {rate:g}" if isinstance(rate, float | int) else ""
    return f"a smaller learning rate{now}, and inputs of about -1 to 1"
