"""From any numbers to probabilities: how a classifier says what it believes."""

from __future__ import annotations

from typing import Any

from seegrad.nn.base import as_tensor
from seegrad.nn.module import Module
from seegrad.ops import softmax


class Softmax(Module):
    """exp(x) / sum(exp(x)) along ``dim``: positive numbers that add up to 1.

    Not before `losses.cross_entropy`, which works on the logits and is stabler for it.
    Raises IndexRangeError where x has no such axis.

    >>> Softmax(dim=1)([[0.0, 0.0]]).tolist()
    [[0.5, 0.5]]
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        return softmax(as_tensor(x), self.dim)

    def describe(self) -> str:
        return f"dim={self.dim}"


Softmax.sample((5, 3), dim=1)
Softmax.sample((5, 3), dim=0)
Softmax.sample((4,))
