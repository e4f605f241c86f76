"""Ops that look numbers up by position, and the ops that put gradients back there.

The positions are an input like any other, so what is looked up may change with every
batch. One position may be named many times, and then its gradients add up.
"""

from __future__ import annotations

import math
from operator import gt
from typing import Any

import numpy as np

from seegrad.errors import ShapeError
from seegrad.lend import lend
from seegrad.node import Node
from seegrad.op import lookup
from seegrad.ops._positions import in_range, outside, positions, whole
from seegrad.ops.axes import as_shape, axis, rank, shape_of


def _explained(error, index, dim, shape):
    """The first position that does not exist, if that is what went wrong."""
    wrong = index[(index < -shape[dim]) | (index >= shape[dim])]
    return outside(wrong[0], dim, shape) if wrong.size else error


def _read(index):
    array = np.asarray(index)
    whole(array.dtype)
    return array


def _added(xp, g, places, shape):
    """zeros of a shape, with g added up at places of the flattened zeros"""
    out = xp.zeros(shape, g.dtype)
    xp.add.at(out.reshape(-1), places.reshape(-1), g.reshape(-1))
    return out


# Rows, or whole blocks, of one axis -------------------------------------------------


def _looked_up(g, index, dim, length):
    """The shape in which the numbers of g were found: one axis for those of index."""
    return (*g[:dim], length, *g[dim + len(index) :])


@lookup(
    symbol="[ ]",
    method=False,
    keeps=("index",),
    normal=lambda x, index, dim: {"dim": axis(dim, rank(x))},
    explain=lambda error, x, index, dim: _explained(error, index, dim, x.shape),
    source=lambda i, look, x, index, dim: (
        *i[:dim],
        look(i[dim : dim + len(index)]),
        *i[dim + len(index) :],
    ),
)
def take(xp, x, index, /, dim):
    """x with the axis dim replaced by those of index: what stands at its positions"""
    out = x.take(_read(index), axis=dim)
    if not out.size:  # NumPy looks at no position where there is nothing to take
        xp.arange(x.shape[dim]).take(index)
    return out


def _put_back(g, index, dim, length):
    count = rank(index)
    dim = axis(dim, rank(g) - count + 1)
    if g.shape[dim : dim + count] != index.shape:
        raise ShapeError(
            f"from dim {dim} on, {tuple(g.shape)} does not have the shape of the "
            f"positions, {tuple(index.shape)}",
            hint="one number, or one block of them, for each position",
        )
    return {"dim": dim, "length": as_shape(length)[0]}


@lookup(
    method=False,
    keeps=("index",),
    normal=_put_back,
    explain=lambda error, g, index, dim, length: _explained(
        error, index, dim, _looked_up(g.shape, index.shape, dim, length)
    ),
    target=lambda j, look, g, index, dim, length: (
        *j[:dim],
        look(j[dim : dim + len(index)]),
        *j[dim + len(index) :],
    ),
)
def scatter_add(xp, g, index, /, dim, length):
    """zeros, with g added up at the positions of index along a new axis dim"""
    shape = _looked_up(g.shape, index.shape, dim, length)
    before, after = math.prod(shape[:dim]), math.prod(shape[dim + 1 :])
    places = xp.arange(length).take(_read(index)).reshape(-1, 1)  # in range, from 0
    if after != 1:
        places = places * after + xp.arange(after)
    if before != 1:
        places = xp.arange(before).reshape(-1, 1, 1) * (length * after) + places
    return _added(xp, g, places, shape)


take.derivatives(
    x=lambda g, out, x, index, dim: scatter_add.settled(
        g, index, dim=dim, length=x.shape[dim]
    )
)
scatter_add.derivatives(
    g=lambda h, out, g, index, dim, length: take.settled(h, index, dim=dim)
)
take.sample((3, 4), np.array([0, 2, 2, -1]), dim=0)
take.sample((2, 3, 2), np.array([[1, 1], [0, 2]]), dim=1)
take.sample((3,), np.array(2), dim=0)
take.sample((2, 3), np.zeros((0,), np.int64), dim=-1)
scatter_add.sample((4,), np.array([0, 2, 2, 0]), dim=0, length=3)
scatter_add.sample((2, 2, 3, 2), np.array([[1, 1, 0], [0, 2, -4]]), dim=1, length=4)
scatter_add.sample((2, 3), np.array(1), dim=-1, length=2)


# One number for each position -------------------------------------------------------


