"""The matrix product, where nearly all the work of a network is done.

Its two derivatives are matrix products again: of the arriving gradient with the other
factor, turned over. One rule serves vectors, matrices and stacks of matrices, because
the engine sums away whatever broadcasting added.
"""

from __future__ import annotations

import numpy as np

from seegrad.errors import ShapeError
from seegrad.facts import Factor, Product
from seegrad.op import contraction
from seegrad.ops.axes import rank
from seegrad.ops.shapes import permute, squeeze, unsqueeze


def _mismatch(error, x, y):
    if not rank(x) or not rank(y):
        return ShapeError(
            f"cannot multiply {x.shape} by {y.shape}: a matrix product needs axes",
            hint="* multiplies by a single number",
        )
    inner = x.shape[-1], y.shape[-2 if rank(y) > 1 else 0]
    if inner[0] != inner[1]:
        return ShapeError(
            f"cannot multiply {x.shape} by {y.shape}: the inner sizes {inner[0]} and "
            f"{inner[1]} differ",
            hint="x.T or y.T turns a matrix over",
        )
    return ShapeError(
        f"cannot multiply {x.shape} by {y.shape}: the stacks {x.shape[:-2]} and "
        f"{y.shape[:-2]} do not broadcast",
        hint="x.unsqueeze(dim) to line the stacks up",
    )


def _stacked(x, y):
    """Rows of x, columns of y, and what is between; stacks are broadcast."""
    rows, columns = x[-2:-1], y[-1:] if len(y) > 1 else ()
    batch = np.broadcast_shapes(x[:-2], y[:-2])

    def own(batch, shape):
        used = batch[len(batch) - len(shape[:-2]) :]
        return tuple(0 if n == 1 else i for i, n in zip(used, shape, strict=False))

    return Product(
        batch,
        rows,
        columns,
        inner=x[-1:],
        left=Factor(0, lambda b, row, inner: (*own(b, x), *row, *inner)),
        right=Factor(1, lambda b, column, inner: (*own(b, y), *inner, *column)),
        out=lambda b, row, column: (*b, *row, *column),
    )


@contraction(symbol="@", explain=_mismatch, product=_stacked)
def matmul(xp, x, y, /):
    """x @ y, the matrix product: rows of x times columns of y"""
    return xp.matmul(x, y)


def _as_matrices(g, x, y):
    """Vectors as matrices, and the gradient to match: x a row, y a column."""
    if rank(y) == 1:
        g, y = unsqueeze(g, -1), unsqueeze(y, -1)
    if rank(x) == 1:
        g, x = unsqueeze(g, -2), unsqueeze(x, 0)
    return g, x, y


def _turned(x):
    """x with its rows as columns."""
    *stacks, rows, columns = range(rank(x))
    return permute.settled(x, dims=(*stacks, columns, rows))


def _for_x(g, out, x, y):
    """dx = g @ y^T"""
    g, _, y = _as_matrices(g, x, y)
    return matmul(g, _turned(y))


def _for_y(g, out, x, y):
    """dy = x^T @ g"""
    was_vector = rank(y) == 1
    g, x, _ = _as_matrices(g, x, y)
    gradient = matmul(_turned(x), g)
    return squeeze(gradient, -1) if was_vector else gradient


matmul.derivatives(x=_for_x, y=_for_y)
matmul.sample((3, 4), (4, 2))
matmul.sample((4,), (4,))
matmul.sample((4,), (4, 2))
matmul.sample((3, 4), (4,))
matmul.sample((2, 3, 4), (4, 2))
matmul.sample((3, 4), (2, 4, 5))
matmul.sample((2, 1, 3, 4), (5, 4, 2))
matmul.sample((0, 4), (4, 2))
matmul.refuse(ShapeError, "the inner sizes 2 and 3 differ", (64, 2), (3, 16))
matmul.refuse(ShapeError, "do not broadcast", (2, 3, 4), (3, 4, 5))
matmul.refuse(ShapeError, "needs axes", (), (3,))
