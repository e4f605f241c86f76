"""What a tensor becomes when it meets numbers of another kind.

The rule is in `dtypes.result_dtype`; here it is applied: a Python number takes the
dtype of what it meets, and inputs of different dtypes are cast to the one they make
together. A cast is an op like any other, so gradients pass back through it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.dtypes import as_array, default_float, is_float, result_dtype
from seegrad.errors import DtypeError, ShapeError
from seegrad.op import Op


def weak_array(number: Any, arrays: list[Any]) -> Any:
    """A single number as a 0-d array: it never widens what it meets.

    >>> weak_array(2.0, [np.zeros(3, np.float32)]).dtype
    dtype('float32')
    """
    dtype = result_dtype(arrays)
    kind = np.asarray(number).dtype.kind
    if kind not in "iuf":  # a boolean stays one; anything else is refused
        return as_array(number)
    if kind == "f" and not is_float(dtype):
        dtype = default_float
    elif kind != "f" and dtype.kind == "b":
        dtype = np.dtype("int64")
    try:
        return np.asarray(number, dtype=dtype)
    except OverflowError:
        raise DtypeError(
            f"{number} does not fit into {dtype}", hint="x.to(sg.int64) first"
        ) from None


def promoted(op: Op, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The inputs of an op, cast to the one dtype that they make together."""
    dtype = result_dtype(
        x.data for i, x in enumerate(inputs) if op.input_name(i) not in op.keeps
    )
    if op.floating and not is_float(dtype):
        dtype = default_float
    return tuple(
        x if x.data.dtype == dtype or op.input_name(i) in op.keeps else x.to(dtype)
        for i, x in enumerate(inputs)
    )


def explained(error: Exception, op: Op, arrays: Any, settings: Any) -> Exception:
    """The error of a failed forward, in terms of the shapes that did not fit."""
    if op.explain is not None:
        return op.explain(error, *arrays, **settings)
    if op.kind == "elementwise" and len(arrays) > 1:
        shapes = [array.shape for array in arrays]
        try:
            np.broadcast_shapes(*shapes)
        except ValueError:
            return ShapeError(
                f"{op} cannot bring {' and '.join(map(str, shapes))} together: counted "
                "from the right, two lengths must be equal or one of them 1",
                hint="x.reshape(...) or x.unsqueeze(dim) to line the axes up",
            )
    return error
