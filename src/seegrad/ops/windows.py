"""Looking at an image through a window that slides, and the frame that it may need.

A window is a view: the same pixel is seen by all windows that contain it. So the
gradient of a pixel is the sum of what arrives at all of them, which is `fold`.
Convolution and pooling are made of this.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.errors import ArgumentError, ShapeError
from seegrad.facts import Where
from seegrad.op import movement
from seegrad.ops._slices import take_slice
from seegrad.ops.axes import as_shape, rank, shape_of
from seegrad.ops.reductions import sum
from seegrad.random import whole_number


def pair(name: str, value: Any, least: int = 1, where: str = "") -> tuple[int, int]:
    """A setting for height and width: one number for both, or one for each.

    >>> pair("stride", 2), pair("stride", (2, 1))
    ((2, 2), (2, 1))
    """
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2:
        raise ArgumentError(
            f"{name} is one whole number, or one for each of height and width, not "
            f"{value!r}",
            where=where,
            hint=f"{name}=2, or {name}=(2, 1)",
        )
    height, width = (whole_number(name, n, least=least, where=where) for n in both)
    return height, width


def places(image: Any, size: Any, stride: Any, dilation: Any) -> tuple[int, int]:
    """How many windows fit below and beside each other; ShapeError if none does.

    >>> places((5, 8), size=(3, 3), stride=(1, 2), dilation=(1, 1))
    (3, 3)
    """
    extent = [d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True)]
    if extent[0] > image[0] or extent[1] > image[1]:
        raise ShapeError(
            f"a window of {extent[0]} x {extent[1]} does not fit into an image of "
            f"{image[0]} x {image[1]}",
            hint="a smaller window, or a padding",
        )
    down, right = (
        (n - e) // s + 1 for n, e, s in zip(image, extent, stride, strict=True)
    )
    return down, right


# ---- a frame of zeros


def _widths(x, widths):
    """NumPy's ways to say it: one number, one pair, or a pair for each axis."""
    ndim, given = rank(x), widths
    if not isinstance(given, tuple | list):
        given = (given, given)
    if not any(isinstance(part, tuple | list) for part in given):
        given = (given,) * ndim
    if len(given) != ndim:
        raise ShapeError(
            f"pad needs a pair (before, after) for each of {ndim} axes, not {widths!r}",
            hint="(0, 0) for an axis that stays as it is",
        )
    return {"widths": tuple(pair("a width", part, least=0) for part in given)}


def _inner(shape, widths):
    return tuple(
        slice(before, before + n) for n, (before, _) in zip(shape, widths, strict=True)
    )


@movement(
    normal=_widths,
    method=False,
    padded=True,
    source=lambda i, x, widths: tuple(
        place - before for place, (before, _) in zip(i, widths, strict=True)
    ),
)
def pad(xp, x, /, widths):
    """x in a frame of zeros, (before, after) of them along each axis"""
    grown = (b + n + a for n, (b, a) in zip(x.shape, widths, strict=True))
    out = xp.zeros(tuple(grown), x.dtype)
    out[_inner(x.shape, widths)] = x
    return out


pad.derivatives(x=lambda g, out, x, widths: take_slice(g, _inner(x.shape, widths)))
pad.sample((3, 4), widths=((1, 2), (0, 3)))
pad.sample((2, 3), widths=1)
pad.sample((3,), widths=(2, 0))
pad.sample((), widths=0)
pad.sample((0, 2), widths=((1, 1), (0, 0)))
pad.refuse(ShapeError, "each of 2 axes", (2, 3), widths=((1, 1),))
pad.refuse(ArgumentError, "must be 0 or more, not -1", (3,), widths=(-1, 0))


# ---- windows, and what they saw put together again


def _view(x, size, stride=1, dilation=1):
    if rank(x) < 2:
        raise ShapeError(
            f"a window slides over two axes, and shape {tuple(x.shape)} has {rank(x)}",
            hint="x of shape (..., height, width)",
        )
    given = pair("size", size), pair("stride", stride), pair("dilation", dilation)
    places(x.shape[-2:], *given)
    return dict(zip(("size", "stride", "dilation"), given, strict=True))


def _pixel(i, stride, dilation):
    """The pixel that a window at a place sees at an offset: place, offset -> pixel."""
    *before, down, right, row, column = i
    return (
        *before,
        down * stride[0] + row * dilation[0],
        right * stride[1] + column * dilation[1],
    )


@movement(
    normal=_view,
    method=False,
    source=lambda i, x, size, stride, dilation: _pixel(i, stride, dilation),
)
def windows(xp, x, /, size, stride=1, dilation=1):
    """every window of a size on the last two axes: (..., down, right, row, column)"""
    extent = tuple(d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True))
    view = xp.lib.stride_tricks.sliding_window_view(x, extent, (-2, -1))
    (s, t), (d, e) = stride, dilation
    return view[..., ::s, ::t, ::d, ::e]


