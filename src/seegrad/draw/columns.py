"""Which units of a network are drawn, and where: a column of circles for each layer.

A large layer shows the units that matter most, by the size of the gradients (or of the
weights) on their edges, and one last circle that stands for all the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seegrad.draw.scene import Point
from seegrad.draw.state import Array, NetworkState

RADIUS = 24.0
NARROWEST = 104.0  # from one column to the next: a deep network gets a wider sheet
OUTPUTS = 10  # as many outputs are always shown: ten digits are ten digits


@dataclass(frozen=True, slots=True)
class Column:
    """The units shown (their numbers, in order) and where; "more" has the number -1."""

    size: int
    units: tuple[int, ...]
    places: tuple[Point, ...]

    @property
    def hidden(self) -> int:
        """How many units stand behind "more"."""
        return self.size - sum(unit >= 0 for unit in self.units)

    def others(self) -> list[int]:
        """The numbers of the units that are not shown."""
        return sorted(set(range(self.size)) - set(self.units))


def columns_of(
    state: NetworkState, most: int, *, left: float, top: float, width: float
) -> tuple[list[Column], float]:
    """The columns of a network on about this width, and the height that they need."""
    sizes = state.sizes()
    chosen = []
    for place in range(len(sizes)):
        limit = max(most, OUTPUTS) if place == len(sizes) - 1 else most
        chosen.append(_choice(_importance(state, place), limit))
    tallest = max(map(len, chosen))
    step = 108.0 if tallest <= 5 else 76.0 if tallest <= 8 else 66.0
    gap = max(width / max(len(sizes) - 1, 1), NARROWEST)
    height = (tallest - 1) * step + 2 * RADIUS
    columns = []
    for place, (size, units) in enumerate(zip(sizes, chosen, strict=True)):
        first = top + height / 2 - (len(units) - 1) * step / 2
        x = left + place * gap
        places = tuple((x, first + i * step) for i in range(len(units)))
        columns.append(Column(size, units, places))
    return columns, height


def has_gradients(state: NetworkState) -> bool:
    """Whether any weight has a gradient other than zero to be chosen by."""
    grads = (layer.weight_grad for layer in state.layers)
    return any(grad is not None and bool(grad.any()) for grad in grads)


def _choice(importance: Array, limit: int) -> tuple[int, ...]:
    """All units, or the most important ones in their order, then "more"."""
    if len(importance) <= limit:
        return tuple(range(len(importance)))
    best = np.argsort(-importance, kind="stable")[: limit - 1]
    return (*sorted(best.tolist()), -1)


def _importance(state: NetworkState, place: int) -> Array:
    """The sizes of all gradients on the edges of each unit; of weights without them."""
    total = np.zeros(state.sizes()[place])
    for beside, axis in ((place - 1, 1), (place, 0)):
        if 0 <= beside < len(state.layers):
            layer = state.layers[beside]
            grad = layer.weight_grad
            edges = layer.weight if grad is None or not grad.any() else grad
            total = total + np.nan_to_num(np.abs(edges), nan=np.inf, posinf=np.inf).sum(
                axis=axis
            )
    return total
