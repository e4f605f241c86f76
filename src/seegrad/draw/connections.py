"""The edges of a network picture: every weight between shown units, and the bundles.

An edge knows its weight, its gradient, and what the weight was before; how thick it is
and whether it is among those that changed most follows from these numbers alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from seegrad.draw.columns import RADIUS, Column
from seegrad.draw.numbers import fixed, short
from seegrad.draw.scene import Point
from seegrad.draw.state import Array, LayerState, NetworkState


@dataclass(frozen=True, slots=True)
class Edge:
    """One weight, or (``count`` > 1) the mean size of the weights of a bundle."""

    name: str  # "0.weight[2, 1]": what `state_dict` calls it
    start: Point
    end: Point
    weight: float
    grad: float | None
    old: float | None
    count: int = 1

    @property
    def change(self) -> float:
        """How far the update moved the weight."""
        return 0.0 if self.old is None else self.weight - self.old

    def sentence(self) -> str:
        """The edge in words."""
        if self.count > 1:
            return (
                f"{self.name}: {self.count:,} weights, mean size {short(self.weight)}"
            )
        was = "" if self.old is None else f"{short(self.old)} → "
        grad = "" if self.grad is None else f", gradient {short(self.grad)}"
        return f"{self.name} = {was}{short(self.weight)}{grad}"

    def lines(self) -> list[tuple[str, str]]:
        """What is written on the edge: (text, role) line by line."""
        if self.old is not None and self.change:
            sign = "▲" if self.change > 0 else "▼"
            text = f"{fixed(self.old)} → {fixed(self.weight)} {sign}"
            if fixed(self.old) == fixed(self.weight):
                text = f"{fixed(self.weight)} {sign} {fixed(abs(self.change))}"
            lines = [(text, "changed_text")]
        else:
            lines = [(fixed(self.weight), "data")]
        if self.grad is not None:
            lines.append((f"grad {fixed(self.grad)}", "gradient"))
        return lines

    def at(self, t: float) -> Point:
        """The place at a share ``t`` of the way."""
        (x0, y0), (x1, y1) = self.start, self.end
        return x0 + (x1 - x0) * t, y0 + (y1 - y0) * t


def edges_of(
    state: NetworkState, before: NetworkState | None, columns: list[Column]
) -> list[Edge]:
    """All edges between neighbouring columns, bundles first: they lie behind."""
    edges: list[Edge] = []
    for place, layer in enumerate(state.layers):
        old = None if before is None else before.layers[place].weight
        edges += _between(layer, old, columns[place], columns[place + 1])
    return sorted(edges, key=lambda edge: (edge.count == 1, extent(edge.weight)))


def _between(
    layer: LayerState, old: Array | None, left: Column, right: Column
) -> list[Edge]:
    edges = []
    for j, end in zip(right.units, right.places, strict=True):
        for i, start in zip(left.units, left.places, strict=True):
            rows = [j] if j >= 0 else right.others()
            columns = [i] if i >= 0 else left.others()
            block = np.ix_(rows, columns)
            alone = i >= 0 and j >= 0
            name = f"{layer.name}.weight" if layer.name else "weight"
            where = f"[{j if j >= 0 else '…'}, {i if i >= 0 else '…'}]"
            grad = layer.weight_grad
            edges.append(
                Edge(
                    name + where,
                    (start[0] + RADIUS, start[1]),
                    (end[0] - RADIUS, end[1]),
                    float(layer.weight[j, i])
                    if alone
                    else float(np.abs(layer.weight[block]).mean()),
                    float(grad[j, i]) if alone and grad is not None else None,
                    float(old[j, i]) if alone and old is not None else None,
                    1 if alone else max(len(rows) * len(columns), 2),
                )
            )
    return edges


def extent(number: float) -> float:
    """How large a number is; a NaN is larger than all, for it must not be overlooked.

    >>> extent(-2.0), extent(float("nan"))
    (2.0, inf)
    """
    return math.inf if math.isnan(number) else abs(number)


def changed_most(edges: list[Edge], most: int) -> list[Edge]:
    """The edges that an update moved farthest, at most ``most`` of them."""
    moved = [edge for edge in edges if edge.count == 1 and edge.change]
    return sorted(moved, key=lambda edge: (-extent(edge.change), edge.name))[:most]


def steepest(edges: list[Edge], most: int) -> list[Edge]:
    """The edges with the largest gradients (or weights), at most ``most`` of them."""
    single = [edge for edge in edges if edge.count == 1]
    return sorted(
        single,
        key=lambda e: (-extent(e.weight if e.grad is None else e.grad), e.name),
    )[:most]
