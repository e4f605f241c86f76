"""Losses, metrics and optimizers by name: "mse" is sg.losses.mse.

A name is a convenience. Wherever a name is taken, the thing itself is taken too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from seegrad import losses, metrics, optim
from seegrad.errors import ArgumentError, InputTypeError, SeegradError
from seegrad.nn import Module

Function = Callable[[Any, Any], Any]


def loss_named(loss: str | Function) -> Function:
    """The loss called so, or the function given."""
    if not isinstance(loss, str):
        return _callable("loss", loss, "mse")
    return _found(losses.get, loss)  # type: ignore[no-any-return]


def metrics_named(
    chosen: str | Function | Iterable[str | Function] | None,
) -> dict[str, Function]:
    """Each metric under its name; a function goes by the name it was defined with."""
    if isinstance(chosen, str) or callable(chosen):
        chosen = [chosen]
    found: dict[str, Function] = {}
    for metric in chosen or ():
        if isinstance(metric, str):
            name, function = metric, _found(metrics.get, metric)
        else:
            function = _callable("metric", metric, "accuracy")
            name = getattr(metric, "__name__", type(metric).__name__)
        if name in found or name == "loss":
            raise ArgumentError(
                f"two things to record are called {name!r}",
                where="fit",
                hint="each metric once, under a name of its own (function.__name__)",
            )
        found[name] = function
    return found


def optimizer_named(optimizer: Any, model: Module) -> Any:
    """The optimizer called so, over all parameters of the model, or the one given."""
    if isinstance(optimizer, str):
        return _found(optim.get, optimizer)(model.parameters())
    if not isinstance(optimizer, optim.Optimizer):
        raise InputTypeError(
            f"optimizer must be a name or an optimizer, not {optimizer!r}",
            where="fit",
            hint="optimizer=optim.Adam(model.parameters(), lr=1e-3)",
        )
    return optimizer


def _found(get: Callable[[str], Any], name: str) -> Any:
    try:
        return get(name)
    except SeegradError as error:
        error.where = error.where or "fit"
        raise


def _callable(what: str, thing: Any, example: str) -> Function:
    if not callable(thing):
        raise InputTypeError(
            f"{what} must be a name or a function of (prediction, target), "
            f"not {thing!r}",
            where="fit",
            hint=f"{what}={example!r}",
        )
    return thing  # type: ignore[no-any-return]
