"""Ops that look numbers up by index, and the ops that put gradients back there.

A basic index (numbers and slices) takes each element at most once; a list of positions
may take one element many times, and then its gradients must add up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.dtypes import numbers
from seegrad.errors import IndexRangeError, ShapeError
from seegrad.node import Node, lend
from seegrad.op import lookup, movement
from seegrad.ops.axes import axis, rank


@movement(symbol="[ ]", method=False)
def take_slice(xp, x, /, index):
    """x[index] for numbers and slices"""
    return x[index]


@movement(method=False)
def place_slice(xp, x, /, index, shape):
    """zeros of a shape, with x at the numbers and slices of index"""
    out = xp.zeros(shape, x.dtype)
    out[index] = x
    return out


take_slice.derivatives(x=lambda g, out, x, index: place_slice(g, index, x.shape))
place_slice.derivatives(x=lambda g, out, x, index, shape: take_slice(g, index))
take_slice.sample((3, 4), index=(1,))
take_slice.sample((3, 4), index=(slice(None), slice(None, None, -2)))
take_slice.sample((3, 4), index=(Ellipsis, None, 0))
place_slice.sample((4,), index=(1,), shape=(3, 4))


def _misfit(error, x, index):
    shapes = [part.shape for part in index if isinstance(part, np.ndarray)]
    return IndexRangeError(
        f"positions of shapes {' and '.join(map(str, shapes))} do not go together",
        hint="as many positions for each axis, or x[rows][:, columns]",
    )


@lookup(symbol="[ ]", method=False, explain=_misfit)
def take(xp, x, /, index):
    """x[index] for arrays of positions or of booleans"""
    return x[index]


@lookup(method=False)
def scatter_add(xp, x, /, index, shape):
    """zeros of a shape, with x added up at the positions of index"""
    out = xp.zeros(shape, x.dtype)
    xp.add.at(out, index, x)
    return out


take.derivatives(x=lambda g, out, x, index: scatter_add(g, index, x.shape))
scatter_add.derivatives(x=lambda g, out, x, index, shape: take(g, index))
take.sample((3, 4), index=(np.array([0, 2, 2, -1]),))
take.sample((3, 4), index=(slice(1, 3), np.array([[1, 1], [0, 3]])))
take.sample((3,), index=(np.array([True, False, True]),))
scatter_add.sample((4,), index=(np.array([0, 2, 2, 0]),), shape=(3,))


def getitem(x: Any, index: Any) -> Any:
    """x[index], as NumPy reads it: numbers, slices, ..., None, positions, booleans.

    >>> import seegrad as sg
    >>> x = sg.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x[:, 1], x[[1, 1], [0, 0]]
    (tensor([2., 4.]), tensor([3., 3.]))
    """
    given = index if isinstance(index, tuple) else (index,)
    parts = tuple(_part(part) for part in given)
    _check(x, parts)
    if any(isinstance(part, np.ndarray) for part in parts):
        return take(x, parts)
    return take_slice(x, parts)


def _part(part: Any) -> Any:
    """One entry of an index: arrays are copied, so that nobody changes them later."""
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        return slice(*(_bound(b) for b in (part.start, part.stop, part.step)))
    if isinstance(part, int | np.integer) and not isinstance(part, bool):
        return int(part)
    array = numbers(part.data if isinstance(part, Node) else part, "an index")
    if array.size == 0 and array.dtype.kind == "f" and isinstance(part, list | tuple):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iub":
        raise IndexRangeError(
            f"an index is made of whole numbers, slices or booleans, not {array.dtype}",
            hint="x.to(sg.int64) for positions, x > 0 for booleans",
        )
    return array


def _bound(bound: Any) -> int | None:
    """The start, the stop or the step of a slice."""
    try:
        return None if bound is None else int(bound.__index__())
    except AttributeError:
        raise IndexRangeError(
            f"a slice runs between whole numbers, not {bound!r}", hint="x[1:3]"
        ) from None


def _check(x: Any, parts: tuple[Any, ...]) -> None:
    """Every part against the axis it points into."""
    used = sum(
        part.ndim if isinstance(part, np.ndarray) and part.dtype.kind == "b" else 1
        for part in parts
        if part is not None and part is not Ellipsis
    )
    if used > rank(x):
        raise IndexRangeError(
            f"{used} indices for a tensor of {rank(x)} axes, shape {tuple(x.shape)}",
            hint=f"{rank(x)} or fewer",
        )
    if [part is Ellipsis for part in parts].count(True) > 1:
        raise IndexRangeError("an index has two ellipses (...)", hint="one is enough")
    if any(isinstance(part, slice) and part.step == 0 for part in parts):
        raise IndexRangeError("a slice with a step of 0 gets nowhere", hint="x[::1]")
    position = 0
    for part in parts:
        if part is Ellipsis:
            position = rank(x) - _axes_after_ellipsis(parts)
        elif isinstance(part, np.ndarray) and part.dtype.kind == "b":
            covered = tuple(x.shape[position : position + part.ndim])
            if part.shape != covered:
                raise IndexRangeError(
                    f"a boolean index of shape {part.shape} for axes of shape "
                    f"{covered}",
                    hint="a mask made from x itself, as in x[x > 0]",
                )
            position += part.ndim
        elif part is not None:
            _check_range(part, position, x.shape)
            position += 1


def _axes_after_ellipsis(parts: tuple[Any, ...]) -> int:
    after = parts[[part is Ellipsis for part in parts].index(True) + 1 :]
    return sum(
        part.ndim if isinstance(part, np.ndarray) and part.dtype.kind == "b" else 1
        for part in after
        if part is not None
    )


def _check_range(part: Any, position: int, shape: tuple[int, ...]) -> None:
    size = shape[position]
    if isinstance(part, slice) or (isinstance(part, np.ndarray) and part.size == 0):
        return
    low, high = np.min(part), np.max(part)
    if low < -size or high >= size:
        wrong = low if low < -size else high
        raise IndexRangeError(
            f"index {wrong} is outside dim {position} of length {size}, shape {shape}",
            hint=f"from {-size} to {size - 1}" if size else "no index at all",
        )


def gather(x: Any, dim: int, index: Any) -> Any:
    """Along one axis, the elements that index names: out[i][j] = x[i][index[i][j]].

    >>> import seegrad as sg
    >>> sg.gather(sg.tensor([[1.0, 2.0], [3.0, 4.0]]), 1, [[1], [0]])
    tensor([[2.],
            [3.]])
    """
    along = axis(dim, rank(x))
    positions = _part(index)
    if np.ndim(positions) != rank(x):
        raise ShapeError(
            f"gather needs an index of {rank(x)} axes, not shape {np.shape(positions)}",
            hint="index.unsqueeze(dim)",
        )
    grid: list[Any] = list(np.ogrid[tuple(slice(n) for n in positions.shape)])
    grid[along] = positions
    return getitem(x, tuple(grid))


lend("__getitem__", getitem)
lend("gather", gather)
