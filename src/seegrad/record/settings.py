"""The settings of an operation as plain data that reads back as it was.

JSON has no tuples, slices or dtypes, so these are written with their name beside them.
With its settings an operation can be run and differentiated from a file.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

PLAIN = (bool, int, str, type(None))


def encoded(settings: dict[str, Any] | None) -> dict[str, Any] | None:
    """The settings as plain data; None if one of them is something else.

    >>> encoded({"dim": (0, 1), "keepdim": True})
    {'dim': {'tuple': [0, 1]}, 'keepdim': True}
    """
    try:
        return {name: _encoded(value) for name, value in (settings or {}).items()}
    except TypeError:
        return None


def decoded(saved: dict[str, Any] | None) -> dict[str, Any] | None:
    """The settings that `encoded` wrote."""
    if saved is None:
        return None
    return {name: _decoded(value) for name, value in saved.items()}


def _encoded(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [_encoded(v) for v in value]}
    if isinstance(value, slice):
        return {"slice": [_encoded(v) for v in (value.start, value.stop, value.step)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, np.dtype) and value.names is None:
        return {"dtype": value.name}
    if isinstance(value, np.ndarray) and value.dtype.kind in "bif":
        data = [_encoded(v) for v in value.ravel().tolist()]
        return {"array": [value.dtype.name, list(value.shape), data]}
    raise TypeError(f"{type(value).__name__} has no form in a file")


def _decoded(saved: Any) -> Any:
    if not isinstance(saved, dict):
        return saved
    ((kind, inner),) = saved.items()
    if kind == "float":
        return float(inner)
    if kind == "ellipsis":
        return Ellipsis
    if kind == "dtype":
        return np.dtype(inner)
    if kind == "array":
        dtype, shape, data = inner
        return np.array([_decoded(v) for v in data], dtype).reshape(shape)
    several = [_decoded(v) for v in inner]
    if kind == "slice":
        return slice(*several)
    return tuple(several) if kind == "tuple" else several
