"""The gradient of a convolution with a stride, phase by phase.

With a stride of 2, every second pixel met other weights than its neighbours. There are
four kinds of pixels; each is an image of its own, with a convolution of its own by the
weights that it met, if any. Together they do no more than is needed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from seegrad.compiler.planning.kernels import ProductKernel, long_axes
from seegrad.compiler.programs.index import Axis, Expression, axes_of, index_of
from seegrad.compiler.windows.window_kernel import seen
from seegrad.facts import Index

MOST = 16  # phases, each of which is code of its own
Steps = dict[int, tuple[int, int]]  # of some axes: the first value, and how far on


def phases(kernel: ProductKernel) -> list[ProductKernel] | None:
    """Kernels that compute a product together; None if it has too many phases."""
    _, over = seen(kernel)
    if not over:
        return [kernel]
    choices = []
    for met, stride in over:
        some = _phases(met, stride, *kernel.parts[2:])
        if some is None:
            return None
        choices.append(some)
    if math.prod(map(len, choices)) > MOST:
        return None
    return [_one(kernel, chosen) for chosen in itertools.product(*choices)]


def _phases(
    met: Expression, stride: int, columns: tuple[Axis, ...], inner: tuple[Axis, ...]
) -> list[tuple[Steps, Steps | None]] | None:
    """Of each phase along one axis, which columns and which inner values meet."""
    own = [k for k, axis in enumerate(columns) if met.atoms.get(axis) == 1]
    theirs = [k for k, axis in enumerate(inner) if axis in met.atoms]
    if len(own) != 1 or len(theirs) > 1 or len(met.atoms) > 1 + len(theirs):
        return None
    step = met.atoms[inner[theirs[0]]] if theirs else stride
    length = inner[theirs[0]].length if theirs else 1
    every = stride // math.gcd(stride, step)
    out: list[tuple[Steps, Steps | None]] = []
    for first in range(min(stride, columns[own[0]].length)):
        meeting = [
            k
            for k in range(min(every, length))
            if (first + step * k + met.constant) % stride == 0
        ]
        few = dict.fromkeys(theirs, (meeting[0], every)) if meeting else None
        out.append(({own[0]: (first, stride)}, few))
    return out


def _thinned(
    lengths: tuple[int, ...], steps: Steps
) -> tuple[tuple[int, ...], Callable[[Index], Index]]:
    """Only some values of some axes: how many, and which index is meant by one."""
    each = [steps.get(k, (0, 1)) for k in range(len(lengths))]
    short = tuple(
        -(-(n - first) // far) for n, (first, far) in zip(lengths, each, strict=True)
    )

    def wide(index: Index) -> Index:
        pairs = zip(index, each, strict=True)
        return tuple(i * far + first for i, (first, far) in pairs)

    return short, wide


def _one(
    kernel: ProductKernel, chosen: tuple[tuple[Steps, Steps | None], ...]
) -> ProductKernel:
    """The kernel of one combination of phases; without an inner value, of zeros."""
    product, (batch, rows, columns, _) = kernel.product, kernel.parts
    own: Steps = {k: step for phase, _ in chosen for k, step in phase.items()}
    theirs = {k: step for _, few in chosen for k, step in (few or {}).items()}
    lengths, wide = _thinned(product.columns, own)
    inner, deep = _thinned(product.inner, theirs)
    if any(few is None for _, few in chosen):
        inner = (0,) * len(inner)
    left, right = product.left, product.right
    new = product._replace(
        columns=lengths,
        inner=inner,
        left=left._replace(index=lambda b, r, i: left.index(b, r, deep(i))),
        right=right._replace(
            index=lambda b, c, i: right.index(b, wide(c), deep(i)).index
        ),
        out=lambda b, r, c: product.out(b, r, wide(c)),
    )
    short = tuple(Axis(n, axis.name) for n, axis in zip(lengths, columns, strict=True))
    places: Any = wide(index_of(short))
    items = kernel.items_at(dict(zip(columns, places, strict=True)))
    outer = batch, rows, short
    axes = long_axes(axis for part in outer for axis in part)
    parts = *outer, axes_of(inner, "inner")
    return replace(kernel, axes=axes, items=items, product=new, parts=parts)
