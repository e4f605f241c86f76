"""Pooling: one number for each window of an image, the largest or the mean.

The windows are brought to the front, so that what is left is a maximum or a mean over
one axis. Of equal largest numbers the first one counts, as in PyTorch: after a ReLU
whole windows are zero, and a shared gradient would spread where nothing happened.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad.errors import ArgumentError, IndexRangeError, ShapeError
from seegrad.op import reduction
from seegrad.ops._slices import take_slice
from seegrad.ops.axes import axis, kept, rank
from seegrad.ops.choices import where
from seegrad.ops.reductions import amin
from seegrad.ops.shapes import permute, reshape
from seegrad.ops.statistics import mean
from seegrad.ops.windows import pad, pair, places, windows


def _along(x, dim):
    position = axis(dim, rank(x))
    if not x.shape[position]:
        raise ShapeError(
            f"an extreme of no numbers does not exist: shape {tuple(x.shape)}, dim "
            f"{dim}",
            hint="another dim, or check that there is data",
        )
    return {"dim": position}


@reduction(
    normal=_along, method=False, combine="maximum", over=lambda shape, dim: (dim,)
)
def first_max(xp, x, /, dim):
    """the largest number along dim; of several equal ones the first counts"""
    return x.max(axis=dim)


def _to_first(g, out, x, dim):
    """All of g to the first winner: of those that equal out, the lowest place."""
    n, along = x.shape[dim], kept(x.shape, (dim,))
    lengths = [n if i == dim else 1 for i in range(len(along))]
    place = np.arange(n, dtype=x.dtype).reshape(lengths)
    first = amin(where(x == reshape(out, along), place, float(n)), dim, True)
    return where(first == place, reshape(g, along), 0.0)


first_max.derivatives(x=_to_first)
first_max.sample((3, 4), dim=0)
first_max.sample((2, 3, 4), dim=-2)
first_max.sample((3,), dim=0)
first_max.refuse(ShapeError, "no numbers", (0, 3), dim=0)
first_max.refuse(IndexRangeError, "dim 2", (2, 3), dim=2)


def max_pool2d(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1
) -> Any:
    """The largest number in each window of the last two axes; the frame never wins.

    Windows stand side by side unless a stride says otherwise. Raises ShapeError where
    none fits, ArgumentError for a padding of more than half a window.

    >>> import seegrad as sg
    >>> sg.max_pool2d(sg.tensor([[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 8.0, 6.0]]), 2)
    tensor([[5., 8.]])
    """
    size, stride, frame, dilation = _read(x, kernel_size, stride, padding, dilation)
    if any(frame):
        x = where(_inside(x, frame), _framed(x, frame), -math.inf)
    return first_max(_windows_first(x, size, stride, dilation), 0)


def avg_pool2d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    *,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window of the last two axes, the zeros of the frame included.

    ``count_include_pad=False`` divides by the number of pixels inside the image.
    Raises ShapeError where no window fits, ArgumentError for a padding of more than
    half a window.

    >>> import seegrad as sg
    >>> sg.avg_pool2d(sg.tensor([[1.0, 5.0, 2.0, 0.0], [3.0, 3.0, 8.0, 6.0]]), 2)
    tensor([[3., 4.]])
    """
    size, stride, frame, dilation = _read(x, kernel_size, stride, padding, 1)
    out = mean(_windows_first(_framed(x, frame), size, stride, dilation), 0)
    if count_include_pad or not any(frame):
        return out
    share = _windows_first(_inside(x, frame), size, stride, dilation).mean(axis=0)
    return out * (1.0 / share).astype(out.dtype)


def _read(x, kernel_size, stride, padding, dilation):
    """The settings as pairs; without a stride, windows stand side by side."""
    if rank(x) < 2:
        raise ShapeError(
            f"pooling slides over two axes, and shape {tuple(x.shape)} has {rank(x)}",
            hint="x of shape (batch, channels, height, width)",
        )
    size, frame = pair("kernel_size", kernel_size), pair("padding", padding, least=0)
    dilation = pair("dilation", dilation)
    extent = [d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True)]
    if any(2 * p > e for p, e in zip(frame, extent, strict=True)):
        raise ArgumentError(
            f"a padding of {frame} is more than half a window of {extent[0]} x "
            f"{extent[1]}: a window could lie outside of the image",
            hint=f"padding={extent[0] // 2, extent[1] // 2}, or less",
        )
    return size, size if stride is None else pair("stride", stride), frame, dilation


def _framed(x, frame):
    """x in a frame of zeros; without one, x itself."""
    if not any(frame):
        return x
    return pad(x, ((0, 0),) * (rank(x) - 2) + tuple((p, p) for p in frame))


def _inside(x, frame):
    """Which pixels of the framed image are its own."""
    return _framed(np.ones(x.shape[-2:], bool), frame)


def _windows_first(x, size, stride, dilation):
    """(offsets, ..., down, right); what does not overlap is cut by a mere reshape."""
    down, right = places(x.shape[-2:], size, stride, dilation)
    before, offsets = tuple(x.shape[:-2]), math.prod(size)
    ndim = len(before)
    if size == stride and dilation == (1, 1):
        whole = down * size[0], right * size[1]
        if x.shape[-2:] != whole:
            x = take_slice(x, (..., slice(whole[0]), slice(whole[1])))
        x = reshape(x, (*before, down, size[0], right, size[1]))
        order = ndim + 1, ndim + 3, *range(ndim + 1), ndim + 2
    else:
        x = windows(x, size, stride, dilation)
        order = ndim + 2, ndim + 3, *range(ndim + 2)
    return reshape(permute(x, order), (offsets, *before, down, right))
