"""The state of a network around one update: units as circles, weights as edges.

Each circle holds the value of its unit and, beneath it, the gradient; each edge is as
wide as its weight is large, blue and solid if positive, orange and dashed if negative.
Given the state before the update, the same picture is drawn again, everything in its
place, with the old and new numbers written on what changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from seegrad.draw.columns import RADIUS, Column, columns_of, has_gradients
from seegrad.draw.connections import (
    Edge,
    changed_most,
    edges_of,
    extent,
    steepest,
)
from seegrad.draw.described import described
from seegrad.draw.legend import legend, stroke, word
from seegrad.draw.lettering import width_of
from seegrad.draw.numbers import short
from seegrad.draw.palette import sign_role
from seegrad.draw.picture import Picture
from seegrad.draw.scene import (
    DASHED,
    DOTTED,
    Line,
    Mark,
    Point,
    Rectangle,
    Scene,
    Text,
)
from seegrad.draw.state import NetworkState, capture
from seegrad.draw.units import units_of
from seegrad.errors import ArgumentError, ShapeError

LEFT, TOP, WIDTH = 52.0, 104.0, 760.0
FEW = 24  # that many edges can carry their numbers; of more, only the most telling
TELLING = 8
SIZE, LINE = 9.5, 12.0
Box = tuple[float, float, float, float]  # left, top, right, bottom
PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, *(k / 40 for k in range(5, 36)))  # along an edge


def network(
    model: Any,
    *,
    before: NetworkState | None = None,
    like: NetworkState | None = None,
    title: str = "",
    max_units: int = 8,
    theme: str = "auto",
) -> Picture:
    """Draw a model, or the state of one that `capture` took.

    With ``before``, an earlier state of the same network, the layout is that of the
    earlier picture and what changed is marked; gradients are those of the state drawn.
    A layer of more than ``max_units`` units shows the most important ones and "more".
    ``like`` is a state whose choice of units and whose scale this picture shall have.
    Raises ShapeError if ``before`` or ``like`` is of a network of other sizes.
    """
    state = model if isinstance(model, NetworkState) else capture(model)
    before = state.earlier if before is None else before
    if max_units < 2:
        raise ArgumentError(f"max_units must be 2 or more, not {max_units}")
    for name, other in (("before", before), ("to be like", like)):
        if other is not None and other.sizes() != state.sizes():
            raise ShapeError(
                f"the network {name} has layers of {other.sizes()} units, and this one "
                f"of {state.sizes()}",
                where="draw.network",
                hint="two states of the same model",
            )
    title = title or _title(state, before)
    scene = _Sheet(state, before, like, max_units).scene(title)
    before = None if state.is_change else before
    return Picture(scene, described(title, state, before), theme)


NetworkState.painter = staticmethod(network)


def _title(state: NetworkState, before: NetworkState | None) -> str:
    if state.is_change:
        return "What the update changed"
    return "The network after the update" if before else "The network"


class _Sheet:
    """Columns and edges on their way to a scene."""

    def __init__(
        self, state: NetworkState, before: NetworkState | None,
        like: NetworkState | None, most: int,
    ) -> None:  # fmt: skip
        self.layout = like or before or state
        self.columns, self.height = columns_of(
            self.layout, most, left=LEFT, top=TOP, width=WIDTH
        )
        self.width = LEFT + self.columns[-1].places[0][0]
        before = None if state.is_change else before
        self.state, self.before = state, before
        self.edges = edges_of(state, before, self.columns)
        single = [edge for edge in self.edges if edge.count == 1]
        shown = {edge.name for edge in single}
        scale = like or before
        base = edges_of(scale, None, self.columns) if scale else self.edges
        sizes = [abs(edge.weight) for edge in base if edge.name in shown]
        finite = [size for size in sizes if math.isfinite(size)]
        self.largest = (
            max(finite, default=0.0) or 1.0
        )  # the same scale before and after
        self.dense = len(self.edges) > 3 * FEW
        few = len(single) <= FEW
        self.changed = changed_most(
            single, max(3, len(single) // 4) if few else TELLING
        )
        labelled = steepest(single, len(single) if few else TELLING)
        if before is not None:
            labelled = changed_most(single, len(single)) if few else self.changed
        self.labelled = labelled

    def scene(self, title: str) -> Scene:
        """Title, columns, edges, units, numbers, legend: back to front."""
        marks: list[Mark] = [
            Text(16.0, 26.0, title, size=13.0, bold=True, fill="ink", group="title"),
            Text(16.0, 45.0, self._subtitle(), size=11.0, fill="quiet", group="loss"),
        ]
        marks += [
            Line(
                (edge.start, edge.end), stroke="changed", opacity=0.35,
                thickness=self._thickness(edge) + 7.0, group=f"changed {edge.name}",
            )
            for edge in self.changed
        ]  # fmt: skip
        marks += [self._edge(edge) for edge in self.edges]
        for place, column in enumerate(self.columns):
            marks += self._header(place, column)
            marks += units_of(self.state, self.before, place, column)
        marks += self._labels()
        base = TOP + self.height + 44.0
        below, height = legend(self._legend(), 16.0, base, self.width - 32.0)
        size = round(self.width, 1), round(base + height, 1)
        return Scene(*size, (*marks, *below), title)

    def _subtitle(self) -> str:
        now, old = self.state.loss, self.before.loss if self.before else None
        words = []
        if now is not None:
            was = f"{short(old)} → " if old is not None and old != now else ""
            moved = "changed by " if self.state.is_change else was
            words.append(f"loss {moved}{short(now)}")
        if self.state.samples:
            many = self.state.samples > 1
            count = self.state.samples
            words.append(f"values: mean over {count} samples" if many else "one sample")
        hidden = [column for column in self.columns if column.hidden]
        if hidden:
            known = has_gradients(self.layout)
            largest = "gradients" if known else "weights"
            words.append(f"of large layers, the units with the largest {largest}")
        return " · ".join(words)

    def _thickness(self, edge: Edge) -> float:
        share = min(extent(edge.weight) / self.largest, 1.5)
        return 0.7 + (3.3 if self.dense else 4.3) * share

    def _edge(self, edge: Edge) -> Mark:
        role = "neutral" if edge.count > 1 else sign_role(edge.weight)
        share = min(extent(edge.weight) / self.largest, 1.0)
        dash = DOTTED if edge.count > 1 else DASHED if edge.weight < 0 else ()
        faint = 0.6 if edge.count > 1 else 0.25 + 0.75 * share
        return Line(
            (edge.start, edge.end), stroke=role, dash=dash, title=edge.sentence(),
            thickness=self._thickness(edge) if edge.count == 1 else 1.2,
            opacity=round(faint, 2) if self.dense else 1.0,
            group=f"edge {edge.name}",
        )  # fmt: skip

    def _header(self, place: int, column: Column) -> list[Mark]:
        kind = self.state.layers[place - 1].kind if place else "input"
        shown = len(column.units) - 1
        count = f"{column.size} unit" + ("s" if column.size != 1 else "")
        if column.hidden:
            count += f", {shown} shown"
        x = column.places[0][0]
        half = max(width_of(kind, 11.0, bold=True), width_of(count, 10.0)) / 2 + 16.0
        x = min(max(x, half), self.width - half)
        return [
            Text(
                x, TOP - 34.0, kind, size=11.0, bold=True, anchor="middle", fill="ink"
            ),
            Text(x, TOP - 20.0, count, size=10.0, anchor="middle", fill="quiet"),
        ]

    def _labels(self) -> list[Mark]:
        """Numbers on the edges, each where it covers no unit and no other number."""
        circles = [spot for column in self.columns for spot in column.places]
        taken = [(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in circles]
        taken += [
            (x - 46.0, y + RADIUS, x + 46.0, y + RADIUS + 16.0) for x, y in circles
        ]
        marks: list[Mark] = []
        for edge in self.labelled:
            lines = edge.lines()
            width = max(width_of(text, SIZE) for text, _ in lines) + 8.0
            height = LINE * len(lines) + 4.0
            boxes = [_around(edge.at(t), width, height) for t in PLACES]
            free = [box for box in boxes if not any(_overlap(box, b) for b in taken)]
            if free:
                box = min(free, key=lambda b: self._crowd(b, edge))
                taken.append(box)
                marks += self._label(edge, lines, box)
        return marks

    def _crowd(self, box: Box, own: Edge) -> tuple[int, float]:
        """How many other edges run behind a label, and how far away the next one is."""
        left, top, right, bottom = box
        behind, air = 0, bottom - top
        for edge in self.edges:
            if edge is own or edge.start[0] >= right or left >= edge.end[0]:
                continue
            length = edge.end[0] - edge.start[0]
            shares = ((x - edge.start[0]) / length for x in (left, right))
            low, high = sorted(edge.at(t)[1] for t in shares)
            behind += low < bottom and high > top
            air = min(air, max(low - bottom, top - high, 0.0))
        return behind, -air

    def _label(self, edge: Edge, lines: list[tuple[str, str]], box: Box) -> list[Mark]:
        left, top, right, bottom = box
        marked = edge in self.changed
        group = f"label {edge.name}"
        marks: list[Mark] = [
            Rectangle(
                left, top, right - left, bottom - top, radius=3.0,
                fill="changed_card" if marked else "paper",
                stroke="changed" if marked else sign_role(edge.weight), thickness=0.9,
                dash=() if marked or edge.weight >= 0 else (3.0, 2.0),
                title=edge.sentence(), group=group,
            )
        ]  # fmt: skip
        for row, (text, role) in enumerate(lines):
            y = top + 2.0 + LINE * (row + 0.78)
            middle = (left + right) / 2
            marks.append(
                Text(
                    middle, y, text, size=SIZE, anchor="middle", fill=role, group=group
                )
            )
        return marks

    def _legend(self) -> Iterator[tuple[Mark, str]]:
        moved = self.state.is_change
        if any(layer.value is not None for layer in self.state.layers):
            change = "change of a unit or weight" if moved else "of a unit or weight"
            yield word("value", "data"), change
        layers = self.state.layers
        if any(g is not None for x in layers for g in (x.grad, x.weight_grad)):
            yield word("grad", "gradient"), "d loss / d this"
        if any(layer.bias is not None for layer in layers):
            yield word("b", "quiet"), "change of a bias" if moved else "bias"
        up, down = ("moved up", "moved down") if moved else ("positive", "negative")
        yield stroke("positive", (), 3.0), up
        yield stroke("negative", DASHED, 3.0), f"{down} (width = size)"
        if any(edge.count > 1 for edge in self.edges):
            yield stroke("neutral", DOTTED, 1.2), "many weights"
        if self.changed:
            halo = Line(
                ((-13.0, 0.0), (13.0, 0.0)),
                stroke="changed",
                thickness=9.0,
                opacity=0.35,
            )
            yield halo, "changed most"


def _around(centre: Point, width: float, height: float) -> Box:
    x, y = centre
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _overlap(one: Box, other: Box) -> bool:
    apart = one[2] <= other[0] or other[2] <= one[0]
    return not (apart or one[3] <= other[1] or other[3] <= one[1])
