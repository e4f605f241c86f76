"""Part of the data is kept aside, so that what was learned can be told from memory.

A network may know its training rows by heart; only rows it has never met show whether
it understood them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seegrad.data.base import Array, amount, as_rows, same_length
from seegrad.errors import ArgumentError, DataError, ShapeError
from seegrad.random import derive, key_from, permutation


def split(
    x: Any, y: Any, test: float = 0.2, seed: int | None = 0, stratify: bool = False
) -> tuple[Array, Array, Array, Array]:
    """x_train, x_test, y_train, y_test: the rows in random order, a share kept aside.

    `test` is a share between 0 and 1 (rounded up) or a number of rows. With `stratify`
    each class keeps its share on both sides. Raises DataError for empty data or unequal
    lengths, ArgumentError when a side would be empty.

    >>> x_train, x_test, y_train, y_test = split(np.eye(10), np.arange(10), test=0.3)
    >>> len(x_train), len(x_test)
    (7, 3)
    """
    x, y = as_rows("x", x, "split"), as_rows("y", y, "split")
    same_length(x, y, "split")
    count = _test_rows(test, len(x))
    key = derive("split", key_from(seed, where="split"))
    order = permutation(key, len(x))
    held_out = _by_class(y, order, count) if stratify else np.arange(len(x)) < count
    train, kept = order[~held_out], order[held_out]
    return x[train], x[kept], y[train], y[kept]


def _test_rows(test: object, rows: int) -> int:
    """How many of the rows go to the test side."""
    wanted = amount("test", test, "split")
    if isinstance(test, int | np.integer):
        count = int(test)
    else:
        # A hair less than the product, because 0.07 * 100 is 7.000000000000001.
        count = math.ceil(wanted * rows - 1e-9)
    if not 0 < count < rows:
        side = "test" if count == 0 else "training"
        raise ArgumentError(
            f"test={test} of {rows} rows leaves the {side} side empty",
            where="split",
            hint="test=0.2, a share between 0 and 1" if rows > 1 else "more data",
        )
    return count


def _by_class(y: Array, order: Array, count: int) -> NDArray[np.bool_]:
    """Which places of `order` go to the test side when every class keeps its share."""
    if y.size != len(y):
        raise ShapeError(
            f"stratify needs one label for each row, y has shape {y.shape}",
            where="split",
            hint="stratify=False, or labels of shape (rows,)",
        )
    classes, labels = np.unique(y.reshape(-1)[order], return_inverse=True)
    sizes = np.bincount(labels)
    _check_classes(classes, sizes, count)
    quotas = _shares(sizes, count)
    held_out = np.zeros(len(y), dtype=np.bool_)
    for label, quota in enumerate(quotas):
        held_out[np.flatnonzero(labels == label)[:quota]] = True
    return held_out


def _check_classes(classes: Array, sizes: Array, count: int) -> None:
    """Every class needs a row on either side."""
    if sizes.min() < 2:
        rare = classes[sizes.argmin()].item()
        raise DataError(
            f"class {rare!r} has 1 row, which cannot be on both sides",
            where="split, stratify=True",
            hint="stratify=False, or labels that are classes",
        )
    smaller = min(count, int(sizes.sum()) - count)
    if smaller < len(sizes):
        raise ArgumentError(
            f"a side of {smaller} rows cannot hold all {len(sizes)} classes",
            where="split, stratify=True",
            hint="a larger side, or stratify=False",
        )


def _shares(sizes: Array, count: int) -> Array:
    """`count` rows dealt to classes in proportion to their sizes, at least one each.

    Each class gets the whole part of its share; the rows left over go one by one to the
    class that is furthest below its share.
    """
    exact: Array = sizes * (count / sizes.sum())
    quotas: Array = np.clip(np.floor(exact).astype(np.int64), 1, sizes - 1)
    while (gap := count - int(quotas.sum())) != 0:
        step = 1 if gap > 0 else -1
        free = quotas < sizes - 1 if gap > 0 else quotas > 1
        need = np.where(free, step * (exact - quotas), -np.inf)
        quotas[int(np.argmax(need))] += step
    return quotas
