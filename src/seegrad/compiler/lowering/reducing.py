"""Reductions in a loop: where they start, how they go on, what comes out.

A sum over the lanes is kept in one total for each lane, and the totals are folded
together when the row is over: first half by half, always in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.planning.kernels import Item
from seegrad.compiler.registers.dialect import Register

COMBINE: dict[str, tuple[Any, Callable[[Any, Register, Register], Register]]] = {
    "add": (0, lambda words, x, y: x + y),
    "maximum": (-math.inf, lambda words, x, y: words.maximum(x, y)),
    "minimum": (math.inf, lambda words, x, y: words.minimum(x, y)),
    "any": (False, lambda words, x, y: x | y),
    "all": (True, lambda words, x, y: x & y),
}


class Reducer:
    """One reduction in a loop: where it starts, how it goes on, what comes out."""

    def __init__(
        self, access: Access, item: Item, *, lanes: int, across: bool, many: bool
    ) -> None:
        self.access, self.item = access, item
        self.lanes, self.across = lanes, across
        facts = item.term.facts
        self.first, self.combine = COMBINE[str(facts.combine)]
        self.dtype = item.term.dtype
        if many and self.dtype == np.float32 and facts.combine == "add":
            self.dtype = np.dtype("float64")
        if self.first in (math.inf, -math.inf) and self.dtype.kind in "iu":
            info = np.iinfo(self.dtype)
            self.first = info.min if self.first < 0 else info.max
        if self.first in (math.inf, -math.inf) and self.dtype.kind == "b":
            self.first = self.first > 0

    def start(self) -> Any:
        """What is there before anything was added."""
        words = self.access.words(self.lanes)
        return words.constant(self.first, self.dtype, self.lanes).value

    def add(self, now: Any) -> Any:
        """The total, with what stands at this place."""
        access = self.access
        words = access.words(self.lanes)
        total = words.register(now, self.dtype)
        value = access.read(self.item.term.inputs[0], self.item.over)
        value = value.astype(self.dtype)
        tail = access.tail() if self.across else None
        if tail is not None:
            value = words.where(tail, value, self.first)
        return words.splat(self.combine(words, total, value), self.lanes).value

    def finish(self, total: Any) -> Register:
        """One number for the row; over the lanes, halves are folded together."""
        words = self.access.words(self.lanes)
        found = words.register(total, self.dtype)
        while self.across and found.lanes > 1:
            half = found.lanes // 2
            first = self.access.picked(found, range(half))
            second = self.access.picked(found, range(half, 2 * half))
            found = self.combine(self.access.words(half), first, second)
        return found.astype(self.item.term.dtype)
