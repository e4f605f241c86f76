"""What Adam and AdamW share: two running means, and a step made of them.

The means are of the gradient and of its square. Both begin at zero and so are too small
at first; dividing by 1 - beta^step makes up for it exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from seegrad.ops import maximum, sqrt
from seegrad.optim._checks import amount, pair
from seegrad.optim.optimizer import Optimizer, State


class Moments(Optimizer):
    """Settings, memory and step; the subclasses differ in how weights decay."""

    setting_names = ("betas", "eps", "weight_decay", "amsgrad")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
        amsgrad: bool,
    ) -> None:
        name = type(self).__name__
        self.betas = pair("betas", betas, name)
        self.eps = amount("eps", eps, name)
        self.weight_decay = amount("weight_decay", weight_decay, name)
        self.amsgrad = bool(amsgrad)
        super().__init__(params, lr)

    def start(self, p: Any) -> State:
        names = ["mean", "square", *(["largest"] if self.amsgrad else [])]
        return {"step": 0} | {name: np.zeros_like(p) for name in names}

    def moved(self, p: Any, g: Any, state: State, lr: float) -> tuple[Any, State]:
        """p - lr * m' / (sqrt(v') + eps), and the new means."""
        beta1, beta2 = self.betas
        step = state["step"] + 1
        m = beta1 * state["mean"] + (1.0 - beta1) * g
        v = beta2 * state["square"] + (1.0 - beta2) * (g * g)
        new = {"step": step, "mean": m, "square": v}
        if self.amsgrad:
            new["largest"] = v = maximum(state["largest"], v)
        # sqrt(v') = sqrt(v) / scale: numbers are corrected here rather than arrays.
        scale = (1.0 - beta2**step) ** 0.5
        rate = lr * scale / (1.0 - beta1**step)
        return p - rate * (m / (sqrt(v) + self.eps * scale)), new
