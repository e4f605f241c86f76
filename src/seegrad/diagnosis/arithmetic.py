"""The arithmetic of vitals: how large, how flat, how alike; with summaries in mind.

A long tape keeps some arrays as summaries. What a summary cannot answer is None here,
never a guess.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.diagnosis.vitals import Array, Columns, UnitVitals
from seegrad.record.summary import Summary

ENDS: dict[str, tuple[float, ...]] = {
    "relu": (),
    "tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
}  # the activations that can go flat, and where
NEAR_END = 0.005
MOST_COLUMNS = 1000  # of a wider batch, all columns are taken together
MOST_LABELS = 100


def is_whole(value: Any) -> bool:
    """Whether all numbers are there."""
    return value is not None and not isinstance(value, Summary)


def is_finite(value: Any) -> bool:
    """Whether there is neither NaN nor infinity; True for whole numbers."""
    if value is None:
        return True
    if isinstance(value, Summary):
        return value.nonfinite == 0
    array = np.asarray(value)
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def size(value: Any) -> float:
    """The root mean square.

    >>> size([3.0, -4.0, 0.0, 0.0])
    2.5
    """
    if isinstance(value, Summary):
        return float(value.norm / max(value.size, 1) ** 0.5)
    array = np.asarray(value, float)
    return float(np.sqrt((array * array).mean())) if array.size else 0.0


def largest(value: Any) -> float:
    """The largest absolute value."""
    if isinstance(value, Summary):
        return max(abs(value.minimum), abs(value.maximum))
    return float(np.abs(np.asarray(value, float)).max(initial=0.0))


def rows_alike(value: Any) -> bool:
    """Whether a matrix has several rows, and all of them hold the same numbers."""
    if isinstance(value, Summary) or np.ndim(value) != 2 or len(value) < 2:
        return False
    array = np.asarray(value)
    return bool((array == array[0]).all())


def columns(value: Any) -> Columns | None:
    """What the columns of a batch are like; None for a summary or a single number."""
    if not is_whole(value) or np.ndim(value) == 0 or np.size(value) == 0:
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        return None
    table = _by_column(array).astype(float)
    sums = table.sum(axis=1)
    shares = array.ndim == 2 and table.shape[1] > 1 and bool((table >= 0.0).all())
    return Columns(
        array.shape,
        array.dtype.kind,
        low=table.min(axis=0),
        high=table.max(axis=0),
        size=np.sqrt((table * table).mean(axis=0)),
        std=table.std(axis=0),
        are_shares=shares and bool(np.allclose(sums, 1.0, atol=1e-4)),
    )


def labels(value: Any) -> dict[float, int] | None:
    """How often each class occurs; None for targets that are not classes."""
    if not is_whole(value) or np.ndim(value) == 0:
        return None
    array = np.asarray(value)
    if array.size != len(array) or not is_finite(array):
        return None
    found, counts = np.unique(array.ravel(), return_counts=True)
    if len(found) > MOST_LABELS or not bool((found == np.round(found)).all()):
        return None
    return {float(c): int(n) for c, n in zip(found, counts, strict=True)}


def units(op: str, value: Any) -> UnitVitals | None:
    """How flat an activation is; None for one row, or a summary."""
    if op not in ENDS or not is_whole(value) or np.ndim(value) < 2 or len(value) < 2:
        return None
    table = _by_column(np.asarray(value)).astype(float)
    near = [abs(table - end) < NEAR_END for end in ENDS[op]]
    saturated = float(np.logical_or.reduce(near).mean()) if near else 0.0
    return UnitVitals(op, len(table), (table == 0.0).all(axis=0), saturated)


def _by_column(array: Array) -> Array:
    """Rows of features, of channels where there are images, or one column of all."""
    if array.ndim == 4:
        array = np.moveaxis(array, 1, -1)
    wide = array.ndim in (2, 3, 4) and array.shape[-1] <= MOST_COLUMNS
    return array.reshape(-1, array.shape[-1] if wide else 1)
