"""A network that must do without some of its neurons learns not to lean on any one.

While training, each number is left out with probability p and the others are made
larger, so that the expected sum stays the same. When predicting, nothing happens. Which
numbers are left out follows from the global stream of `seegrad.random`, whose state can
be saved, so a run that is resumed drops the same ones.
"""

from __future__ import annotations

from typing import Any

from seegrad.errors import ArgumentError
from seegrad.nn.base import as_tensor
from seegrad.nn.module import Module
from seegrad.random import next_key, uniform


class Dropout(Module):
    """Zero with probability ``p``, else x / (1 - p); x itself after ``eval()``.

    From Srivastava et al. (2014). Raises ArgumentError for a p outside 0..1.

    >>> Dropout(0.5).eval()([1.0, 2.0]).tolist()
    [1.0, 2.0]
    """

    def __init__(self, p: float = 0.5) -> None:
        if not (type(p) in (int, float) and 0 <= p <= 1):
            raise ArgumentError(
                f"p is the probability of leaving a number out, from 0 to 1, not {p!r}",
                where="Dropout",
                hint="Dropout(0.5)",
            )
        self.p = float(p)

    def forward(self, x: Any) -> Any:
        x = as_tensor(x)
        if not self.training or self.p == 0.0:
            return x
        kept = uniform(next_key(), x.shape) >= self.p
        scale = 1.0 / (1.0 - self.p) if self.p < 1.0 else 0.0
        return x * (kept * x.dtype.type(scale))

    def describe(self) -> str:
        return f"p={self.p}"


Dropout.sample((5, 3), p=0.5)
Dropout.sample((5, 3), p=0.0)
Dropout.sample((5, 3), p=1.0)
