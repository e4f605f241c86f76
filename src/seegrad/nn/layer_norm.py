"""A layer that gives every example mean 0 and spread 1, each by itself.

It does what batch normalisation does, but looks across the features of one example
instead of across the batch. So it is the same in training and in predicting, and for
sequences of any length.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.errors import ShapeError
from seegrad.nn._inputs import fitting, read_eps
from seegrad.nn.module import Module
from seegrad.nn.parameter import Parameter
from seegrad.ops import mean, sqrt
from seegrad.random import whole_number


class LayerNorm(Module):
    """(x - mean) / sqrt(var + eps) * weight + bias over the last axes of x.

    normalized_shape is the lengths of those axes, and the shape of weight and bias (Ba,
    Kiros and Hinton 2016). Raises ShapeError for an x that ends in another shape.

    >>> LayerNorm(2, eps=0.0)([[1.0, 3.0], [10.0, 50.0]]).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = "float32",
    ) -> None:
        self.normalized_shape = self._lengths(normalized_shape)
        self.eps = read_eps(eps, "LayerNorm")
        self.elementwise_affine = elementwise_affine
        self.weight: Parameter | None = None
        self.bias: Parameter | None = None
        if elementwise_affine:
            self.weight = Parameter(np.ones(self.normalized_shape), dtype=dtype)
            if bias:
                self.bias = Parameter(np.zeros(self.normalized_shape), dtype=dtype)

    @staticmethod
    def _lengths(shape: Any) -> tuple[int, ...]:
        several = shape if isinstance(shape, tuple | list) else (shape,)
        if not several:
            raise ShapeError(
                "normalized_shape names no axis: a single number has no spread",
                where="LayerNorm",
                hint="the number of features, LayerNorm(64)",
            )
        return tuple(
            whole_number("normalized_shape", n, least=1, where="LayerNorm")
            for n in several
        )

    def forward(self, x: Any) -> Any:
        x = fitting(x, self.weight, "LayerNorm")
        shape = self.normalized_shape
        if x.shape[-len(shape) :] != shape:
            raise self._misfit(x.shape)
        over = tuple(range(-len(shape), 0))
        centered = x - mean(x, over, True)
        variance = mean(centered * centered, over, True)
        out = centered / sqrt(variance + self.eps)
        if self.weight is not None:
            out = out * self.weight
        return out if self.bias is None else out + self.bias

    def _misfit(self, shape: tuple[int, ...]) -> ShapeError:
        count = len(self.normalized_shape)
        expected = ", ".join(["...", *map(str, self.normalized_shape)])
        hint = f"check that x has shape ({expected})"
        if len(shape) >= count:
            last = shape[-1] if count == 1 else shape[-count:]
            hint = f"LayerNorm({last}), or {hint}"
        return ShapeError(
            f"x has shape {shape}, where ({expected}) was expected", hint=hint
        )

    def describe(self) -> str:
        lengths = self.normalized_shape
        told = [str(lengths[0] if len(lengths) == 1 else lengths)]
        if self.eps != 1e-5:
            told.append(f"eps={self.eps}")
        if not self.elementwise_affine:
            told.append("elementwise_affine=False")
        elif self.bias is None:
            told.append("bias=False")
        return ", ".join(told)


LayerNorm.sample((4, 3), 3)
LayerNorm.sample((2, 3, 4), (3, 4), eps=1e-3, bias=False)
LayerNorm.sample((5, 2), 2, elementwise_affine=False)
LayerNorm.sample((0, 3), 3)
