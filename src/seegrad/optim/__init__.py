"""How a network learns: optimizers turn gradients into better weights.

Read `optimizer`, then `sgd`; each of the others is the formulas of one paper.
"""

from __future__ import annotations

from seegrad.errors import unknown_name
from seegrad.optim.adam import Adam
from seegrad.optim.adamw import AdamW
from seegrad.optim.clip import clip_grad_norm, clip_grad_value
from seegrad.optim.optimizer import Optimizer
from seegrad.optim.rmsprop import RMSprop
from seegrad.optim.schedule import Schedule
from seegrad.optim.schedules import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    SequentialLR,
    StepLR,
)
from seegrad.optim.sgd import SGD

# The contract tests try each of them: a new one is tested as soon as it is listed.
OPTIMIZERS: dict[str, type[Optimizer]] = {
    "adam": Adam,
    "adamw": AdamW,
    "rmsprop": RMSprop,
    "sgd": SGD,
}


def get(name: str) -> type[Optimizer]:
    """The optimizer class of this name.

    >>> get("adam").__name__
    'Adam'
    """
    if str(name).lower() not in OPTIMIZERS:
        raise unknown_name("optimizer", name, OPTIMIZERS)
    return OPTIMIZERS[name.lower()]


__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adam",
    "AdamW",
    "ConstantLR",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LinearLR",
    "Optimizer",
    "RMSprop",
    "Schedule",
    "SequentialLR",
    "StepLR",
    "clip_grad_norm",
    "clip_grad_value",
    "get",
]
