"""The layer that looks for the same small pattern everywhere in an image.

Each output channel is one pattern, a little window of weights that slides over all
input channels at once. It needs far fewer weights than a linear layer would, and what
it has learned in one corner it knows in every other.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.errors import ArgumentError, ShapeError, unknown_name
from seegrad.nn._inputs import fitting
from seegrad.nn.init import kaiming_uniform, uniform
from seegrad.nn.module import Module
from seegrad.nn.parameter import Parameter
from seegrad.ops import conv2d, reshape
from seegrad.ops.windows import pair
from seegrad.random import derive, key_from, whole_number


class Conv2d(Module):
    """Windows of x times weight, plus bias: (N, C, H, W) to (N, out_channels, H', W').

    H' = (H + 2 padding - dilation (kernel_size - 1) - 1) / stride + 1, rounded down.
    weight is (out_channels, in_channels / groups, height, width), and begins as in
    PyTorch (He et al. 2015). padding may be "same" or "valid"; a single image may come
    without N. Raises ShapeError and DtypeError for an x that does not fit.

    >>> layer = Conv2d(1, 4, kernel_size=3, padding=1, seed=0)
    >>> layer([[[1.0, 2.0], [3.0, 4.0]]]).shape
    (4, 2, 2)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        seed: int | None = None,
        dtype: Any = "float32",
    ) -> None:
        where = "Conv2d"
        self.in_channels = whole_number(
            "in_channels", in_channels, least=1, where=where
        )
        self.out_channels = whole_number(
            "out_channels", out_channels, least=1, where=where
        )
        self.kernel_size = pair("kernel_size", kernel_size, where=where)
        self.stride = pair("stride", stride, where=where)
        self.padding = self._frame(padding)
        self.dilation = pair("dilation", dilation, where=where)
        self.groups = whole_number("groups", groups, least=1, where=where)
        self._check_groups()
        self._begin(bias, key_from(seed, where=where), dtype)

    def _frame(self, padding: Any) -> str | tuple[int, int]:
        if not isinstance(padding, str):
            return pair("padding", padding, least=0, where="Conv2d")
        if padding not in ("same", "valid"):
            error = unknown_name("padding", padding, ["same", "valid"])
            error.where = "Conv2d"
            raise error
        if padding == "same" and self.stride != (1, 1):
            raise ArgumentError(
                f'padding="same" is for a stride of 1, not {self.stride}',
                where="Conv2d",
                hint="padding=1, or another number",
            )
        return padding

    def _check_groups(self) -> None:
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) % self.groups:
                raise ArgumentError(
                    f"{name} must be divisible by groups, and {getattr(self, name)} is "
                    f"not by {self.groups}",
                    where="Conv2d",
                    hint="groups=1",
                )

    def _begin(self, bias: bool, key: int, dtype: Any) -> None:
        """Evenly spread over -+1/sqrt(fan): as many numbers as go into each output."""
        window = self.in_channels // self.groups, *self.kernel_size
        shape, bound = (self.out_channels, *window), math.prod(window) ** -0.5
        seed = derive("weight", key)
        self.weight = Parameter(
            kaiming_uniform(shape, a=5**0.5, seed=seed, dtype=dtype)
        )
        self.bias: Parameter | None = None
        if bias:
            seed = derive("bias", key)
            self.bias = Parameter(
                uniform(shape[:1], -bound, bound, seed=seed, dtype=dtype)
            )

    def forward(self, x: Any) -> Any:
        x = fitting(x, self.weight, "Conv2d")
        if x.ndim not in (3, 4) or x.shape[-3] != self.in_channels:
            raise self._misfit(x.shape)
        images = x if x.ndim == 4 else reshape(x, (1, *x.shape))
        out = conv2d(
            images, self.weight, self.stride, self.padding, self.dilation, self.groups
        )
        if self.bias is not None:
            out = out + reshape(self.bias, (-1, 1, 1))
        return out if x.ndim == 4 else reshape(out, out.shape[1:])

    def _misfit(self, shape: tuple[int, ...]) -> ShapeError:
        expected = f"(batch, {self.in_channels}, height, width)"
        wrong, hint = f"{len(shape)} axes", f"check that x has shape {expected}"
        if len(shape) in (3, 4):
            wrong = f"{shape[-3]} channels"
            hint = f"Conv2d({shape[-3]}, {self.out_channels}, ...), or {hint}"
        if len(shape) == 3 and self.in_channels == 1:
            hint = "x.unsqueeze(1), if these are images of one channel"
        return ShapeError(
            f"x has {wrong}, shape {shape}, where {expected} was expected", hint=hint
        )

    def describe(self) -> str:
        told = [f"{self.in_channels} -> {self.out_channels}"]
        told.append(f"kernel_size={self.kernel_size}")
        for name, usual in (
            ("stride", (1, 1)),
            ("padding", (0, 0)),
            ("dilation", (1, 1)),
            ("groups", 1),
        ):
            if getattr(self, name) != usual:
                told.append(f"{name}={getattr(self, name)!r}")
        return ", ".join(told) + (", bias=False" if self.bias is None else "")


Conv2d.sample((2, 1, 4, 5), 1, 3, 3, seed=0)
Conv2d.sample((2, 2, 5, 4), 2, 4, (3, 2), stride=2, padding=1, groups=2, seed=1)
Conv2d.sample((1, 2, 3, 3), 2, 1, 2, padding="same", bias=False, seed=2)
Conv2d.sample((0, 1, 3, 3), 1, 2, 2, seed=3)