def steps_of(offset, place, stride, dilation):
    """The pixels that all windows of an image see at one offset."""
    return tuple(
        slice(o * d, o * d + (n - 1) * s + 1, s)
        for o, n, s, d in zip(offset, place, stride, dilation, strict=True)
    )


def where_divisible(index, reach, stride):
    """The index, for numbers that a stride does not step over."""
    over = tuple((r, s) for r, s in zip(reach, stride, strict=True) if s > 1)
    return Where(index, over) if over else index


def _image(x, shape, stride=1, dilation=1):
    wanted = as_shape(shape)
    given = pair("stride", stride), pair("dilation", dilation)
    have = tuple(shape_of(x))
    if len(have) != len(wanted) + 2 or have[:-2] != (
        *wanted[:-2],
        *places(wanted[-2:], have[-2:], *given),
    ):
        raise ShapeError(
            f"windows of shape {have} are not those of an image of shape {wanted}",
            hint="the shape that windows() was given",
        )
    return {"shape": wanted, "stride": given[0], "dilation": given[1]}


def _place(i, x, shape, stride, dilation):
    """The window that saw a pixel at an offset, where there is such a window."""
    row, column, *before, y, z = i
    reach = y - row * dilation[0], z - column * dilation[1]
    place = tuple(n // s for n, s in zip(reach, stride, strict=True))
    return where_divisible((*before, *place, row, column), reach, stride)


@movement(normal=_image, method=False, padded=True, source=_place)
def place_windows(xp, x, /, shape, stride=1, dilation=1):
    """(row, column, image): at each offset, what the windows saw, where they saw it"""
    *_, down, right, rows, columns = x.shape
    out = xp.zeros((rows, columns, *shape), x.dtype)
    for offset in np.ndindex(rows, columns):
        steps = steps_of(offset, (down, right), stride, dilation)
        out[(*offset, ..., *steps)] = x[(..., *offset)]
    return out


def _apart(x, stride=1, dilation=1):
    if rank(x) < 4:
        raise ShapeError(
            f"an image for each offset has four axes or more, not {rank(x)}",
            hint="what place_windows gave",
        )
    given = pair("stride", stride), pair("dilation", dilation)
    places(x.shape[-2:], x.shape[:2], *given)
    return {"stride": given[0], "dilation": given[1]}


def _apart_pixel(i, x, stride, dilation):
    return i[-2], i[-1], *_pixel(i, stride, dilation)


@movement(normal=_apart, method=False, source=_apart_pixel)
def take_windows(xp, x, /, stride=1, dilation=1):
    """windows that see another image at each offset: `place_windows` undone"""
    rows, columns, *before, height, width = x.shape
    place = places((height, width), (rows, columns), stride, dilation)
    out = xp.empty((*before, *place, rows, columns), x.dtype)
    for offset in np.ndindex(rows, columns):
        steps = steps_of(offset, place, stride, dilation)
        out[(..., *offset)] = x[(*offset, ..., *steps)]
    return out


place_windows.derivatives(
    x=lambda g, out, x, shape, stride, dilation: take_windows(g, stride, dilation)
)
take_windows.derivatives(
    x=lambda g, out, x, stride, dilation: place_windows(
        g, x.shape[2:], stride, dilation
    )
)


def fold(x: Any, shape: Any, stride: Any = 1, dilation: Any = 1) -> Any:
    """The image of a shape in which each pixel is the sum of the windows that see it.

    What `windows` of this image would see has the shape of x; else ShapeError.

    >>> import numpy as np
    >>> fold(windows(np.ones((3, 3)), 2), (3, 3))
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    return sum(place_windows(x, shape, stride, dilation), (0, 1))


windows.derivatives(
    x=lambda g, out, x, size, stride, dilation: fold(g, x.shape, stride, dilation)
)


def _sampled(image, view, **how):
    """An example of all three: the shape of the image and of what the windows see."""
    windows.sample(image, size=view[-2:], **how)
    place_windows.sample(view, shape=image, **how)
    take_windows.sample((*view[-2:], *image), **how)


_sampled((1, 2, 3, 4), (1, 2, 2, 2, 2, 3))
_sampled((5, 6), (2, 3, 2, 2), stride=2)
_sampled((2, 5, 5), (2, 2, 2, 2, 4), stride=(2, 1), dilation=(2, 1))
_sampled((0, 3, 3), (0, 2, 2, 2, 2))
windows.refuse(ShapeError, "3 x 3 does not fit into an image of 2 x 5", (2, 5), size=3)
windows.refuse(ShapeError, "slides over two axes", (5,), size=3)
windows.refuse(ArgumentError, "size must be 1 or more, not 0", (2, 5), size=0)
windows.refuse(ArgumentError, "height and width", (4, 5), size=(1, 2, 3))
place_windows.refuse(ShapeError, "are not those of", (3, 3, 2, 2), shape=(5, 5))
take_windows.refuse(ShapeError, "four axes or more, not 3", (2, 3, 3))
