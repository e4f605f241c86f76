"""From a stack of images to a table of numbers: what a linear layer can read."""

from __future__ import annotations

from typing import Any

from seegrad.nn.base import as_tensor
from seegrad.nn.module import Module
from seegrad.ops import flatten


class Flatten(Module):
    """x with the axes from ``start_dim`` to ``end_dim`` joined into one.

    The first axis, the batch, is kept unless told otherwise.

    >>> import numpy as np
    >>> Flatten()(np.zeros((5, 8, 8))).shape
    (5, 64)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        return flatten(as_tensor(x), self.start_dim, self.end_dim)

    def describe(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


Flatten.sample((5, 2, 3))
Flatten.sample((5, 2, 3), start_dim=0)
Flatten.sample((5, 2, 3, 2), 1, 2)
