"""The gradient of a strided convolution, phase by phase.

With a stride of 2, every second pixel met other weights than its neighbours. There are
four kinds of pixels; each is an image of its own, with a convolution of its own by the
weights that it met. Together they do no more than is needed.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

from seegrad.compiler.planning.kernels import Item, Kernel
from seegrad.compiler.programs.index import Axis, Expression
from seegrad.facts import Factor, Index, Product, Where

MOST = 9  # phases, each of which is code of its own


class Phase(NamedTuple):
    """Every ``stride``-th value of a column from ``first`` on, and what it meets.

    ``inner`` says the same of the values of the inner counter.
    """

    column: int
    first: int
    stride: int
    inner: tuple[int, int, int]  # which counter, its first value, its stride


def phases(kernel: Kernel) -> list[Kernel]:
    """Kernels that compute a product together; only itself, if it has no phases."""
    product = kernel.product
    assert product is not None
    inner = tuple(Axis(n, f"inner{k}") for k, n in enumerate(product.inner))
    own = [
        tuple(map(Expression.of, a)) for a in (kernel.parts[0], kernel.parts[2], inner)
    ]
    found = product.right.index(own[0], own[1], own[2])
    if not isinstance(found, Where):
        return [kernel]
    choices = []
    for expression, stride in found.divisible:
        some = _phases(Expression.of(expression), stride, kernel.parts[2], inner)
        if some is None:
            return [kernel]
        choices.append(some)
    if math.prod(map(len, choices)) > MOST:
        return [kernel]
    return [_one(kernel, chosen) for chosen in itertools.product(*choices)]


def _phases(
    expression: Expression, stride: int, columns: Index, inner: Index
) -> list[Phase] | None:
    """The phases of one counter; None if one of them meets nothing."""
    mine = [k for k, axis in enumerate(columns) if axis in expression.atoms]
    theirs = [k for k, axis in enumerate(inner) if axis in expression.atoms]
    if len(mine) != 1 or len(theirs) != 1 or len(expression.atoms) != 2:
        return None
    (column,), (counter,) = mine, theirs
    axis, other = columns[column], inner[counter]
    step = expression.atoms[other]
    if expression.atoms[axis] != 1 or axis.length < stride:
        return None
    every = stride // math.gcd(stride, step)
    out = []
    for first in range(stride):
        met = [
            k
            for k in range(min(every, other.length))
            if (first + step * k + expression.constant) % stride == 0
        ]
        if not met:
            return None
        out.append(Phase(column, first, stride, (counter, met[0], every)))
    return out


def _one(kernel: Kernel, chosen: tuple[Phase, ...]) -> Kernel:
    """The kernel of one combination of phases."""
    product, (batch, rows, columns) = kernel.product, kernel.parts
    assert product is not None
    lengths = list(product.inner)
    short = list(columns)
    for phase in chosen:
        counter, first, every = phase.inner
        lengths[counter] = -(-(lengths[counter] - first) // every)
        old = columns[phase.column]
        length = -(-(old.length - phase.first) // phase.stride)
        short[phase.column] = Axis(length, old.name)

    def wide(c: Index) -> Index:
        out = list(c)
        for phase in chosen:
            out[phase.column] = c[phase.column] * phase.stride + phase.first
        return tuple(out)

    def deep(i: Index) -> Index:
        out = list(i)
        for phase in chosen:
            counter, first, every = phase.inner
            out[counter] = i[counter] * every + first
        return tuple(out)

    left, right = product.left, product.right
    new = Product(
        product.batch,
        product.rows,
        tuple(axis.length for axis in short),
        tuple(lengths),
        Factor(left.position, lambda b, r, i: left.index(b, r, deep(i)), left.absent),
        Factor(
            right.position,
            lambda b, c, i: _whole(right.index(b, wide(c), deep(i))),
            right.absent,
        ),
        lambda b, r, c: product.out(b, r, wide(c)),
    )
    places = wide(tuple(map(Expression.of, short)))
    swapped: Any = dict(zip(columns, places, strict=True))
    items = [
        Item(i.term, tuple(p.replaced(swapped) for p in i.index), i.level, (), i.stored)
        for i in kernel.items
    ]
    parts = batch, rows, tuple(short)
    axes = tuple(axis for part in parts for axis in part if axis.length != 1)
    return Kernel("product", axes, frozenset(), items, new, parts)


def _whole(index: Any) -> Any:
    """An index without its conditions, which hold for all of a phase."""
    return index.index if isinstance(index, Where) else index
