"""A network that must do without some of its neurons learns not to lean on any one.

While training, each number is left out with probability p and the others are made
larger, so that the expected sum stays the same. When predicting, nothing happens. Which
numbers are left out follows from the global stream of `seegrad.random`, whose state can
be saved, so a run that is resumed drops the same ones.
"""

from __future__ import annotations

from typing import Any

from seegrad.creation import rand
from seegrad.errors import ArgumentError
from seegrad.nn.base import as_tensor
from seegrad.nn.module import Module
from seegrad.ops.shapes import to


def probability(p: Any, where: str) -> float:
    """The chance of leaving a number out, as a float; ArgumentError outside 0..1.

    >>> probability(1, "Dropout")
    1.0
    """
    if not (type(p) in (int, float) and 0 <= p <= 1):
        raise ArgumentError(
            f"p is the probability of leaving a number out, from 0 to 1, not {p!r}",
            where=where,
            hint=f"{where}(0.5)" if where == "Dropout" else "dropout=0.1",
        )
    return float(p)


def dropped(x: Any, p: float) -> Any:
    """x with each number 0 at probability p, else x / (1 - p).

    >>> dropped(as_tensor([1.0, 2.0]), 1.0).tolist()
    [0.0, 0.0]
    """
    if p == 0.0:
        return x
    kept = rand(x.shape) >= p
    return x * (to(kept, x.dtype) * (1.0 / (1.0 - p) if p < 1.0 else 0.0))


class Dropout(Module):
    """Zero with probability ``p``, else x / (1 - p); x itself after ``eval()``.

    From Srivastava et al. (2014). Raises ArgumentError for a p outside 0..1.

    >>> Dropout(0.5).eval()([1.0, 2.0]).tolist()
    [1.0, 2.0]
    """

    def __init__(self, p: float = 0.5) -> None:
        self.p = probability(p, "Dropout")

    def forward(self, x: Any) -> Any:
        x = as_tensor(x)
        return dropped(x, self.p) if self.training else x

    def describe(self) -> str:
        return f"p={self.p}"


Dropout.sample((5, 3), p=0.5)
Dropout.sample((5, 3), p=0.0)
Dropout.sample((5, 3), p=1.0)
