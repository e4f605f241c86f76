"""Which kinds of numbers there are, and what two of them make together.

The names are PyTorch's; the things are NumPy's dtypes. The promotion rule is PyTorch's
too: an integer never widens a float, and a single number never widens an array of its
own category. That is what keeps a float32 network float32 from end to end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from seegrad.errors import DtypeError, InputTypeError

float16 = np.dtype("float16")
float32 = np.dtype("float32")
float64 = np.dtype("float64")
int8 = np.dtype("int8")
int16 = np.dtype("int16")
int32 = np.dtype("int32")
int64 = np.dtype("int64")
uint8 = np.dtype("uint8")
bool_ = np.dtype("bool")

default_float = float32
KNOWN = (float16, float32, float64, int8, int16, int32, int64, uint8, bool_)

_ONE_OF = "one of " + ", ".join(dtype.name for dtype in KNOWN)
_CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2}


def checked(dtype: Any) -> np.dtype[Any]:
    """The dtype that a name or a NumPy dtype stands for, or an error that lists all.

    >>> checked("float32")
    dtype('float32')
    """
    try:
        known: np.dtype[Any] = np.dtype(dtype).newbyteorder("=")
    except TypeError as error:
        raise DtypeError(f"{dtype!r} is not a dtype: {error}", hint=_ONE_OF) from None
    if known not in KNOWN:
        raise DtypeError(f"seegrad does not compute with {known.name}", hint=_ONE_OF)
    return known


def is_float(dtype: np.dtype[Any]) -> bool:
    """Whether numbers of this dtype can carry a gradient.

    >>> is_float(float32), is_float(int64)
    (True, False)
    """
    return dtype.kind == "f"


def result_dtype(arrays: Iterable[np.ndarray[Any, Any]]) -> np.dtype[Any]:
    """The dtype that arrays make together, by PyTorch's rule.

    The highest category (bool < integer < float) wins, and within it arrays with axes
    outrank 0-d ones; only the winners' widths count.

    >>> result_dtype([np.zeros(3, np.float32), np.zeros(3, np.int64)])
    dtype('float32')
    >>> result_dtype([np.zeros(3, np.float32), np.zeros((), np.float64)])
    dtype('float32')
    """
    found: dict[tuple[int, bool], np.dtype[Any]] = {}
    for array in arrays:
        key = (_CATEGORY[array.dtype.kind], array.ndim > 0)
        found[key] = np.promote_types(found.get(key, array.dtype), array.dtype)
    return found[max(found)]


def as_array(data: Any, dtype: Any = None) -> np.ndarray[Any, Any]:
    """A fresh, native, contiguous array of numbers, never sharing the caller's memory.

    Python floats become float32, integers int64; NumPy arrays keep their dtype. Text,
    objects, ragged lists and complex numbers are refused, and so are numbers that a
    narrower integer cannot hold.

    >>> as_array([1.5, 2.0]).dtype, as_array(np.float64([1.5])).dtype
    (dtype('float32'), dtype('float64'))
    """
    array = numbers(data)
    wanted = checked(array.dtype if dtype is None else dtype)
    if dtype is None and wanted == float64 and not _comes_from_numpy(data):
        wanted = default_float
    return fitted(array, wanted)


def fitted(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """The array in another dtype; DtypeError if it is an integer that cannot hold it.

    >>> fitted(np.array([1.5, 2.0]), int8)
    array([1, 2], dtype=int8)
    """
    if array.dtype == dtype:
        return array
    if dtype.kind in "iu" and array.size:
        least, most = np.min(array), np.max(array)
        if not np.iinfo(dtype).min <= least <= most <= np.iinfo(dtype).max:
            raise DtypeError(
                f"numbers from {least} to {most} do not fit into {dtype}",
                hint="a wider dtype, or sg.float32",
            )
    with np.errstate(over="ignore"):  # beyond the widest float lies infinity
        return array.astype(dtype, copy=False)


def numbers(data: Any, what: str = "a tensor") -> np.ndarray[Any, Any]:
    """A fresh array of real numbers of any dtype; anything else is refused.

    >>> numbers([1, 2.5])
    array([1. , 2.5])
    """
    kind = type(data).__name__
    try:
        array = np.array(data, order="C")
    except (ValueError, TypeError) as error:
        raise InputTypeError(
            f"cannot make {what} of {kind}: {error}",
            hint="numbers in lists of equal length, or a NumPy array",
        ) from None
    if array.dtype.kind not in _CATEGORY:
        raise DtypeError(
            f"cannot make {what} of {kind} with dtype {array.dtype}",
            hint="real numbers: floats, integers or booleans; of a Value, value.data",
        )
    return array


def _comes_from_numpy(data: Any) -> bool:
    """Whether the data was float64 by choice (NumPy) or by default (Python floats)."""
    while isinstance(data, list | tuple) and data:
        data = data[0]
    return isinstance(data, np.ndarray | np.generic) or hasattr(data, "__array__")
