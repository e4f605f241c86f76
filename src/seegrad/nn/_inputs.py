"""What a layer is given, read and checked.

An input becomes a tensor in the dtype that the layer computes in; a setting becomes a
number, or an error that names the layer.
"""

from __future__ import annotations

from typing import Any

from seegrad.dtypes import is_float
from seegrad.errors import ArgumentError, DtypeError
from seegrad.nn.base import as_tensor
from seegrad.nn.parameter import Parameter
from seegrad.tensor import Tensor


def fitting(x: Any, weight: Parameter | None, layer: str) -> Tensor:
    """x as a tensor of the dtype of the weight; DtypeError for floats of another.

    >>> fitting([1, 2], Parameter([1.0]), "Layer").dtype
    dtype('float32')
    """
    if weight is None:
        return as_tensor(x)
    dtype = weight.dtype
    read = as_tensor(x, dtype)
    if read.dtype == dtype:
        return read
    if is_float(read.dtype):
        raise DtypeError(
            f"x is {read.dtype} and the weight is {dtype}",
            hint=f"x.to(sg.{dtype}), or {layer}(..., dtype=sg.{read.dtype})",
        )
    whole: Tensor = read.to(dtype)
    return whole


def read_eps(eps: Any, layer: str) -> float:
    """The small number under the root, as a float that is not negative.

    >>> read_eps(1e-5, "LayerNorm")
    1e-05
    """
    if not (type(eps) in (int, float) and eps >= 0):
        raise ArgumentError(
            f"eps is a small number that keeps a spread off zero, not {eps!r}",
            where=layer,
            hint="eps=1e-5",
        )
    return float(eps)
