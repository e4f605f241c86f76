"""One call of a compiled function: its arguments, and what kind of call that makes it.

Two calls are of one kind if they differ in numbers only: the same structure and plain
values, the same shapes and dtypes, the same tensor in the same places.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from operator import is_
from typing import Any

import numpy as np

from seegrad.compiler.tracing.reach import PLAIN
from seegrad.compiler.tracing.tree import Hole, flat, frozen
from seegrad.mode import mode
from seegrad.node import Node
from seegrad.value import Value

HISTORY = "history"  # instead of a flag: it needs a gradient, and hands it on


def kind(part: Any) -> Any:
    """What must be alike of two arguments for which the same code is run."""
    if isinstance(part, np.ndarray):
        return part.shape, part.dtype, None
    flag = part._requires_grad
    if flag and part.inputs:
        flag = HISTORY
    if isinstance(part, Value):
        return "value", flag
    return part._data.shape, part._data.dtype, flag


def _objects(structure: Any) -> Iterator[Any]:
    """What a structure holds beside plain values and the places of tensors."""
    if isinstance(structure, dict):
        structure = list(structure.values())
    if isinstance(structure, list | tuple):
        for part in structure:
            yield from _objects(part)
    elif not isinstance(structure, (Hole, *PLAIN)):
        yield structure


class Call:
    """The arguments of a call, taken apart."""

    def __init__(self, args: tuple[Any, ...], settings: dict[str, Any]) -> None:
        self.args, self.parts = args, list[Any]()
        self.structure = flat((args, settings), self.parts)
        self.kinds = tuple(map(kind, self.parts))
        places: dict[int, int] = {}
        self.first = tuple(
            places.setdefault(id(part), k) if isinstance(part, Node) else k
            for k, part in enumerate(self.parts)
        )
        self.objects = tuple(_objects(self.structure))  # what may change inside
        self.family = self.kinds, self.first, mode.recording
        self.key = frozen(self.structure), *self.family
        # Where the parts are among the arguments; the others have to be the very same.
        self.places = [
            k for k, x in enumerate(args) if isinstance(x, Node | np.ndarray)
        ]
        self.fixed = [k for k in range(len(args)) if k not in self.places]
        self.is_simple = (
            not settings
            and len(self.places) == len(self.parts)  # nothing is nested
            and all(self._is_told_by_identity(args[k]) for k in self.fixed)
        )

    def _is_told_by_identity(self, thing: Any) -> bool:
        """Whether a plain value never changes, or whatever does is guarded."""
        return isinstance(thing, PLAIN) or any(map(partial(is_, thing), self.objects))

    @property
    def has_history(self) -> bool:
        """Whether a gradient would have to flow on through an argument."""
        return mode.recording and any(k[-1] == HISTORY for k in self.kinds)
