"""Ops that make many numbers one: sums and extremes, and what is counted.

The rule of a sum hands the arriving gradient to every number that went in. The rule of
an extreme hands it to the number that won, shared equally where several did.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from seegrad.errors import IndexRangeError, ShapeError
from seegrad.lend import lend
from seegrad.op import opaque, reduction
from seegrad.ops.axes import axes, axis, kept, rank
from seegrad.ops.lookups import gather
from seegrad.ops.shapes import broadcast_to, reshape, squeeze


def _over(x, dim, keepdim):
    return {"dim": axes(dim, rank(x)), "keepdim": bool(keepdim)}


def spread(g, x, dim):
    """A reduced gradient, repeated over the axes that the reduction removed."""
    g = reshape.settled(g, shape=kept(x.shape, dim))
    return broadcast_to.settled(g, shape=x.shape)


def _added(xp, x, dim, keepdim):
    """The sum, in a dtype that does not overflow and loses no digits on the way."""
    if x.dtype.kind != "f":
        return xp.sum(x, axis=dim, keepdims=keepdim, dtype=xp.int64)
    # NumPy adds pairwise along the last axis; down the others, one by one, a float32
    # would lose a digit for every tenfold more rows.
    many = x.size > 2**14 and x.ndim - 1 not in dim
    total = x.sum(axis=dim, keepdims=keepdim, dtype=xp.float64 if many else None)
    return total.astype(x.dtype, copy=False) if many else total


def _dims(shape, dim, keepdim):
    return dim


@reduction(normal=_over, combine="add", over=_dims)
def sum(xp, x, /, dim=None, keepdim=False):
    """the sum of x over the axes dim (all of them by default)"""
    return _added(xp, x, dim, keepdim)


sum.derivatives(x=lambda g, out, x, dim, keepdim: spread(g, x, dim))


def _summed_axes(x, shape):
    extra = len(x) - len(shape)
    grown = [extra + i for i, n in enumerate(shape) if x[extra + i] != n]
    return (*range(extra), *grown)


@reduction(method=False, combine="add", over=_summed_axes)
def sum_to(xp, x, /, shape):
    """x summed down to a shape that broadcasts to it: broadcasting undone"""
    extra = x.ndim - len(shape)
    lengths = zip(x.shape[extra:], shape, strict=False)
    grown = tuple([i for i, (have, want) in enumerate(lengths) if have != want])
    if extra < 0 or [i for i in grown if shape[i] != 1]:
        raise ShapeError(
            f"shape {x.shape} cannot be summed down to {shape}",
            hint="a shape that broadcasts to it",
        )
    if extra > 0:
        x = _added(xp, x, tuple(range(extra)), False)
    return _added(xp, x, grown, True) if grown else x


sum_to.derivatives(x=lambda g, out, x, shape: broadcast_to.settled(g, shape=x.shape))
sum_to.sample((2, 3, 4), shape=(3, 1))
sum_to.sample((2, 3), shape=())


def _not_empty(x, dim, keepdim):
    settings = _over(x, dim, keepdim)
    if 0 in [x.shape[i] for i in settings["dim"]]:
        raise ShapeError(
            f"an extreme of no numbers does not exist: shape {tuple(x.shape)}, "
            f"dim {settings['dim']}",
            hint="another dim, or check that there is data",
        )
    return settings


def _to_winners(g, out, x, dim, keepdim):
    best = reshape.settled(out, shape=kept(x.shape, dim))
    won = x == best  # nobody wins against NaN: 0 / 0
    return won * (spread(g, x, dim) / sum.settled(won, dim=dim, keepdim=True))


@reduction(normal=_not_empty, combine="maximum", over=_dims)
def amax(xp, x, /, dim=None, keepdim=False):
    """the largest number over the axes dim"""
    return x.max(axis=dim, keepdims=keepdim)


@reduction(normal=_not_empty, combine="minimum", over=_dims)
def amin(xp, x, /, dim=None, keepdim=False):
    """the smallest number over the axes dim"""
    return x.min(axis=dim, keepdims=keepdim)


amax.derivatives(x=_to_winners)
amin.derivatives(x=_to_winners)


@reduction(normal=_over, combine="any", over=_dims)
def any(xp, x, /, dim=None, keepdim=False):
    """whether any number over the axes dim is not zero"""
    return xp.any(x, axis=dim, keepdims=keepdim)


@reduction(normal=_over, combine="all", over=_dims)
def all(xp, x, /, dim=None, keepdim=False):
    """whether all numbers over the axes dim are not zero"""
    return xp.all(x, axis=dim, keepdims=keepdim)


for op in (sum, amax, amin, any, all):
    op.sample((3, 4))
    op.sample((3, 4), dim=0)
    op.sample((2, 3, 4), dim=(0, -1), keepdim=True)
    op.sample((), dim=())
    op.refuse(IndexRangeError, "dim 5 is outside a tensor of 2 axes", (3, 4), dim=5)
    op.refuse(ValueError, "named twice", (3, 4), dim=(0, 0))
for op in (sum, any, all):
    op.sample((0, 3), dim=0)
for op in (amax, amin):
    op.refuse(ShapeError, "no numbers", (0, 3))


def _along(x, dim, keepdim):
    settings = _not_empty(x, dim, keepdim)
    return settings | {"dim": None if dim is None else axis(dim, rank(x))}


@opaque(normal=_along)
def argmax(xp, x, /, dim=None, keepdim=False):
    """where the largest number is, along dim or in the flattened tensor"""
    return xp.argmax(x, axis=dim, keepdims=keepdim)


@opaque(normal=_along)
def argmin(xp, x, /, dim=None, keepdim=False):
    """where the smallest number is, along dim or in the flattened tensor"""
    return xp.argmin(x, axis=dim, keepdims=keepdim)


for op in (argmax, argmin):
    op.sample((3, 4))
    op.sample((3, 4), dim=-1)
    op.refuse(ShapeError, "no numbers", (0, 3))


class Extreme(NamedTuple):
    """What `max` and `min` along an axis give: the values and where they stood."""

    values: Any
    indices: Any


def _extreme(x, dim, keepdim, value, position):
    if dim is None:
        return value(x)
    indices = position(x, dim, True)
    values = gather(x, dim, indices)
    if keepdim:
        return Extreme(values, indices)
    return Extreme(squeeze(values, dim), squeeze(indices, dim))


def max(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The largest number of all, or along dim the pair (values, indices).

    >>> import seegrad as sg
    >>> sg.tensor([[1.0, 5.0], [7.0, 3.0]]).max(dim=1).indices
    tensor([1, 0])
    """
    return _extreme(x, dim, keepdim, amax, argmax)


def min(x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest number of all, or along dim the pair (values, indices).

    >>> import seegrad as sg
    >>> sg.tensor([[1.0, 5.0], [7.0, 3.0]]).min(dim=1).values
    tensor([1., 3.])
    """
    return _extreme(x, dim, keepdim, amin, argmin)


lend("max", max)
lend("min", min)
