"""Heat maps: a table of numbers as colours, strong where a number is large.

Blue is positive and orange negative, and because colour alone may not tell, each cell
has its number in it where there is room and else, if it is negative, a small minus. A
table of very many cells is drawn as one image, of even more in blocks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from seegrad.draw.inputs import Floats
from seegrad.draw.lettering import width_of
from seegrad.draw.numbers import short
from seegrad.draw.palette import sign_role
from seegrad.draw.scene import Image, Line, Mark, Rectangle, Text

STRONG = 0.55  # ink must stay readable on the colour
MOST_CELLS, FINE, MOST_ACROSS = 144, 600, 48
ROLES = ("positive", "negative", "ink")


def scale_of(*tables: Floats) -> float:
    """The size of the largest number: what is painted strongest. Never 0.

    >>> scale_of(np.array([[1.0, -3.0]]))
    3.0
    """
    return max(float(np.abs(table).max()) for table in tables) or 1.0


def heat_map(
    table: Floats,
    left: float,
    top: float,
    cell: tuple[float, float],
    *,
    scale: float,
    group: str,
    text: Callable[[float], str] | None = None,
    size: float = 9.5,
    tip: Callable[[int, int], str] | None = None,
    most: int = MOST_CELLS,
) -> list[Mark]:
    """The marks of ``table`` (rows, columns), each cell as large as ``cell``.

    ``text`` writes the number of a cell, ``tip`` its tooltip. More than ``most`` cells
    are one image; the strength of a cell is |number| / scale times `STRONG`.
    """
    width, height = cell
    outline = frame(left, top, width * table.shape[1], height * table.shape[0])
    if table.size > most:
        return [_image(table, left, top, cell, scale, group), *outline]
    marks: list[Mark] = []
    for (i, j), number in np.ndenumerate(table):
        x, y = left + j * width, top + i * height
        said = tip(i, j) if tip else f"[{i}, {j}] {short(number)}"
        strength = round(STRONG * min(abs(number) / scale, 1.0), 4)
        marks.append(
            Rectangle(
                x, y, width, height, fill=sign_role(number), opacity=strength,
                title=said, group=group,
            )
        )  # fmt: skip
        if text:
            words = text(number)
            marks.append(
                Text(
                    x + width / 2, y + height / 2 + size * 0.36, words, size=size,
                    anchor="middle", fill="ink", group=group,
                )
            )  # fmt: skip
        elif number < 0:
            reach = min(width, height) * 0.18
            middle = y + height / 2
            bar = ((x + width / 2 - reach, middle), (x + width / 2 + reach, middle))
            marks.append(Line(bar, stroke="ink", thickness=0.9, opacity=0.7))
    return marks + outline


def frame(left: float, top: float, width: float, height: float) -> list[Mark]:
    """The thin outline of a table."""
    return [Rectangle(left, top, width, height, stroke="neutral", thickness=0.8)]


def block_of(shape: tuple[int, ...], most: int = MOST_ACROSS) -> tuple[int, int]:
    """The size of the blocks of which a table of this shape has at most ``most``.

    >>> block_of((48, 100)), block_of((3, 3))
    ((1, 3), (1, 1))
    """
    rows, columns = shape
    return math.ceil(rows / most), math.ceil(columns / most)


def in_blocks(table: Floats, block: tuple[int, int]) -> Floats:
    """Of each block the number of largest size, with its sign.

    >>> in_blocks(np.array([[1.0, -2.0], [0.0, 1.0]]), (2, 1))
    array([[ 1., -2.]])
    """
    parts = [
        [
            table[i : i + block[0], j : j + block[1]]
            for j in range(0, table.shape[1], block[1])
        ]
        for i in range(0, len(table), block[0])
    ]
    return np.array([[p.flat[np.abs(p).argmax()] for p in row] for row in parts])


def _image(
    table: Floats, left: float, top: float, cell: tuple[float, float], scale: float,
    group: str,
) -> Image:  # fmt: skip
    """Several dots for each cell; those in the middle are ink if it is negative."""
    rows, columns = table.shape
    grain, bar = (5, slice(1, 4)) if table.size <= FINE else (3, slice(1, 2))
    strength = np.round(STRONG * np.minimum(np.abs(table) / scale, 1.0), 3)
    negative = table < 0
    which, strength = (
        each.repeat(grain, axis=0).repeat(grain, axis=1)
        for each in (negative.astype(int), strength)
    )
    for dot in range(grain)[bar]:
        which[grain // 2 :: grain, dot::grain][negative] = 2
        strength[grain // 2 :: grain, dot::grain][negative] = 0.7
    return Image(
        left, top, cell[0] * columns, cell[1] * rows, ROLES,
        tuple(map(tuple, which.tolist())), tuple(map(tuple, strength.tolist())),
        smooth=False, group=group,
    )  # fmt: skip


def colour_key(
    left: float, top: float, scale: float, *, signed: bool
) -> Iterator[Mark]:
    """A strip from -scale (or 0) to scale, with its numbers to the right and left."""
    low, count, width = (-scale if signed else 0.0), 25, 100.0
    numbers = np.linspace(low, scale, count)
    strength = np.round(STRONG * np.abs(numbers) / scale, 3)
    first = short(low)
    left += width_of(first, 9.5) + 6.0
    yield Text(left - 6.0, top + 9.0, first, size=9.5, anchor="end", fill="quiet")
    yield Image(
        left, top, width, 11.0, ROLES, (tuple((numbers < 0).astype(int).tolist()),),
        (tuple(strength.tolist()),), group="key",
    )  # fmt: skip
    yield Rectangle(left, top, width, 11.0, stroke="neutral", thickness=0.8)
    yield Text(left + width + 6.0, top + 9.0, short(scale), size=9.5, fill="quiet")
