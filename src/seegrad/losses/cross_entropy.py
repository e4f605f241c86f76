"""One of many: how surprised a network is by the class that was right.

The network gives a score, a logit, for each class; softmax makes probabilities of them;
the loss is minus the logarithm of the one that belongs to the label. A network that
knows nothing has loss log(C), worth remembering when a training begins.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.errors import DataError, DtypeError, ShapeError
from seegrad.losses.base import (
    check_finite,
    read,
    read_prediction,
    reduced,
    refuse,
    sample,
)
from seegrad.ops import amax, detach, exp, log, sum
from seegrad.ops.lookups import gather_
from seegrad.require import require
from seegrad.tensor import Tensor


def cross_entropy(logits: Any, labels: Any, *, reduction: str = "mean") -> Tensor:
    """The cross-entropy, -log(softmax(logits)[label]), of logits (N, C) or (C,).

    Labels are whole numbers from 0 to C - 1, of shape (N,) or (); reduction is "mean",
    "sum" or "none". Raises ShapeError, DtypeError and DataError.

    >>> cross_entropy([[0.0, 0.0], [0.0, 10000.0]], [0, 1], reduction="none")
    tensor([0.6931472, 0.       ])
    """
    x = read_prediction(logits, "cross_entropy")
    y = _read_labels(labels, x)
    last = x.ndim - 1
    top = amax.settled(x, dim=(last,), keepdim=True)
    scores = x - detach(top)  # the same probabilities, no overflow
    total = sum.settled(exp(scores), dim=(last,), keepdim=False)
    surprise = log(total) - gather_.settled(scores, y, dim=last)
    return reduced(surprise, reduction, "cross_entropy")


def _read_labels(labels: Any, x: Tensor) -> Tensor:
    """The labels as class numbers, one for each row of logits."""
    y = read(labels, "cross_entropy")
    if x.ndim not in (1, 2):
        raise ShapeError(
            f"the logits have shape {x.shape}, not (examples, classes)",
            where="cross_entropy",
            hint="one row of logits for each label",
        )
    if y.shape != x.shape[:-1]:
        raise ShapeError(
            f"the logits have shape {x.shape} and the labels {y.shape}: each row needs "
            "one label",
            where="cross_entropy",
            hint=_hint(x, y),
        )
    check_finite(y.data, "cross_entropy")
    if y.dtype.kind not in "iu":
        raise DtypeError(
            f"a label is the number of a class, a whole number, not {y.dtype}",
            where="cross_entropy",
            hint="labels.astype(np.int64), if they are class numbers",
        )
    y = y if y.dtype == np.int64 else y.to(np.int64)
    _check_range(y.data, x.shape[-1])
    return y


def _check_range(y: Any, classes: int) -> None:
    require((y >= 0) * (y < classes), lambda: _no_such_class(y, classes))


def _no_such_class(y: np.ndarray[Any, Any], classes: int) -> DataError:
    outside = y[(y < 0) | (y >= classes)]
    return DataError(
        f"label {outside[0]} does not exist: {classes} logits stand for the "
        f"classes 0 to {classes - 1}",
        where="cross_entropy",
        hint=f"a last layer of {outside.max() + 1} outputs, one for each class"
        if outside.max() >= classes
        else "labels counted from 0",
    )


def _hint(x: Tensor, y: Tensor) -> str:
    if y.shape == x.shape:
        return "labels.argmax(axis=-1) makes class numbers of one-hot rows"
    if y.size == np.prod(x.shape[:-1]):
        return f"labels.reshape({x.shape[:-1]})"
    return f"labels of shape {x.shape[:-1]}"


sample(cross_entropy, [[0.5, -1.0, 2.0], [0.0, 1.0, 0.5]], [2, 0])
sample(cross_entropy, [0.5, -1.0, 2.0], 1)
sample(cross_entropy, [[1e4, -1e4], [1e4, -1e4]], [0, 1])
refuse(cross_entropy, DataError, "label 3 does not exist", [[0.5, 1.0]], [3])
refuse(cross_entropy, DataError, "label 2 does not exist", [[0.5, 1.0]], [2])
refuse(cross_entropy, DataError, "a last layer of 4 outputs", [[0.5, 1.0]], [3])
refuse(cross_entropy, DataError, "counted from 0", [[0.5, 1.0]], [-1])
refuse(cross_entropy, DtypeError, "not float32", [[0.5, 1.0]], [1.0])
refuse(cross_entropy, DataError, "nan", [[0.5, 1.0]], [float("nan")])
refuse(cross_entropy, DataError, "nothing to compare", [[]], [0])
refuse(cross_entropy, ShapeError, "labels.reshape((1,))", [[0.5, 1.0]], [[1]])
refuse(cross_entropy, ShapeError, "argmax", [[0.5, 1.0]], [[0.0, 1.0]])
refuse(cross_entropy, ShapeError, "labels of shape (1,)", [[0.5, 1.0]], [0, 1, 1])
refuse(cross_entropy, ShapeError, "(examples, classes)", [[[0.5]]], [[0]])
refuse(cross_entropy, DtypeError, "int64", [[1, 0]], [1])
