"""A matrix product, cell by cell: which row meets which column, what they add up to.

The second matrix stands above the product and the first to its left, so that the row
and the column of a cell lead straight to it. All products of the chosen cell are
written out below, and they add up to what stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seegrad.draw.heading import panel_name, sheet
from seegrad.draw.heat_map import heat_map, scale_of
from seegrad.draw.inputs import Floats, floats, names_of, place_in
from seegrad.draw.lettering import cut, width_of, wrap
from seegrad.draw.numbers import bracketed, fixed, short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import DOTTED, Line, Mark, Rectangle, Text
from seegrad.errors import ShapeError

WHERE, MOST = "draw.matmul", 8
CELL, GAP, LEFT, TOP = (48.0, 26.0), 46.0, 44.0, 86.0
SIZE, LINE = 11.0, 16.0
Span = range


def matmul(
    a: Any,
    b: Any,
    *,
    cell: tuple[int, int] = (0, 0),
    names: tuple[str, str, str] = ("A", "B", "A B"),
    title: str = "Matrix product",
    theme: str = "auto",
) -> Picture:
    """Draw out = a @ b with the row and the column that make one ``cell`` of it.

    out[i, j] = sum_k a[i, k] b[k, j], for a of (N, K) and b of (K, M). A vector a is a
    row, a vector b a column. Of more than 8 rows or columns those around the cell are
    drawn. Raises ShapeError for shapes that do not fit, IndexRangeError for the cell.

    >>> picture = matmul([[1, 2], [3, 4]], [[5, 6], [7, 8]], cell=(1, 0))
    >>> picture.scene.texts("sum")
    ['A B[1, 0] = 3.0 × 5.0 + 4.0 × 7.0 = 43.0']
    """
    left, right = floats("a", a, WHERE), floats("b", b, WHERE)
    left = left[None] if left.ndim == 1 else left
    right = right[:, None] if right.ndim == 1 else right
    if left.shape[1] != right.shape[0]:
        raise ShapeError(
            f"cannot multiply {left.shape} by {right.shape}: the inner sizes "
            f"{left.shape[1]} and {right.shape[0]} differ",
            where=WHERE,
            hint="a of shape (N, K) and b of shape (K, M), perhaps b.T",
        )
    product = left @ right
    called = names_of(names, 3, "matrix", WHERE)
    i, j = place_in(product.shape, cell, "cell", "product", WHERE)
    rows, inner, columns = (
        _around(i, len(left)), _around(0, len(right)), _around(j, right.shape[1]),
    )  # fmt: skip
    marks, (width, height) = _tables(
        (left, right, product), (rows, inner, columns), (i, j), called
    )
    target = f"{called[2]}[{i}, {j}]"
    said = f"{target} = {_sum(left[i], right[:, j], inner)} = {short(product[i, j])}"
    width = max(width, 420.0)
    base = height + 30.0
    for line in wrap(said, SIZE, width - 32.0):
        marks.append(Text(16.0, base, line, size=SIZE, fill="ink", group="sum"))
        base += LINE
    first, second, out = called
    below = f"{out}[i, j]: row i of {first} times column j of {second}, added up"
    scene = sheet(title, below, marks, width, base + 4.0)
    shapes = f"{left.shape} times {right.shape} gives {product.shape}"
    return Picture(scene, f"{title}: {shapes}. {said}.", theme)


def _around(keep: int, size: int) -> Span:
    """At most eight positions in a row, ``keep`` among them."""
    start = max(0, min(keep - MOST // 2, size - MOST))
    return range(start, min(size, start + MOST))


def _tables(
    tables: tuple[Floats, Floats, Floats], spans: tuple[Span, Span, Span],
    cell: tuple[int, int], names: list[str],
) -> tuple[list[Mark], tuple[float, float]]:  # fmt: skip
    """The three matrices with the chosen row and column; and the size they take."""
    rows, inner, columns = spans
    (width, height), (i, j) = CELL, cell
    x = LEFT + len(inner) * width + GAP
    y = TOP + len(inner) * height + GAP
    across, down = x + (j - columns.start) * width, y + (i - rows.start) * height
    end = LEFT + len(inner) * width
    band: dict[str, Any] = {"fill": "changed_card", "group": "band"}
    marks: list[Mark] = [
        Rectangle(end, down, GAP, height, **band),
        Rectangle(across, y - GAP, width, GAP, **band),
    ]
    scale = scale_of(*tables[:2])
    for table, (left, top), name, parts in zip(
        tables, ((LEFT, y), (x, TOP), (x, y)), names,
        ((rows, inner), (inner, columns), (rows, columns)), strict=True,
    ):  # fmt: skip
        shown = table[parts[0].start : parts[0].stop, parts[1].start : parts[1].stop]
        size = scale if table is not tables[2] else scale_of(tables[2])
        marks += heat_map(
            shown, left, top, CELL, scale=size, group=name, text=fixed, size=9.5,
            tip=_tip(name, table, parts),
        )  # fmt: skip
        marks += _edges(left, top, table, parts, name)
    outline: dict[str, Any] = {"stroke": "changed", "thickness": 2.2, "radius": 2.0}
    marks += [
        Rectangle(LEFT, down, end - LEFT, height, **outline, group="row"),
        Rectangle(across, TOP, width, len(inner) * height, **outline, group="column"),
        Rectangle(across, down, width, height, **outline, group="cell"),
    ]
    return marks, (x + len(columns) * width + 44.0, y + len(rows) * height + 12.0)


def _tip(
    name: str, table: Floats, parts: tuple[Span, Span]
) -> Callable[[int, int], str]:
    """What a cell says under the pointer, by its place in the whole matrix."""

    def said(i: int, j: int) -> str:
        row, column = parts[0][i], parts[1][j]
        return f"{name}[{row}, {column}] = {short(table[row, column])}"

    return said


def _edges(
    left: float, top: float, table: Floats, parts: tuple[Span, Span], name: str
) -> Iterator[Mark]:
    """The name and the shape of a matrix, the numbers of its rows and columns."""
    shape = f"({table.shape[0]}, {table.shape[1]})"
    lift = top - 18.0
    room = len(parts[1]) * CELL[0] + GAP - width_of(shape, 9.5) - 14.0
    name = cut(name, SIZE, room, bold=True)
    yield panel_name(name, left, lift)
    yield Text(
        left + width_of(name, SIZE, bold=True) + 7.0,
        lift,
        shape,
        size=9.5,
        fill="quiet",
    )
    for place, row in enumerate(parts[0]):
        y = top + (place + 0.5) * CELL[1] + 3.2
        yield Text(left - 6.0, y, str(row), size=8.5, anchor="end", fill="quiet")
    for place, column in enumerate(parts[1]):
        x = left + (place + 0.5) * CELL[0]
        yield Text(x, top - 5.0, str(column), size=8.5, anchor="middle", fill="quiet")
    right, bottom = left + len(parts[1]) * CELL[0], top + len(parts[0]) * CELL[1]
    for axis, (x, y), (dx, dy) in ((0, (left, bottom), (0.0, 9.0)),
                                   (1, (right, top), (9.0, 0.0))):  # fmt: skip
        if len(parts[axis]) < table.shape[axis]:
            far = (right, y + dy) if axis == 0 else (x + dx, bottom)
            yield Line(
                ((x + dx, y + dy), far), stroke="neutral", dash=DOTTED, group="more"
            )


def _sum(row: Floats, column: Floats, inner: Span) -> str:
    """The products of the cell; those beyond the drawn ones as one number."""
    terms = [f"{bracketed(row[k])} × {bracketed(column[k])}" for k in inner]
    rest = float(row[inner.stop :] @ column[inner.stop :])
    hidden = len(row) - len(inner)
    terms += [f"{bracketed(rest)} ({hidden} more products)"] if hidden else []
    return " + ".join(terms)
