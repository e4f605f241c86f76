"""Ops that cut a block out of a tensor, and put a block back between zeros.

Numbers and slices take each element at most once, so they only move numbers: nothing
has to be added up on the way back.
"""

from __future__ import annotations

from typing import Any

from seegrad.facts import Where
from seegrad.op import movement


def _walks(index, shape):
    """How each axis is walked: its start, its step, its place in the result or None."""
    parts = list(index) if Ellipsis in index else [*index, Ellipsis]
    left = len(shape) + 1 - len([part for part in parts if part is not None])
    at = parts.index(Ellipsis)
    parts[at : at + 1] = [slice(None)] * left
    walks: list[tuple[int, int, Any]] = []
    place = 0
    for part in parts:
        if part is None:
            place += 1
        elif isinstance(part, slice):
            start, _, step = part.indices(shape[len(walks)])
            walks.append((start, step, place))
            place += 1
        else:
            walks.append((part % shape[len(walks)], 0, None))
    return walks, place


def _from_slice(i, x, index):
    walks, _ = _walks(index, x)
    return tuple(
        start if place is None else start + step * i[place]
        for start, step, place in walks
    )


def _into_slice(j, x, index, shape):
    """Which number of x was placed at j; elsewhere, outside of x, there are zeros."""
    walks, count = _walks(index, shape)
    found: list[Any] = [0] * count
    divisible = []
    for k, length, (start, step, place) in zip(j, shape, walks, strict=True):
        if place is None:
            divisible.append((k - start, length))  # within one axis: equal
        elif step > 0:
            found[place] = (k - start) // step
            divisible.append((k - start, step))
        else:
            found[place] = (start - k) // -step
            divisible.append((start - k, -step))
    wanted = tuple((offset, modulus) for offset, modulus in divisible if modulus > 1)
    return Where(tuple(found), wanted) if wanted else tuple(found)


@movement(symbol="[ ]", method=False, source=_from_slice)
def take_slice(xp, x, /, index):
    """x[index] for numbers and slices"""
    return x[index]


@movement(method=False, source=_into_slice, padded=True)
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
place_slice.sample((2, 2), index=(slice(None, None, 2), slice(3, 0, -2)), shape=(3, 4))
