"""What a tensor becomes when it meets numbers of another kind.

The rule is in `dtypes.result_dtype`; here it is applied: a Python number takes the
dtype of what it meets, and inputs of different dtypes are cast to the one they make
together. A cast is an op like any other, so gradients pass back through it.
"""

from __future__ import annotations

from contextvars import Context
from typing import Any

import numpy as np

from seegrad.dtypes import as_array, default_float, is_float, result_dtype
from seegrad.errors import DtypeError, SeegradError, ShapeError
from seegrad.op import Op

# Where NaN and infinity give no warnings, whatever the user has asked NumPy for. It is
# quick to run a forward in a copy of it; `np.errstate` costs as much as a small op.
QUIET = Context()
QUIET.run(np.seterr, all="ignore")
SMALL = 65504  # no float dtype is too narrow for numbers up to here


def weak_array(number: Any, arrays: list[Any]) -> Any:
    """A single number as a 0-d array: it never widens what it meets.

    >>> weak_array(2.0, [np.zeros(3, np.float32)]).dtype
    dtype('float32')
    """
    dtype = result_dtype(arrays) if len(arrays) > 1 else arrays[0].dtype
    kind = "i" if isinstance(number, int) else "f"
    if not isinstance(number, (int, float)):
        kind = np.asarray(number).dtype.kind
    if isinstance(number, bool) or kind not in "iuf":
        return as_array(number)  # a boolean stays one; anything else is refused
    if kind == "f" and not is_float(dtype):
        dtype = default_float
    elif kind != "f" and dtype.kind == "b":
        dtype = np.dtype("int64")
    try:
        if -SMALL <= number <= SMALL:
            return np.array(number, dtype)
        with np.errstate(over="ignore"):  # beyond the widest float lies infinity
            return np.asarray(number, dtype=dtype)
    except OverflowError:
        raise DtypeError(
            f"{number} does not fit into {dtype}", hint="x.to(sg.int64) first"
        ) from None


def needs_float(op: Op, settings: dict[str, Any]) -> bool:
    """Whether whole numbers become floats first: exp(3), or 3 clamped to 0.5."""
    return op.floating or any(isinstance(s, float) for s in settings.values())


def mixed(op: Op, arrays: list[Any], settings: Any) -> bool:
    """Whether inputs may have to be cast; asked before every op, so asked quickly."""
    if op.kept:
        arrays = [array for i, array in enumerate(arrays) if i not in op.kept]
    dtype = arrays[0].dtype
    for array in arrays:
        if array.dtype != dtype:
            return True
    return dtype.kind != "f" and needs_float(op, settings)


def promoted(op: Op, inputs: tuple[Any, ...], settings: Any) -> tuple[Any, ...]:
    """The inputs of an op, cast to the one dtype that they make together."""
    dtype = result_dtype(x._data for i, x in enumerate(inputs) if i not in op.kept)
    if not is_float(dtype) and needs_float(op, settings):
        dtype = default_float
    return tuple(
        x if i in op.kept or x._data.dtype == dtype else x.to(dtype)
        for i, x in enumerate(inputs)
    )


def explained(error: Exception, op: Op, arrays: Any, settings: Any) -> Exception:
    """The error of a failed forward, in terms of the shapes that did not fit."""
    if isinstance(error, SeegradError):
        return error
    if op.explain is not None:
        return op.explain(error, *arrays, **settings)
    if op.kind != "elementwise":
        return error
    dtypes = [array.dtype.name for array in arrays]
    if isinstance(error, TypeError) and "bool" in dtypes:
        return DtypeError(
            f"{op} does not compute with booleans", hint="x.to(sg.float32) first"
        )
    shapes = [array.shape for array in arrays]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return ShapeError(
            f"{op} cannot bring {' and '.join(map(str, shapes))} together: counted "
            "from the right, two lengths must be equal or one of them 1",
            hint="x.reshape(...) or x.unsqueeze(dim) to line the axes up",
        )
    if isinstance(error, ValueError) and not any(is_float(a.dtype) for a in arrays):
        return DtypeError(  # 2 ** -1 is not an integer
            f"{op} of {' and '.join(dtypes)}: {error}", hint="x.to(sg.float32) first"
        )
    return error