def _lined_up(shape, index, dim):
    """The axis that is looked up; the positions lie along it, or there is one each."""
    dim = axis(dim, len(shape))
    along = len(index) == len(shape)
    others, known = (
        (*index[:dim], *index[dim + along :]),
        (*shape[:dim], *shape[dim + 1 :]),
    )
    if len(others) != len(known) or any(map(gt, others, known)):
        raise ShapeError(
            f"positions of shape {tuple(index)} do not lie along dim {dim} of "
            f"{tuple(shape)}: no other axis can be longer",
            hint="index.unsqueeze(dim), or take for whole rows",
        )
    return dim


def _grid(xp, index, dim, ndim):
    """Positions along dim, together with those along the other axes: 0, 1, 2, ..."""
    last = index.ndim - 1
    grid = [
        xp.arange(length).reshape(-1, *(1,) * (last - i))
        if i < last
        else xp.arange(length)
        for i, length in enumerate(index.shape)
    ]
    grid[dim : dim + (index.ndim == ndim)] = [index]
    return tuple(grid)


def _pointed_at(i, look, shape, index, dim):
    return (*i[:dim], look(i), *i[dim + (len(index) == len(shape)) :])


@lookup(
    method=False,
    keeps=("index",),
    normal=lambda x, index, dim: {"dim": _lined_up(shape_of(x), shape_of(index), dim)},
    explain=lambda error, x, index, dim: _explained(error, index, dim, x.shape),
    source=_pointed_at,
)
def gather_(xp, x, index, /, dim):
    """x[i, index[i, j]] at [i, j], if dim is 1; or, without j, x[i, index[i]] at [i]"""
    return x[_grid(xp, _read(index), dim, x.ndim)]


def _put_along(g, index, dim, shape):
    shape = as_shape(shape)
    if shape_of(g) != shape_of(index):
        raise ShapeError(
            f"{tuple(g.shape)} numbers for {tuple(index.shape)} positions",
            hint="one number for each position",
        )
    return {"dim": _lined_up(shape, index.shape, dim), "shape": shape}


@lookup(
    method=False,
    keeps=("index",),
    normal=_put_along,
    explain=lambda error, g, index, dim, shape: _explained(error, index, dim, shape),
    target=lambda j, look, g, index, dim, shape: _pointed_at(
        j, look, shape, index, dim
    ),
)
def scatter_along(xp, g, index, /, dim, shape):
    """zeros of a shape, with g added up where gather would find it"""
    places = _read(index)
    if places.ndim < len(shape) or places.shape[dim] == 1:  # no place is named twice
        out = xp.zeros(shape, g.dtype)
        out[_grid(xp, places, dim, len(shape))] = g
        return out
    grid = _grid(xp, xp.arange(shape[dim]).take(places), dim, len(shape))
    return _added(xp, g, xp.ravel_multi_index(grid, shape), shape)


gather_.derivatives(
    x=lambda g, out, x, index, dim: scatter_along.settled(
        g, index, dim=dim, shape=x.shape
    )
)
scatter_along.derivatives(
    g=lambda h, out, g, index, dim, shape: gather_.settled(h, index, dim=dim)
)
gather_.sample((3, 4), np.array([[0, 2, 2], [1, -1, 0], [3, 3, 3]]), dim=1)
gather_.sample((3, 4), np.array([[0, 2]]), dim=-2)
gather_.sample((3, 4), np.array([3, 0, -1]), dim=1)
gather_.sample((3,), np.zeros((0,), np.int64), dim=0)
gather_.sample((3,), np.array(2), dim=0)
scatter_along.sample((2, 3), np.array([[0, 1, 1], [3, -1, -4]]), dim=1, shape=(2, 4))
scatter_along.sample((1, 2), np.array([[0, -1]]), dim=0, shape=(3, 4))
scatter_along.sample((3,), np.array([2, 0, -1]), dim=0, shape=(3, 3))


def gather(x: Any, dim: int, index: Any) -> Any:
    """Along one axis, the elements that index names: out[i][j] = x[i][index[i][j]].

    >>> import seegrad as sg
    >>> sg.gather(sg.tensor([[1.0, 2.0], [3.0, 4.0]]), 1, [[1], [0]])
    tensor([[2.],
            [3.]])
    """
    dim = axis(dim, rank(x))
    index = positions(index)
    if index.ndim != rank(x):
        raise ShapeError(
            f"gather needs an index of {rank(x)} axes, not shape {index.shape}",
            hint="index.unsqueeze(dim)",
        )
    if not isinstance(index, Node):
        index = in_range(index, dim, x.shape)
    for i, (length, known) in enumerate(zip(index.shape, x.shape, strict=True)):
        if i != dim and length > known:
            raise outside(length - 1, i, x.shape)
    return gather_(x, index, dim=dim)


lend("gather", gather)
