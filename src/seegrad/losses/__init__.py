"""How wrong the network is, as one number that can be made smaller.

A loss compares a prediction with a target. All are made of ops, so their gradients, and
the gradients of those, come by themselves.
"""

from __future__ import annotations

from seegrad.errors import unknown_name
from seegrad.losses.base import Loss
from seegrad.losses.bce_with_logits import bce_with_logits
from seegrad.losses.cross_entropy import cross_entropy
from seegrad.losses.hinge import hinge
from seegrad.losses.l1 import l1
from seegrad.losses.mse import mse

LOSSES: dict[str, Loss] = {
    "bce_with_logits": bce_with_logits,
    "cross_entropy": cross_entropy,
    "hinge": hinge,
    "l1": l1,
    "mse": mse,
}


def get(loss: str | Loss) -> Loss:
    """The loss of this name; a function is taken as it is.

    >>> get("mse")([1.0], [3.0])
    tensor(4.)
    """
    if callable(loss):
        return loss
    if loss not in LOSSES:
        raise unknown_name("loss", loss, LOSSES)
    return LOSSES[loss]


__all__ = [
    "LOSSES",
    "Loss",
    "bce_with_logits",
    "cross_entropy",
    "get",
    "hinge",
    "l1",
    "mse",
]
