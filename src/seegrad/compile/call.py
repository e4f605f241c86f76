"""One call of a compiled function: its arguments, and what kind of call that makes it.

Two calls are of one kind if they differ in numbers only: the same structure and plain
values, the same shapes and dtypes, the same tensor in the same places.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.compile.tree import flat, frozen
from seegrad.mode import mode
from seegrad.node import Node
from seegrad.tensor import Tensor
from seegrad.value import Value

HISTORY = "history"  # instead of a flag: it needs a gradient, and hands it on


def kind(part: Any) -> Any:
    """What must be alike of two arguments for which the same code is run."""
    if isinstance(part, Tensor):
        data = part._data
        if part._requires_grad and part.inputs:
            return data.shape, data.dtype, HISTORY
        return data.shape, data.dtype, part._requires_grad
    if isinstance(part, np.ndarray):
        return part.shape, part.dtype, None
    if isinstance(part, Value):
        history = part._requires_grad and part.inputs
        return "value", HISTORY if history else part._requires_grad
    return None


class Call:
    """The arguments of a call, taken apart."""

    def __init__(self, args: tuple[Any, ...], settings: dict[str, Any]) -> None:
        self.parts: list[Any] = []
        self.structure = flat((args, settings), self.parts)
        self.kinds = tuple(map(kind, self.parts))
        places: dict[int, int] = {}
        self.first = tuple(
            places.setdefault(id(part), k) if isinstance(part, Node) else k
            for k, part in enumerate(self.parts)
        )
        self.family = self.kinds, self.first, mode.recording
        self.key = frozen(self.structure), *self.family
        simple = not settings and len(args) == len(self.parts)
        self.is_simple = simple and all(
            part is arg for part, arg in zip(self.parts, args, strict=True)
        )

    @property
    def has_history(self) -> bool:
        """Whether a gradient would have to flow on through an argument."""
        return mode.recording and any(k[-1] == HISTORY for k in self.kinds)
