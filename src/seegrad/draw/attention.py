"""Attention maps: which position looks at which, one map for each head.

A row is a position that looks, a column one that is looked at, and the numbers of a row
add up to 1. What a causal mask forbids stays empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seegrad.draw.grid import columns_for, places
from seegrad.draw.heading import panel_name, sheet
from seegrad.draw.heat_map import colour_key, heat_map, scale_of
from seegrad.draw.inputs import Floats, floats, names_of
from seegrad.draw.lettering import cut, width_of
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Mark, Text
from seegrad.errors import DataError

WHERE = "draw.attention"
SIZE, LARGEST, SMALLEST, PANEL, LONGEST = 9.5, 30.0, 5.0, 232.0, 78.0


def attention(
    weights: Any,
    tokens: Sequence[str] | None = None,
    *,
    keys: Sequence[str] | None = None,
    heads: Sequence[str] | None = None,
    title: str = "Attention",
    theme: str = "auto",
) -> Picture:
    """Draw attention weights (heads, T, S), or (T, S) of one head.

    ``tokens`` names the T positions that look, ``keys`` the S that are looked at (the
    same, unless given). Raises ShapeError for other shapes, DataError for rows that do
    not add up to 1, as weights after dropout.

    >>> attention([[1.0, 0.0], [0.25, 0.75]], ["the", "cat"]).scene.texts("strongest")
    ['strongest cat → cat 0.75']
    """
    maps = floats("the weights", weights, WHERE, axes=(2, 3))
    maps = maps[None] if maps.ndim == 2 else maps
    _check(maps)
    count, rows, columns = maps.shape
    looking = names_of(tokens, rows, "position", WHERE)
    same = keys is None and rows == columns
    looked = names_of(tokens if same else keys, columns, "key", WHERE)
    called = names_of(heads, count, "head", WHERE)
    cell = min(LARGEST, max(SMALLEST, PANEL / max(rows, columns)))
    left, above = (
        12.0 + max(min(width_of(w, SIZE), LONGEST) for w in words)
        for words in (looking, looked)
    )
    across = columns_for(count, 3)
    step = (max(left + columns * cell, 120.0) + 26.0, above + rows * cell + 56.0)
    corners = places(count, across, 16.0 + left, 80.0 + above, step)
    scale = scale_of(maps)
    marks: list[Mark] = []
    sentences = [f"{title} of {count} heads, {rows} x {columns} positions."]
    for table, name, (x, y) in zip(maps, called, corners, strict=True):
        name = f"head {name}" if heads is None else name
        marks.append(panel_name(name, x, y - above - 4.0, group="head"))
        marks += _map(table, x, y, cell, scale, (looking, looked), name)
        i, j = _strongest(table)
        said = f"strongest {looking[i]} → {looked[j]} {table[i, j]:.2f}"
        base = y + rows * cell + 17.0
        words = cut(said, SIZE, step[0] - 14.0)
        marks.append(
            Text(x - left, base, words, size=SIZE, fill="data", group="strongest")
        )
        spread = float(np.exp(-_logs(table).sum(axis=1)).mean())
        sentences.append(
            f"{name}: {said}; the attention of a position is spread over "
            f"{spread:.1f} of them on average."
        )
    bottom = corners[-1][1] + rows * cell + 34.0
    marks += colour_key(16.0, bottom, scale, signed=False)
    below = "rows look at columns; each row adds up to 1"
    scene = sheet(title, below, marks, 16.0 + across * step[0], bottom + 26.0)
    return Picture(scene, " ".join(sentences), theme)


def _check(maps: Floats) -> None:
    sums = maps.sum(axis=2)
    wrong = np.argwhere((abs(sums - 1.0) > 1e-3) | (maps.min(axis=2) < 0.0))
    if len(wrong):
        head, row = wrong[0].tolist()
        raise DataError(
            f"attention weights are shares that add up to 1, and row {row} of head "
            f"{head} adds up to {sums[head, row]:.4g}",
            where=WHERE,
            hint="the weights after the softmax, of a model in eval()",
        )


def _strongest(table: Floats) -> tuple[int, int]:
    """The largest weight among positions that have a choice, or of all."""
    free = (table > 0).sum(axis=1, keepdims=True) > 1
    among = np.where(free, table, -1.0) if free.any() else table
    i, j = divmod(int(among.argmax()), table.shape[1])
    return i, j


def _logs(table: Floats) -> Floats:
    """p log p, which is 0 for a p of 0."""
    return table * np.log(np.maximum(table, 1e-300))


def _has_text(cell: float, size: int) -> bool:
    return cell >= 24.0 and size <= 144


def _map(
    table: Floats, x: float, y: float, cell: float, scale: float,
    words: tuple[list[str], list[str]], name: str,
) -> list[Mark]:  # fmt: skip
    looking, looked = words
    text = _share if _has_text(cell, table.size) else None
    marks = heat_map(
        table, x, y, (cell, cell), scale=scale, group=name, text=text, size=8.5,
        tip=lambda i, j: f"{looking[i]} looks at {looked[j]}: {table[i, j]:.4f}",
    )  # fmt: skip
    size = min(SIZE, cell * 0.95)
    every = 1 if cell >= 8.0 else int(np.ceil(8.0 / cell))
    for i in range(0, len(looking), every):
        middle = y + (i + 0.5) * cell + size * 0.36
        word = cut(looking[i], size, LONGEST)
        marks.append(
            Text(x - 5.0, middle, word, size=size, anchor="end", fill="ink",
                 group="row name")
        )  # fmt: skip
    for j in range(0, len(looked), every):
        middle = x + (j + 0.5) * cell + size * 0.36
        word = cut(looked[j], size, LONGEST)
        marks.append(
            Text(middle, y - 5.0, word, size=size, fill="ink", turned=True,
                 group="column name")
        )  # fmt: skip
    return marks


def _share(number: float) -> str:
    """A share with two digits; nothing where nobody looks."""
    text = f"{number:.2f}".removeprefix("0")
    return "" if text == ".00" else text
