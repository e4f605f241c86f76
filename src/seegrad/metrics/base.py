"""What the metrics share: plain arrays, because nothing is differentiated here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seegrad.dtypes import as_array
from seegrad.errors import DataError, SeegradError
from seegrad.tensor import Tensor

Array = np.ndarray[Any, Any]
Metric = Callable[..., float]


def read(name: str, data: Any, where: str) -> Array:
    """Tensors, arrays and lists as an array of at least one number."""
    try:
        array: Array = data.data if isinstance(data, Tensor) else as_array(data)
    except SeegradError as error:
        error.where = where
        raise
    if array.size == 0:
        raise DataError(
            f"there is nothing to measure: the {name} has shape {array.shape}",
            where=where,
            hint="at least one example",
        )
    return array
