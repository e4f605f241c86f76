"""The convolution: one small set of weights, used at every place of an image.

With x the images, w the weights and g what arrives at the result, everything here is
one sum of products g * w * x, seen from its three sides: leave out g and it is the
convolution, leave out x and it is the gradient for the images, leave out w and it is
the gradient for the weights. So the derivatives of each are the other two.
"""

from __future__ import annotations

import math

import numpy as np

from seegrad.errors import ArgumentError, ShapeError
from seegrad.op import contraction
from seegrad.ops._convolution_products import (
    product,
    product_for_images,
    product_for_weights,
)
from seegrad.ops._convolution_settings import for_images, for_result, for_weights
from seegrad.ops.windows import pad, places, steps_of, windows

PORTION = 2**20  # so many numbers of the windows are written side by side at a time


def _portions(shape, weight, place):
    """The batch in portions, so that the memory needed does not grow with it."""
    each = shape[1] * math.prod(weight[2:]) * math.prod(place)
    at_once = max(1, PORTION // max(1, each))
    for start in range(0, shape[0], at_once):
        yield slice(start, min(start + at_once, shape[0]))


def _framed(shape, padding):
    """Where the images are in their frame of zeros, and the shape with the frame."""
    grown = [n + b + a for n, (b, a) in zip(shape[2:], padding, strict=True)]
    inner = [slice(b, b + n) for n, (b, _) in zip(shape[2:], padding, strict=True)]
    return (..., *inner), (*shape[:2], *grown)


def _columns(xp, x, size, stride, padding, dilation, groups):
    """What every window sees, one column each: (groups, channels * size, places)."""
    if padding != ((0, 0), (0, 0)):
        x = pad.forward(xp, x, ((0, 0), (0, 0), *padding))
    view = windows.forward(xp, x, size, stride, dilation)
    batch, channels, *place = view.shape[:4]
    height = channels // groups * math.prod(size)
    view = view.transpose(1, 4, 5, 0, 2, 3)
    return view.reshape(groups, height, batch * math.prod(place))


def _channels_first(xp, out, groups):
    """(batch, channels, down, right) as (groups, channels of it, places)."""
    batch, channels, *place = out.shape
    turned = xp.ascontiguousarray(out.transpose(1, 0, 2, 3))
    return turned.reshape(groups, channels // groups, batch * math.prod(place))


def _rows(xp, weight, groups):
    """(groups, output channels of it, weights of one window)."""
    out, *window = weight.shape
    rows = groups, out // groups, math.prod(window)
    return xp.ascontiguousarray(weight).reshape(rows)


@contraction(normal=for_result, method=False, padded=True, product=product)
def conv2d(xp, x, weight, /, stride=1, padding=0, dilation=1, groups=1):
    """out[n, o, i, j] = sum of weight[o, c, k, l] * x[n, c, i + k, j + l]"""
    size, rows = weight.shape[2:], _rows(xp, weight, groups)
    framed = _framed(x.shape, padding)[1]
    place = places(framed[2:], size, stride, dilation)
    out = xp.empty((x.shape[0], weight.shape[0], *place), xp.result_type(x, weight))
    for part in _portions(x.shape, weight.shape, place):
        seen = _columns(xp, x[part], size, stride, padding, dilation, groups)
        found = xp.matmul(rows, seen).reshape(out.shape[1], -1, *place)
        out[part] = found.transpose(1, 0, 2, 3)
    return out


@contraction(normal=for_images, method=False, padded=True, product=product_for_images)
def conv2d_input(xp, g, weight, /, shape, stride=1, padding=0, dilation=1, groups=1):
    """the transposed convolution: every g * weight back to the pixels it came from"""
    rows = _rows(xp, weight, groups).transpose(0, 2, 1)
    inner, framed = _framed(shape, padding)
    out = xp.zeros(framed, xp.result_type(g, weight))
    for part in _portions(shape, weight.shape, g.shape[2:]):
        seen = xp.matmul(rows, _channels_first(xp, g[part], groups))
        batch = part.stop - part.start
        seen = seen.reshape(shape[1], *weight.shape[2:], batch, *g.shape[2:])
        for i, j in np.ndindex(*weight.shape[2:]):
            steps = steps_of((i, j), g.shape[2:], stride, dilation)
            out[(part, ..., *steps)] += seen[:, i, j].swapaxes(0, 1)
    return out[inner]


@contraction(normal=for_weights, method=False, padded=True, product=product_for_weights)
def conv2d_weight(xp, x, g, /, shape, stride=1, padding=0, dilation=1, groups=1):
    """for each weight, the sum of g times the pixels that it was multiplied by"""
    rows = groups, shape[0] // groups, math.prod(shape[1:])
    out = xp.zeros(rows, xp.result_type(x, g))
    for part in _portions(x.shape, shape, g.shape[2:]):
        seen = _columns(xp, x[part], shape[2:], stride, padding, dilation, groups)
        out += xp.matmul(_channels_first(xp, g[part], groups), seen.transpose(0, 2, 1))
    return out.reshape(shape)


conv2d.derivatives(
    x=lambda g, out, x, weight, **how: conv2d_input(g, weight, x.shape, **how),
    weight=lambda g, out, x, weight, **how: conv2d_weight(x, g, weight.shape, **how),
)
conv2d_input.derivatives(
    g=lambda x, out, g, weight, shape, **how: conv2d(x, weight, **how),
    weight=lambda x, out, g, weight, shape, **how: conv2d_weight(
        x, g, weight.shape, **how
    ),
)
conv2d_weight.derivatives(
    x=lambda weight, out, x, g, shape, **how: conv2d_input(g, weight, x.shape, **how),
    g=lambda weight, out, x, g, shape, **how: conv2d(x, weight, **how),
)


def _sampled(x, weight, out, **how):
    """An example of all three: the shapes of the three factors, and the settings."""
    conv2d.sample(x, weight, **how)
    conv2d_input.sample(out, weight, shape=x, **how)
    conv2d_weight.sample(x, out, shape=weight, **how)


_sampled((2, 1, 3, 4), (2, 1, 2, 3), (2, 2, 2, 2))
_sampled((1, 2, 4, 5), (3, 2, 3, 2), (1, 3, 2, 2), stride=2, padding=(1, 0))
_sampled((1, 2, 2, 6), (2, 1, 2, 3), (1, 2, 1, 2), dilation=(1, 2), stride=1, groups=2)
_sampled((1, 2, 2, 3), (4, 1, 2, 2), (1, 4, 2, 3), padding="same", groups=2)
_sampled((2, 3, 2, 2), (2, 3, 1, 1), (2, 2, 2, 2))
_sampled((0, 1, 3, 3), (2, 1, 2, 2), (0, 2, 2, 2))
_IMAGES, _WEIGHT = (2, 3, 5, 5), (4, 3, 3, 3)
conv2d.refuse(ShapeError, "takes images (batch,", (3, 5, 5), _WEIGHT)
conv2d.refuse(ShapeError, "2 channels and the weights are for 3", (2, 2, 5, 5), _WEIGHT)
conv2d.refuse(ShapeError, "3 groups", _IMAGES, (4, 1, 3, 3), groups=3)
conv2d.refuse(ShapeError, "5 x 5 does not fit", (2, 3, 4, 4), _WEIGHT, dilation=2)
conv2d.refuse(
    ArgumentError, "a stride of 1", _IMAGES, _WEIGHT, stride=2, padding="same"
)
conv2d.refuse(
    ArgumentError, "no padding called 'full'", _IMAGES, _WEIGHT, padding="full"
)
conv2d.refuse(ArgumentError, "groups must be 1 or more", _IMAGES, _WEIGHT, groups=0)
conv2d_input.refuse(
    ShapeError, "has shape (2, 4, 3, 3)", _IMAGES, _WEIGHT, shape=_IMAGES
)
conv2d_weight.refuse(
    ShapeError, "not (2, 4, 5, 5)", _IMAGES, (2, 4, 5, 5), shape=_WEIGHT
)
