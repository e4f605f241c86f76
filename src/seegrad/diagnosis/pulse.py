"""The pulse of a training: three numbers of every step, however many there are.

Only some steps are looked at closely. These numbers cost next to nothing, so they are
kept of all, and show what begins while nobody looks.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np


def _numbers() -> array[float]:
    return array("d")


@dataclass
class Pulse:
    """The loss, the norm of all gradients and the learning rate, by step from 0."""

    losses: array[float] = field(default_factory=_numbers)
    gradients: array[float] = field(default_factory=_numbers)
    rates: array[float] = field(default_factory=_numbers)

    def add(self, loss: float, optimizer: Any) -> None:
        """One more step, whose gradients can still be read."""
        squares = 0.0
        for p in optimizer.params:
            if p.grad is not None:
                flat = np.ravel(p.grad)
                squares += float(np.vdot(flat, flat))
        self.losses.append(loss)
        self.gradients.append(math.sqrt(squares) if squares >= 0.0 else math.nan)
        self.rates.append(optimizer.lr)

    def __len__(self) -> int:
        return len(self.losses)
