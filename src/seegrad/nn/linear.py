"""The layer that every network is made of: each output is a weighted sum of the inputs.

All the learning of a multilayer perceptron happens in these weights. One row of the
weight matrix is one neuron; its entries say how much each input counts.
"""

from __future__ import annotations

from typing import Any

from seegrad.dtypes import is_float
from seegrad.errors import DtypeError, ShapeError
from seegrad.nn.base import as_tensor
from seegrad.nn.init import kaiming_uniform, uniform
from seegrad.nn.module import Module
from seegrad.nn.parameter import Parameter
from seegrad.random import derive, key_from, whole_number


class Linear(Module):
    """x @ weight.T + bias, from (..., in_features) to (..., out_features).

    weight is (out_features, in_features), bias (out_features,); both begin evenly
    spread over -+1/sqrt(in_features), as in PyTorch (He et al. 2015). Plain arrays are
    read in the dtype of the weight. Raises ShapeError and DtypeError for an x that does
    not fit.

    >>> layer = Linear(3, 2, seed=0)
    >>> layer([[1.0, 2.0, 3.0]]).shape
    (1, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        seed: int | None = None,
        dtype: Any = "float32",
    ) -> None:
        self.in_features = self._size("in_features", in_features)
        self.out_features = self._size("out_features", out_features)
        key = key_from(seed, where="Linear")
        shape = self.out_features, self.in_features
        weight = kaiming_uniform(
            shape, a=5**0.5, seed=derive("weight", key), dtype=dtype
        )
        self.weight = Parameter(weight)
        self.bias: Parameter | None = None
        if bias:
            bound = self.in_features**-0.5
            start = uniform(
                shape[:1], -bound, bound, seed=derive("bias", key), dtype=dtype
            )
            self.bias = Parameter(start)

    @staticmethod
    def _size(name: str, value: int) -> int:
        return whole_number(name, value, least=1, where="Linear")

    def forward(self, x: Any) -> Any:
        x = self._fitting(x)
        out = x @ self.weight.T
        return out if self.bias is None else out + self.bias

    def _fitting(self, x: Any) -> Any:
        """The input as a tensor, or an error that says what would fit."""
        dtype = self.weight.dtype
        x = as_tensor(x, dtype)
        if not x.shape or x.shape[-1] != self.in_features:
            raise self._misfit(x.shape)
        if x.dtype != dtype and is_float(x.dtype):
            raise DtypeError(
                f"x is {x.dtype} and the weight is {dtype}",
                hint=f"x.to(sg.{dtype}), or {type(self).__name__}(..., "
                f"dtype=sg.{x.dtype})",
            )
        return x

    def _misfit(self, shape: tuple[int, ...]) -> ShapeError:
        turned = (self.in_features, self.out_features)
        check = f"check that x has shape (batch, {self.in_features})"
        if not shape:
            return ShapeError(
                f"cannot multiply () by {turned}: a single number has no features",
                hint=check,
            )
        return ShapeError(
            f"cannot multiply {shape} by {turned}: the inner sizes {shape[-1]} and "
            f"{self.in_features} differ",
            hint=f"Linear({shape[-1]}, {self.out_features}), or {check}",
        )

    def describe(self) -> str:
        without = ", bias=False" if self.bias is None else ""
        return f"{self.in_features} -> {self.out_features}{without}"


Linear.sample((5, 3), 3, 4, seed=0)
Linear.sample((2, 5, 3), 3, 1, bias=False, seed=1)
Linear.sample((3,), 3, 2, seed=2)
Linear.sample((0, 3), 3, 2, seed=3)
