"""How often the network is right: the number that people ask for.

It has no slope (a small change of a weight changes no decision), which is why networks
are trained on a loss and judged by this.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.errors import DataError, DtypeError, ShapeError
from seegrad.metrics.base import Array, read


def accuracy(prediction: Any, target: Any, *, threshold: float = 0.0) -> float:
    """The fraction of examples whose class was predicted: sum(right) / N, from 0 to 1.

    Rows of scores (N, C) predict the class of the largest; single scores (N,) or (N, 1)
    predict yes above ``threshold``: 0 for logits, 0.5 for probabilities. Whole numbers
    (N,) are classes already. Targets are classes (N,), or 0/1 or -1/+1 for single
    scores. A NaN is never right. Raises ShapeError, DtypeError and DataError.

    >>> accuracy([[0.1, 2.0], [3.0, 0.2]], [1, 1])
    0.5
    >>> accuracy([[2.0], [-1.0]], [1, 0])
    1.0
    """
    scores = read("prediction", prediction, "accuracy")
    if scores.ndim not in (1, 2):
        raise ShapeError(
            f"the prediction has shape {scores.shape}, not (examples, classes)",
            where="accuracy",
            hint="one row of scores for each example",
        )
    classes = _classes(read("target", target, "accuracy"), len(scores))
    if scores.ndim == 2 and scores.shape[1] > 1:
        right = _among_many(scores, classes)
    elif scores.dtype.kind in "iub":
        right = scores.reshape(-1) == classes
    else:
        right = _yes_or_no(scores.reshape(-1), classes, threshold)
    return int(np.count_nonzero(right)) / right.size


def _classes(target: Array, n: int) -> Array:
    """The targets as whole numbers (N,)."""
    if target.shape not in ((n,), (n, 1)):
        raise ShapeError(
            f"there are {n} predictions, and the target has shape {target.shape}",
            where="accuracy",
            hint="target.argmax(axis=1) makes class numbers of one-hot rows"
            if target.ndim == 2 and len(target) == n
            else f"a target of shape ({n},)",
        )
    flat = target.reshape(-1)
    if flat.dtype.kind != "f":
        return flat.astype(np.int64, copy=False)
    with np.errstate(invalid="ignore"):
        classes = flat.astype(np.int64)
    if not (classes == flat).all():
        _check_whole(flat)
    return classes


def _check_whole(flat: Array) -> None:
    """Say what is wrong with targets that differ from themselves as whole numbers."""
    if not np.isfinite(flat).all():
        first = int(np.argmin(np.isfinite(flat)))
        raise DataError(
            f"the target is {flat[first]} at index {first}",
            where="accuracy",
            hint="keep only the rows where np.isfinite(y)",
        )
    if (flat != np.round(flat)).any():
        raise DtypeError(
            "a target is the number of a class, and some are not whole numbers",
            where="accuracy",
            hint="metrics of numbers, such as the loss itself, for regression",
        )


def _among_many(scores: Array, classes: Array) -> Array:
    count = scores.shape[1]
    # Read without a sign, what is below 0 is above everything.
    if classes.view(np.uint64).max() >= count:
        outside = classes[(classes < 0) | (classes >= count)]
        raise DataError(
            f"class {outside[0]} does not exist: {count} scores stand for the classes "
            f"0 to {count - 1}",
            where="accuracy",
            hint="classes counted from 0, and one score for each",
        )
    right: Array = scores.argmax(axis=1) == classes
    if np.isnan(scores.max()):  # NaN wins over every number, in max and in argmax
        right &= ~np.isnan(scores).any(axis=1)
    return right


def _yes_or_no(scores: Array, classes: Array, threshold: float) -> Array:
    least, most = classes.min(), classes.max()
    if most > 1 or least < -1 or (least == -1 and not classes.all()):
        raise DataError(
            f"one score for each example tells two classes apart, and the target has "
            f"{np.unique(classes).tolist()}",
            where="accuracy",
            hint="0 and 1 or -1 and +1, or one score for each class, shape (N, C)",
        )
    right: Array = ~np.isnan(scores) & ((scores > threshold) == (classes > 0))
    return right
