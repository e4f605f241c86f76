"""What an update did to a network: the state after it, minus the state before it."""

from __future__ import annotations

from typing import Any

from seegrad.draw.state import LayerState, NetworkState
from seegrad.errors import ShapeError


def change(before: NetworkState, after: NetworkState) -> NetworkState:
    """A state of differences: how far every weight, bias, unit and the loss moved.

    Raises ShapeError for states of networks of different sizes.
    """
    if before.sizes() != after.sizes():
        raise ShapeError(
            f"the network before has layers of {before.sizes()} units, and the one "
            f"after of {after.sizes()}",
            where="draw.change",
            hint="two states of the same model",
        )
    layers = tuple(
        LayerState(
            new.name, new.kind, new.weight - old.weight, _minus(new.bias, old.bias),
            value=_minus(new.value, old.value),
        )
        for old, new in zip(before.layers, after.layers, strict=True)
    )  # fmt: skip
    return NetworkState(
        layers,
        samples=after.samples,
        loss=_minus(after.loss, before.loss),
        earlier=before,
        is_change=True,
    )


def _minus(new: Any, old: Any) -> Any:
    return None if new is None or old is None else new - old
