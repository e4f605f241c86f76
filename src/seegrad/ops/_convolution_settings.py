"""Which images, weights and settings of a convolution go together.

The three ops of `convolution` are one sum with three factors, so they are asked the
same questions: do the channels fit, does the window, and how large is the result?
"""

from __future__ import annotations

from seegrad.errors import ArgumentError, ShapeError, unknown_name
from seegrad.ops.axes import as_shape, shape_of
from seegrad.ops.windows import pair, places
from seegrad.random import whole_number


def _edges(padding, size, stride, dilation):
    """Zeros (before, after) along height and width, for each way to ask for them."""
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise unknown_name("padding", padding, ["same", "valid"])
        if padding == "valid":
            return (0, 0), (0, 0)
        if stride != (1, 1):
            raise ArgumentError(
                f'padding="same" is for a stride of 1, not {stride}',
                hint="padding=1, or another number",
            )
        surplus = [d * (k - 1) for k, d in zip(size, dilation, strict=True)]
        return tuple((n // 2, n - n // 2) for n in surplus)
    both = padding if isinstance(padding, tuple | list) else (padding, padding)
    if len(both) != 2:
        pair("padding", padding, least=0)  # says what is wrong
    return tuple(pair("padding", part, least=0) for part in both)


def settled(x, weight, stride, padding, dilation, groups):
    """The settings in normal form, and the shape of the result, from two shapes."""
    if len(x) != 4 or len(weight) != 4:
        raise ShapeError(
            f"conv2d takes images (batch, channels, height, width) and weights (out, "
            f"in, height, width), not {x} and {weight}",
            hint="x.unsqueeze(0) for a single image, x.unsqueeze(1) for one channel",
        )
    groups = whole_number("groups", groups, least=1)
    if weight[0] % groups:
        raise ShapeError(
            f"{weight[0]} output channels cannot be shared out to {groups} groups",
            hint="a number of channels that groups divides",
        )
    if x[1] != weight[1] * groups:
        raise ShapeError(
            f"the images have {x[1]} channels and the weights are for "
            f"{weight[1] * groups}: {x} and {weight}",
            hint="x of shape (batch, channels, height, width)",
        )
    stride, dilation = pair("stride", stride), pair("dilation", dilation)
    padding = _edges(padding, weight[2:], stride, dilation)
    framed = tuple(n + b + a for n, (b, a) in zip(x[2:], padding, strict=True))
    out = places(framed, weight[2:], stride, dilation)
    return {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }, (x[0], weight[0], *out)


def for_result(x, weight, stride, padding, dilation, groups):
    shapes = tuple(shape_of(x)), tuple(shape_of(weight))
    return settled(*shapes, stride, padding, dilation, groups)[0]


def _expected(g, shape, found):
    """The settings, if g has the shape of the result that they lead to."""
    settings, wanted = found
    if tuple(shape_of(g)) != wanted:
        raise ShapeError(
            f"the gradient of this convolution has shape {wanted}, not "
            f"{tuple(g.shape)}",
            hint="the gradient of what conv2d gave",
        )
    return {"shape": shape, **settings}


def for_images(g, weight, shape, **settings):
    shape = as_shape(shape)
    found = settled(shape, tuple(shape_of(weight)), **settings)
    return _expected(g, shape, found)


def for_weights(x, g, shape, **settings):
    shape = as_shape(shape)
    found = settled(tuple(shape_of(x)), shape, **settings)
    return _expected(g, shape, found)
