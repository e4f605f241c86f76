"""The weights of a network, one heat map for each layer.

A row is a unit of the layer, a column what it listens to, and the bias stands apart to
the right. All maps share one scale, so that a layer of small weights looks pale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seegrad.draw.heading import panel_name, sheet
from seegrad.draw.heat_map import block_of, colour_key, heat_map, in_blocks, scale_of
from seegrad.draw.inputs import Floats, floats
from seegrad.draw.lettering import width_of
from seegrad.draw.numbers import fixed, short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Mark, Text
from seegrad.errors import DataError, InputTypeError
from seegrad.nn import Module

WHERE = "draw.weights"
SHEET, WIDE, HIGH, GAP = 700.0, 300.0, 220.0, 34.0
LARGEST, WITH_TEXT = (26.0, 22.0), (42.0, 24.0)


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    whole: Floats  # the weight as it is, of any number of axes
    weight: Floats  # its rows, or their blocks
    bias: Floats | None  # one column, in the same blocks
    cell: tuple[float, float]
    block: tuple[int, int]

    @property
    def size(self) -> tuple[float, float]:
        """The room that the map takes with its bias."""
        columns = self.weight.shape[1] + (1.5 if self.bias is not None else 0.0)
        return columns * self.cell[0], len(self.weight) * self.cell[1]


def weights(
    model: Module | Mapping[str, Any],
    *,
    title: str = "Weights",
    theme: str = "auto",
) -> Picture:
    """Draw every weight matrix of a model, or of a dict of arrays by name.

    A weight of more than two axes is drawn as (first axis, all others); a parameter of
    the same name that ends in "bias" stands beside it. Above 48 rows or columns a cell
    is the largest number of a block. Raises DataError if there is no matrix.

    >>> from seegrad import nn
    >>> weights(nn.MLP(2, [3], 1, seed=0)).scene.texts("panel")
    ['0.weight', '2.weight']
    """
    tables = _tables(_named(model))
    biases = (t.bias for t in tables if t.bias is not None)
    scale = scale_of(*(t.weight for t in tables), *biases)
    marks: list[Mark] = []
    left, top, row, widest = 16.0, 92.0, 0.0, 0.0
    for table in tables:
        words = max(width_of(_facts(table), 9.5), width_of(table.name, 11.0, bold=True))
        width = max(table.size[0], words)
        if left > 16.0 and left + width > SHEET:
            left, top, row = 16.0, top + row + 62.0, 0.0
        marks += _panel(table, left, top, scale)
        left += width + GAP
        row, widest = max(row, table.size[1]), max(widest, left - GAP + 16.0)
    bottom = top + row + 20.0
    marks += colour_key(16.0, bottom, scale, signed=True)
    below = "a row for each unit, a column for each input, then the bias"
    scene = sheet(title, below, marks, max(widest, 240.0), bottom + 26.0)
    said = " ".join(f"{t.name} {t.whole.shape}: {_range(t)}." for t in tables)
    return Picture(scene, f"{title} of {len(tables)} layers. {said}", theme)


def _named(model: Any) -> dict[str, Floats]:
    if isinstance(model, Module):
        given: Mapping[str, Any] = dict(model.named_parameters())
    elif isinstance(model, Mapping):
        given = model
    else:
        raise InputTypeError(
            f"weights are drawn of a model, not of {type(model).__name__}",
            where=WHERE,
            hint='a Module, its state_dict(), or a dict such as {"W": array}',
        )
    return {
        str(name): floats(str(name), each, WHERE, axes=tuple(range(9)))
        for name, each in given.items()
    }


def _tables(named: dict[str, Floats]) -> list[_Table]:
    tables = []
    for name, array in named.items():
        if array.ndim < 2:
            continue
        bias = named.get(name.removesuffix("weight") + "bias")
        if bias is not None and bias.shape != array.shape[:1]:
            bias = None
        flat = array.reshape(len(array), -1)
        block = block_of(flat.shape)
        shown = in_blocks(flat, block)
        if bias is not None:
            bias = in_blocks(bias[:, None], (block[0], 1))
        columns = shown.shape[1] + 1.5
        wide, high = WIDE / columns, HIGH / len(shown)
        few = wide >= WITH_TEXT[0] * 0.8 and high >= WITH_TEXT[1] * 0.8
        most = WITH_TEXT if few else (min(wide, high, *LARGEST),) * 2
        cell = (min(most[0], wide), min(most[1], high))
        tables.append(_Table(name, array, shown, bias, cell, block))
    if not tables:
        raise DataError(
            "there is no weight matrix to draw: no parameter has two axes or more",
            where=WHERE,
            hint="a model with a Linear or Conv2d layer",
        )
    return tables


def _panel(table: _Table, left: float, top: float, scale: float) -> list[Mark]:
    text = fixed if table.cell[0] >= WITH_TEXT[0] * 0.8 else None
    marks: list[Mark] = [
        panel_name(table.name, left, top - 22.0),
        Text(left, top - 8.0, _facts(table), size=9.5, fill="quiet", group="facts"),
        *heat_map(
            table.weight, left, top, table.cell, scale=scale, group=table.name,
            text=text, size=9.0,
        ),
    ]  # fmt: skip
    if table.bias is not None:
        edge = left + (table.weight.shape[1] + 0.5) * table.cell[0]
        marks += heat_map(
            table.bias, edge, top, table.cell, scale=scale, text=text, size=9.0,
            group=f"bias of {table.name}", tip=lambda i, _: f"bias {i}",
        )  # fmt: skip
    return marks


def _facts(table: _Table) -> str:
    shape = " × ".join(map(str, table.whole.shape))
    rows, columns = table.block
    each = "" if table.block == (1, 1) else f", a cell is {rows} × {columns}"
    return f"{shape}{each}, mean size {short(float(np.abs(table.whole).mean()))}"


def _range(table: _Table) -> str:
    low, high = short(float(table.whole.min())), short(float(table.whole.max()))
    size = short(float(np.abs(table.whole).mean()))
    return f"from {low} to {high}, mean size {size}"
