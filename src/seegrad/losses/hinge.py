"""Right is not enough: the score must be right by a margin of one.

This is the loss of the support vector machine. Examples beyond the margin no longer
count; only the difficult ones teach.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.errors import DataError, DtypeError, ShapeError
from seegrad.losses.base import (
    as_column,
    read_prediction,
    read_target,
    reduced,
    refuse,
    sample,
)
from seegrad.ops import relu
from seegrad.require import require
from seegrad.tensor import Tensor


def hinge(scores: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """The hinge loss, max(0, 1 - t x), of scores x (Cortes and Vapnik 1995).

    Targets t are -1 or +1 in the shape of the scores; scores (N, 1) also take targets
    (N,). reduction is "mean", "sum" or "none". Raises ShapeError, DtypeError and
    DataError.

    >>> hinge([0.5, 3.0], [1, 1], reduction="none")
    tensor([0.5, 0. ])
    """
    x = read_prediction(scores, "hinge")
    t = read_target(as_column(target, x, "hinge"), x, "hinge")
    _check_signs(t.data)
    return reduced(relu(1.0 - t * x), reduction, "hinge")


def _check_signs(t: Any) -> None:
    require(abs(t) == 1.0, lambda: _no_sign(t))


def _no_sign(t: np.ndarray[Any, Any]) -> DataError:
    bits = set(np.unique(t)) <= {0.0, 1.0}
    return DataError(
        f"targets are -1 or +1, and one is {t[np.abs(t) != 1.0][0]}",
        where="hinge",
        hint="2 * target - 1 makes -1 and +1 of 0 and 1"
        if bits
        else "-1 for one class and +1 for the other",
    )


sample(hinge, [0.5, -1.5, 2.0], [1, -1, -1])
sample(hinge, [[0.5], [-0.75]], [1.0, -1.0])
refuse(hinge, DataError, "2 * target - 1", [0.5, 1.0], [0, 1])
refuse(hinge, DataError, "one is 3.0", [0.5, 1.0], [3, 1])
refuse(hinge, DataError, "nan", [0.5, 1.0], [float("nan"), 1.0])
refuse(hinge, DataError, "nothing to compare", [], [])
refuse(hinge, ShapeError, "target.reshape((2,))", [0.5, 1.0], [[-1], [1]])
refuse(hinge, DtypeError, "int64", [1, 0], [1, 1])
