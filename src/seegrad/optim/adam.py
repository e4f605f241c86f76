"""Momentum and a step size for every weight, together: what most people start with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seegrad.optim._moments import Moments
from seegrad.optim.optimizer import State


class Adam(Moments):
    """p - lr * m' / (sqrt(v') + eps), with the running means m of g and v of g^2.

    m' = m / (1 - beta1^step) and v' = v / (1 - beta2^step) (Kingma and Ba 2015).
    ``amsgrad`` never lets v shrink (Reddi et al. 2018); weight_decay adds
    weight_decay * p to g. Raises ArgumentError for a setting outside its range.

    >>> from seegrad import nn
    >>> Adam(nn.Linear(2, 1, seed=0).parameters()).betas
    (0.9, 0.999)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)

    def update(self, p: Any, g: Any, state: State, lr: float) -> tuple[Any, State]:
        if self.weight_decay:
            g = g + self.weight_decay * p
        return self.moved(p, g, state, lr)
