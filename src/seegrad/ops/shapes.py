"""Ops that move numbers without changing them.

Each output element comes from one place in the input, so the gradient only has to be
carried back there. A number that was copied to several places gets the sum of theirs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad.dtypes import checked, is_float
from seegrad.errors import ShapeError
from seegrad.lend import lend
from seegrad.op import elementwise, movement
from seegrad.ops.axes import as_shape, axes, axis, kept, rank, shape_of
from seegrad.ops.functions import detach


def _resolve(x, shape):
    """Fill in a -1, and check that the count of numbers stays the same."""
    wanted = as_shape(shape)
    size = math.prod(shape_of(x))
    if min(wanted, default=0) >= 0 and math.prod(wanted) == size:
        return {"shape": wanted}
    if wanted.count(-1) == 1:
        known = math.prod(n for n in wanted if n != -1)
        if known and size % known == 0:
            wanted = tuple(size // known if n == -1 else n for n in wanted)
    if wanted.count(-1) > 1:
        raise ShapeError(f"only one axis of {wanted} can be -1", hint="name the others")
    if any(n < 0 for n in wanted) or math.prod(wanted) != size:
        raise ShapeError(
            f"cannot reshape {tuple(x.shape)} to {wanted}: {size} numbers do not fit",
            hint="-1 for one axis lets its length be worked out",
        )
    return {"shape": wanted}


@movement(normal=_resolve, flat=True)
def reshape(xp, x, /, shape):
    """the same numbers in the same order, in another shape"""
    return x.reshape(shape)


reshape.derivatives(x=lambda g, out, x, shape: reshape.settled(g, shape=x.shape))
reshape.sample((2, 6), shape=(3, 4))
reshape.sample((2, 6), shape=(-1,))
reshape.sample((), shape=(1, 1))
reshape.sample((0, 3), shape=(3, 0))
reshape.refuse(ShapeError, "12 numbers", (3, 4), shape=(5, 2))
reshape.refuse(ShapeError, "only one axis", (3, 4), shape=(-1, -1))


def _permutation(x, dims):
    dims = dims if isinstance(dims, tuple | list) else (dims,)
    ndim = rank(x)
    order = tuple([axis(d, ndim) for d in dims])
    if len(order) != ndim or len(set(order)) != ndim:
        axes(dims, ndim)  # a repeated axis has its own error
        raise ShapeError(
            f"permute needs each of the {ndim} axes once, not {tuple(dims)}",
            hint=f"an order of {', '.join(map(str, range(ndim)))}",
        )
    return {"dims": order}


@movement(
    normal=_permutation,
    source=lambda i, x, dims: tuple(i[dims.index(d)] for d in range(len(x))),
)
def permute(xp, x, /, dims):
    """the axes of x in another order"""
    return x.transpose(dims)


def _back(dims):
    """The order that undoes an order: where each axis had gone."""
    return tuple([dims.index(i) for i in range(len(dims))])


permute.derivatives(x=lambda g, out, x, dims: permute.settled(g, dims=_back(dims)))
permute.sample((2, 3, 4), dims=(2, 0, 1))
permute.sample((2, 0), dims=(1, 0))
permute.sample((), dims=())
permute.refuse(ValueError, "twice", (2, 3), dims=(0, 0))
permute.refuse(ShapeError, "each of the 2 axes", (2, 3), dims=(0,))
permute.refuse(IndexError, "dim 2", (2, 3), dims=(0, 2))


def _broadcast(x, shape):
    wanted = as_shape(shape)
    try:
        fits = np.broadcast_shapes(shape_of(x), wanted) == wanted
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"cannot broadcast {tuple(x.shape)} to {wanted}: from the right, lengths "
            "must be equal or 1",
            hint="x.unsqueeze(dim) for a new axis of length 1",
        )
    return {"shape": wanted}


def _unbroadcast(i, x, shape):
    own = i[len(i) - len(x) :]
    return tuple(0 if n == 1 else place for place, n in zip(own, x, strict=True))


@movement(normal=_broadcast, source=_unbroadcast)
def broadcast_to(xp, x, /, shape):
    """x repeated along new axes and along axes of length 1"""
    return xp.broadcast_to(x, shape)


broadcast_to.derivatives(x=lambda g, out, x, shape: g)  # the engine sums g down
broadcast_to.sample((3, 1), shape=(2, 3, 4))
broadcast_to.sample((), shape=(2,))
broadcast_to.sample((1, 3), shape=(0, 3))
broadcast_to.refuse(ShapeError, "cannot broadcast", (3,), shape=(4,))


def _dtype(x, dtype):
    rank(x)  # a Value is always a float
    return {"dtype": checked(dtype)}


@elementwise(method=False, normal=_dtype)
def cast(xp, x, /, dtype):
    """the same numbers with another dtype"""
    return x.astype(dtype)


cast.sample((3, 5), dtype=np.dtype("float64"))
cast.derivatives(x=lambda g, out, x, dtype: cast(g, x.dtype))


def _joined(*xs, dim):
    if not xs:
        raise ShapeError(
            "there is nothing to join: the list of tensors is empty",
            hint="a list of one tensor or more",
        )
    ndim = rank(xs[0])
    position = axis(dim, ndim)
    for x in xs:
        if rank(x) != ndim or kept(x.shape, (position,)) != kept(
            xs[0].shape, (position,)
        ):
            raise ShapeError(
                f"cannot join {tuple(xs[0].shape)} and {tuple(x.shape)} along dim "
                f"{dim}: all other lengths must be equal",
                hint="another dim, or x.reshape(...)",
            )
    return {"dim": position}


def _parts(i, *xs, dim):
    """One index for each part: it is inside the part that the number comes from."""
    starts = [sum(x[dim] for x in xs[:k]) for k in range(len(xs))]
    return [(*i[:dim], i[dim] - start, *i[dim + 1 :]) for start in starts]


@movement(normal=_joined, method=False, source=_parts, padded=True)
def concatenate_(xp, *xs, dim=0):
    """several tensors end to end along one axis"""
    return xp.concatenate(xs, axis=dim)


def _own_part(g, out, i, *xs, dim):
    start = sum(x.shape[dim] for x in xs[:i])
    index = (slice(None),) * dim + (slice(start, start + xs[i].shape[dim]),)
    return g[index]


concatenate_.derivatives(xs=_own_part)
concatenate_.sample((2, 3), (4, 3))
concatenate_.sample((2, 3), (2, 0), (2, 1), dim=-1)
concatenate_.refuse(ShapeError, "cannot join", (2, 3), (2, 4))


def concatenate(tensors: Any, dim: int = 0) -> Any:
    """Several tensors end to end along one axis.

    >>> import seegrad as sg
    >>> sg.concatenate([sg.ones(2), sg.zeros(1)])
    tensor([1., 1., 0.])
    """
    return concatenate_(*tensors, dim=dim)


def stack(tensors: Any, dim: int = 0) -> Any:
    """Several tensors of one shape side by side along a new axis.

    >>> import seegrad as sg
    >>> sg.stack([sg.ones(2), sg.zeros(2)]).shape
    (2, 2)
    """
    return concatenate_(*(unsqueeze(x, dim) for x in tensors), dim=dim)


def transpose(x: Any, dim0: int, dim1: int) -> Any:
    """x with two axes exchanged.

    >>> import seegrad as sg
    >>> sg.ones((2, 3)).transpose(0, 1).shape
    (3, 2)
    """
    ndim = rank(x)
    order = list(range(ndim))
    first, second = axis(dim0, ndim), axis(dim1, ndim)
    order[first], order[second] = second, first
    return permute.settled(x, dims=tuple(order))


def unsqueeze(x: Any, dim: int) -> Any:
    """x with a new axis of length 1.

    >>> import seegrad as sg
    >>> sg.ones(3).unsqueeze(0).shape
    (1, 3)
    """
    position = axis(dim, rank(x) + 1)
    return reshape.settled(x, shape=(*x.shape[:position], 1, *x.shape[position:]))


def squeeze(x: Any, dim: Any = None) -> Any:
    """x without its axes of length 1, or without the one named.

    >>> import seegrad as sg
    >>> sg.ones((1, 3, 1)).squeeze().shape
    (3,)
    """
    drop = axes(dim, rank(x))
    return reshape(
        x, tuple(n for i, n in enumerate(x.shape) if not (i in drop and n == 1))
    )


def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """x with the axes from start_dim to end_dim joined into one.

    >>> import seegrad as sg
    >>> sg.ones((5, 8, 8)).flatten(1).shape
    (5, 64)
    """
    if not rank(x):
        return reshape(x, (1,))
    first, last = axis(start_dim, rank(x)), axis(end_dim, rank(x))
    if first > last:
        raise ShapeError(
            f"start_dim {start_dim} comes after end_dim {end_dim}",
            hint="the first axis to join, then the last",
        )
    middle = math.prod(x.shape[first : last + 1])
    return reshape(x, (*x.shape[:first], middle, *x.shape[last + 1 :]))


def to(x: Any, dtype: Any) -> Any:
    """x with another dtype.

    >>> import seegrad as sg
    >>> sg.tensor([1.0, 2.0]).to(sg.float64).dtype
    dtype('float64')
    """
    # A small change of an integer is not an integer: no gradient flows through one.
    return cast(x if is_float(checked(dtype)) else detach(x), dtype)


lend("transpose", transpose)
lend("unsqueeze", unsqueeze)
lend("squeeze", squeeze)
lend("flatten", flatten)
lend("to", to)
lend("T", property(lambda x: permute.settled(x, dims=(*range(rank(x))[::-1],))))
