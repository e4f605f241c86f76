"""Adam with the decay of weights kept apart from the gradients.

In Adam a decay that is added to the gradient is divided by its size again, so the
weights with the largest gradients decay least. Here every weight shrinks alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seegrad.optim._moments import Moments
from seegrad.optim.optimizer import State


class AdamW(Moments):
    """p * (1 - lr * weight_decay) - lr * m' / (sqrt(v') + eps), m' and v' as in Adam.

    From Loshchilov and Hutter (2019). Raises ArgumentError for a setting outside its
    range.

    >>> from seegrad import nn
    >>> AdamW(nn.Linear(2, 1, seed=0).parameters()).weight_decay
    0.01
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)

    def update(self, p: Any, g: Any, state: State, lr: float) -> tuple[Any, State]:
        return self.moved(p * (1.0 - lr * self.weight_decay), g, state, lr)
