"""Every weight gets a step of its own size, measured by its recent gradients.

Where gradients are large the step is made smaller, where they are small, larger: a
narrow valley is walked along rather than across.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from seegrad.ops import maximum, sqrt
from seegrad.optim._checks import amount
from seegrad.optim.optimizer import Optimizer, State


class RMSprop(Optimizer):
    """p - lr * g / (sqrt(v) + eps), with v = alpha * v + (1 - alpha) * g^2.

    From Hinton's lecture 6e (2012). ``centered`` takes the variance, v - mean(g)^2, for
    v (Graves 2013); momentum adds up the steps; weight_decay adds weight_decay * p to
    g. Raises ArgumentError for a setting outside its range.

    >>> from seegrad import nn
    >>> RMSprop(nn.Linear(2, 1, seed=0).parameters()).alpha
    0.99
    """

    setting_names = ("alpha", "eps", "weight_decay", "momentum", "centered")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        self.alpha = amount("alpha", alpha, "RMSprop", below=1.0)
        self.eps = amount("eps", eps, "RMSprop")
        self.weight_decay = amount("weight_decay", weight_decay, "RMSprop")
        self.momentum = amount("momentum", momentum, "RMSprop")
        self.centered = bool(centered)
        super().__init__(params, lr)

    def start(self, p: Any) -> State:
        names = ["square"]
        names += ["mean"] if self.centered else []
        names += ["momentum"] if self.momentum else []
        return {name: np.zeros_like(p) for name in names}

    def update(self, p: Any, g: Any, state: State, lr: float) -> tuple[Any, State]:
        if self.weight_decay:
            g = g + self.weight_decay * p
        rest = 1.0 - self.alpha
        new = {"square": self.alpha * state["square"] + rest * (g * g)}
        spread = new["square"]
        if self.centered:
            new["mean"] = self.alpha * state["mean"] + rest * g
            spread = maximum(spread - new["mean"] * new["mean"], 0.0)  # rounding
        move = g / (sqrt(spread) + self.eps)
        if self.momentum:
            new["momentum"] = move = self.momentum * state["momentum"] + move
        return p - lr * move, new
