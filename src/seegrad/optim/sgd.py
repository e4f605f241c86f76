"""Straight down the slope, with momentum if you like.

A ball that rolls keeps its speed: momentum adds up past gradients, so that steps in one
direction grow and steps that contradict each other cancel.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from seegrad.errors import ArgumentError
from seegrad.ops import where
from seegrad.optim._checks import amount
from seegrad.optim.optimizer import Optimizer, State


class SGD(Optimizer):
    """Stochastic gradient descent: p - lr * v, with v = momentum * v + g.

    The first v is g; later ones add (1 - dampening) * g. Nesterov's looks ahead:
    p - lr * (g + momentum * v) (Sutskever et al. 2013). weight_decay adds
    weight_decay * p to g. Raises ArgumentError for a setting outside its range.

    >>> from seegrad import nn
    >>> SGD(nn.Linear(2, 1, seed=0).parameters(), lr=0.1, momentum=0.9).lr
    0.1
    """

    setting_names = ("momentum", "dampening", "weight_decay", "nesterov")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        self.momentum = amount("momentum", momentum, "SGD")
        self.dampening = amount("dampening", dampening, "SGD")
        self.weight_decay = amount("weight_decay", weight_decay, "SGD")
        self.nesterov = bool(nesterov)
        if self.nesterov and (not self.momentum or self.dampening):
            raise ArgumentError(
                "Nesterov's step looks ahead along the momentum: it needs momentum "
                "above 0 and dampening 0, "
                f"not {self.momentum:g} and {self.dampening:g}",
                where="SGD",
                hint="SGD(..., momentum=0.9, nesterov=True)",
            )
        super().__init__(params, lr)

    def start(self, p: Any) -> State:
        return {"step": 0, "momentum": np.zeros_like(p)} if self.momentum else {}

    def update(self, p: Any, g: Any, state: State, lr: float) -> tuple[Any, State]:
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return p - lr * g, state
        step = state["step"] + 1
        damped = g
        if self.dampening:  # the first v is all of g
            damped = where(step == 1, g, (1.0 - self.dampening) * g)
        v = self.momentum * state["momentum"] + damped
        direction = g + self.momentum * v if self.nesterov else v
        return p - lr * direction, {"step": step, "momentum": v}
