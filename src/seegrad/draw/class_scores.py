"""What a classifier said and what was right, in the form that charts of it need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seegrad.draw.inputs import Floats, Whole, floats, labels, names_of
from seegrad.errors import DataError


def scores_of(prediction: Any, where: str) -> Floats:
    """One score (N, 1) or one for each class (N, C), as float64."""
    scores = floats("the prediction", prediction, where)
    return scores[:, None] if scores.ndim == 1 else scores


def classes_of(prediction: Any, threshold: float, where: str) -> Whole:
    """The class chosen for each example: the largest score, or above ``threshold``.

    Whole numbers (N,) are classes already.

    >>> classes_of([[0.1, 2.0], [3.0, 0.2]], 0.0, ""), classes_of([0.3, -2.0], 0.0, "")
    (array([1, 0]), array([1, 0]))
    """
    scores = scores_of(prediction, where)
    plain = getattr(prediction, "data", prediction)
    if np.asarray(plain).dtype.kind in "iub" and scores.shape[1] == 1:
        return labels("the prediction", scores, len(scores), where)
    if scores.shape[1] == 1:
        return (scores[:, 0] > threshold).astype(np.int64)
    return np.asarray(scores.argmax(axis=1), dtype=np.int64)


def class_names(given: Sequence[str] | None, found: int, where: str) -> list[str]:
    """The names of the classes, or their numbers: at least ``found`` of them."""
    count = found if given is None else len(given)
    if count < found:
        raise DataError(
            f"{count} classes have a name, and there is a class {found - 1}",
            where=where,
            hint=f"{found} names, in the order of the classes",
        )
    return names_of(given, count, "class", where)


def known_classes(target: Whole, count: int, where: str) -> None:
    """DataError for a label that is none of ``count`` classes."""
    if target.max(initial=0) >= count:
        raise DataError(
            f"there is a label {target.max()}, and the model knows {count} classes",
            where=where,
            hint=f"labels from 0 to {count - 1}",
        )


def two_classes(target: Whole, where: str) -> None:
    """DataError unless there are examples of 0 and of 1, and of nothing else."""
    found = np.unique(target).tolist()
    if found != [0, 1]:
        raise DataError(
            f"one score tells two classes apart, 0 and 1, and the target has {found}",
            where=where,
            hint="examples of both classes, or one score for each class, shape (N, C)",
        )
