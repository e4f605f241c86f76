"""x[index]: one notation for numbers, slices, positions, booleans and new axes.

It is taken apart into the ops it stands for. Slices come first; axes that are looked up
together are brought side by side and become one, so that one position says it all.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad.errors import IndexRangeError
from seegrad.lend import lend
from seegrad.node import Node
from seegrad.ops._positions import in_range, outside, positions
from seegrad.ops._slices import take_slice
from seegrad.ops.axes import rank
from seegrad.ops.lookups import take
from seegrad.ops.shapes import permute, reshape, to
from seegrad.require import require

ALL = slice(None)


def getitem(x: Any, index: Any) -> Any:
    """x[index], as NumPy reads it: numbers, slices, ..., None, positions, booleans.

    >>> import seegrad as sg
    >>> x = sg.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x[:, 1], x[[1, 1], [0, 0]]
    (tensor([2., 4.]), tensor([3., 3.]))
    """
    parts = [_part(part) for part in (index if isinstance(index, tuple) else (index,))]
    filled = _filled(parts, x)
    if _fitted(filled, x.shape):
        return _looked_up(x, filled, _side_by_side(parts))
    return take_slice(x, tuple(parts))


def _part(part: Any) -> Any:
    """One entry of an index: a number, a slice, None, ..., positions or booleans."""
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        return slice(*[_bound(bound) for bound in (part.start, part.stop, part.step)])
    if isinstance(part, int | np.integer) and not isinstance(part, bool):
        return int(part)
    array = positions(part)
    if isinstance(array, Node) and array.dtype.kind == "b":
        return array.numpy()  # how many are true decides about shapes
    return array


def _bound(bound: Any) -> int | None:
    """The start, the stop or the step of a slice."""
    try:
        return None if bound is None else int(bound.__index__())
    except AttributeError:
        raise IndexRangeError(
            f"a slice runs between whole numbers, not {bound!r}", hint="x[1:3]"
        ) from None


def _is_mask(part: Any) -> bool:
    return isinstance(part, np.ndarray) and part.dtype.kind == "b"


def _filled(parts: list[Any], x: Any) -> list[Any]:
    """The parts with a whole slice for each axis that none of them names."""
    named = [part for part in parts if part is not None and part is not Ellipsis]
    used = sum([part.ndim if _is_mask(part) else 1 for part in named])
    ndim = rank(x)
    if used > ndim:
        raise IndexRangeError(
            f"{used} indices for a tensor of {ndim} axes, shape {tuple(x.shape)}",
            hint=f"{ndim} or fewer",
        )
    dots = [i for i, part in enumerate(parts) if part is Ellipsis]
    if len(dots) > 1:
        raise IndexRangeError("an index has two ellipses (...)", hint="one is enough")
    at = dots[0] if dots else len(parts)
    return [*parts[:at], *[ALL] * (ndim - used), *parts[at + 1 :]]


def _fitted(filled: list[Any], shape: tuple[int, ...]) -> bool:
    """Check every part against its axis; whether numbers have to be looked up."""
    dim, lookup = 0, False
    for i, part in enumerate(filled):
        if isinstance(part, slice):
            if part.step == 0:
                raise IndexRangeError(
                    "a slice with a step of 0 gets nowhere", hint="x[::1]"
                )
        elif isinstance(part, int):
            if not -shape[dim] <= part < shape[dim]:
                raise outside(part, dim, shape)
        elif part is None:
            continue
        elif _is_mask(part):
            _check_mask(part, shape[dim : dim + part.ndim])
            dim, lookup = dim + part.ndim, True
            continue
        else:
            lookup = True
            if isinstance(part, np.ndarray):
                filled[i] = in_range(part, dim, shape)
        dim += 1
    return lookup


def _check_mask(mask: Any, covered: tuple[int, ...]) -> None:
    if mask.shape != covered:
        raise IndexRangeError(
            f"a boolean index of shape {mask.shape} for axes of shape {covered}",
            hint="a mask made from x itself, as in x[x > 0]",
        )


def _side_by_side(parts: list[Any]) -> bool:
    """Whether no slice, ... or None stands between positions: NumPy asks for that."""
    at = [
        i for i, part in enumerate(parts) if isinstance(part, int | np.ndarray | Node)
    ]
    return at[-1] - at[0] == len(at) - 1


def _looked_up(x: Any, filled: list[Any], side_by_side: bool) -> Any:
    """Slices and new axes first; then all positions at once, as if in one axis."""
    x, at, found = _sliced(x, filled)
    if len(at) == 1:
        return take(x, found[0], dim=at[0])
    lengths = [x.shape[i] for i in at]
    found = [_required(part, i, x.shape) for i, part in zip(at, found, strict=True)]
    first = at[0]
    if not side_by_side:  # the looked up axes come first
        x, first = permute(x, (*at, *[i for i in range(x.ndim) if i not in at])), 0
    rest = x.shape[first + len(at) :]
    x = reshape(x, (*x.shape[:first], math.prod(lengths), *rest))
    return take(x, _combined(found, lengths), dim=first)


def _sliced(x: Any, filled: list[Any]) -> tuple[Any, list[int], list[Any]]:
    """x without what slices leave out, which of its axes are looked up, and where."""
    slices: list[slice] = []
    shape: list[int] = []
    at, found = [], []
    for part in filled:
        if part is None:
            shape.append(1)
        elif isinstance(part, slice):
            shape.append(len(range(*part.indices(x.shape[len(slices)]))))
            slices.append(part)
        else:
            at.append(len(shape))
            mask = _is_mask(part)
            found.append(np.flatnonzero(part) if mask else part)
            shape.append(part.size if mask else x.shape[len(slices)])
            slices += [ALL] * (part.ndim if mask else 1)
    if any(part != ALL for part in slices):
        x = take_slice(x, tuple(slices))
    return (x if x.shape == tuple(shape) else reshape(x, tuple(shape))), at, found


def _required(part: Any, dim: int, shape: tuple[int, ...]) -> Any:
    """A part whose positions exist: combined with others, a wrong one is not seen."""
    if not isinstance(part, Node):
        return part  # checked before
    if part.dtype != np.int64:
        part = to(part, np.int64)
    inside = (part >= -shape[dim]) * (part < shape[dim])
    require(inside, lambda: outside(part.numpy()[~inside.numpy()][0], dim, shape))
    return part


def _combined(found: list[Any], lengths: list[int]) -> Any:
    """Positions along several axes as one, along these axes in one row."""
    row: Any = 0
    stride = 1
    try:
        for part, length in zip(reversed(found), reversed(lengths), strict=True):
            row = ((part < 0) * length + part) * stride + row  # from the front
            stride *= length
    except ValueError:
        shapes = [part.shape for part in found if not isinstance(part, int)]
        raise IndexRangeError(
            f"positions of shapes {' and '.join(map(str, shapes))} do not go together",
            hint="as many positions for each axis, or x[rows][:, columns]",
        ) from None
    return row if isinstance(row, Node) else np.asarray(row)


lend("__getitem__", getitem)
