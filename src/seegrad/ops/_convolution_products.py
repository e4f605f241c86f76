"""A convolution as a matrix product whose second matrix is never written down.

Its numbers are read straight from the image, at the place that a formula names. Here
are the formulas, for the three factors of the one sum: this is what the compiler is
told, and the textbook's indices of a convolution and its two gradients.
"""

from __future__ import annotations

from seegrad.facts import Factor, Product
from seegrad.ops._convolution_settings import settled
from seegrad.ops.windows import where_divisible


def _at(stride, padding, dilation):
    """The pixel under a weight: (down, right), (row, column) -> where in the image."""

    def pixel(place, offset):
        return tuple(
            p * s + o * d - before
            for p, o, s, d, (before, _) in zip(
                place, offset, stride, dilation, padding, strict=True
            )
        )

    return pixel


def _seen(stride, padding, dilation):
    """The place whose window has a pixel at an offset, where there is such a place."""

    def place(before, pixel, offset):
        reach = [
            n + frame - o * d
            for n, o, d, (frame, _) in zip(
                pixel, offset, dilation, padding, strict=True
            )
        ]
        index = *before, *(n // s for n, s in zip(reach, stride, strict=True))
        return where_divisible(index, reach, stride)

    return place


def _sizes(weight, groups):
    """Output channels in a group, input channels in a group, height and width."""
    return weight[0] // groups, *weight[1:]


def product(x, weight, stride, padding, dilation, groups):
    out, into, *size = _sizes(weight, groups)
    at = _at(stride, padding, dilation)
    place = settled(x, weight, stride, padding, dilation, groups)[1][2:]
    return Product(
        batch=(groups,),
        rows=(out,),
        columns=(x[0], *place),
        inner=(into, *size),
        left=Factor(1, lambda b, r, i: (b[0] * out + r[0], *i)),
        right=Factor(0, lambda b, c, i: (c[0], b[0] * into + i[0], *at(c[1:], i[1:]))),
        out=lambda b, r, c: (c[0], b[0] * out + r[0], *c[1:]),
    )


def product_for_images(g, weight, shape, stride, padding, dilation, groups):
    out, into, *size = _sizes(weight, groups)
    seen = _seen(stride, padding, dilation)
    return Product(
        batch=(groups,),
        rows=(into,),
        columns=(shape[0], *shape[2:]),
        inner=(out, *size),
        left=Factor(1, lambda b, r, i: (b[0] * out + i[0], r[0], *i[1:])),
        right=Factor(
            0,
            lambda b, c, i: seen((c[0], b[0] * out + i[0]), c[1:], i[1:]),
            absent=True,
        ),
        out=lambda b, r, c: (c[0], b[0] * into + r[0], *c[1:]),
    )


def product_for_weights(x, g, shape, stride, padding, dilation, groups):
    out, into, *size = _sizes(shape, groups)
    at = _at(stride, padding, dilation)
    return Product(
        batch=(groups,),
        rows=(out,),
        columns=(into, *size),
        inner=(g[0], *g[2:]),
        left=Factor(1, lambda b, r, i: (i[0], b[0] * out + r[0], *i[1:])),
        right=Factor(0, lambda b, c, i: (i[0], b[0] * into + c[0], *at(i[1:], c[1:]))),
        out=lambda b, r, c: (b[0] * out + r[0], *c),
    )
