"""Yes or no: how surprised a network is that gave yes the probability sigmoid(x).

It takes the number before the sigmoid, the logit. The logarithm of a sigmoid of 1000 is
out of reach for a float; of the logit itself it is a simple sum that never overflows.
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
from seegrad.ops import softplus
from seegrad.require import require
from seegrad.tensor import Tensor

WHERE = "bce_with_logits"


def bce_with_logits(logits: Any, target: Any, *, reduction: str = "mean") -> Tensor:
    """The binary cross-entropy, (1 - t) x + log(1 + exp(-x)), of logits x.

    Targets t are 0 or 1, or a probability between, in the shape of the logits; logits
    (N, 1) also take labels (N,). reduction is "mean", "sum" or "none". Raises
    ShapeError, DtypeError and DataError.

    >>> bce_with_logits([0.0, 10000.0], [1, 1], reduction="none")
    tensor([0.6931472, 0.       ])
    """
    x = read_prediction(logits, WHERE)
    t = read_target(as_column(target, x, WHERE), x, WHERE)
    _check_range(t.data)
    return reduced((1.0 - t) * x + softplus(-x), reduction, WHERE)


def _check_range(t: Any) -> None:
    require((t >= 0.0) * (t <= 1.0), lambda: _outside(t))


def _outside(t: np.ndarray[Any, Any]) -> DataError:
    signs = set(np.unique(t)) <= {-1.0, 1.0}
    return DataError(
        "targets are 0 or 1, or a probability between, and one is "
        f"{t[(t < 0.0) | (t > 1.0)][0]}",
        where=WHERE,
        hint="(target + 1) / 2 makes 0 and 1 of -1 and +1, or losses.hinge"
        if signs
        else "losses.cross_entropy for more than two classes",
    )


sample(bce_with_logits, [0.5, -1.0, 2.0], [1, 0, 1])
sample(bce_with_logits, [[0.5], [-1.0]], [[0.25], [0.0]])
sample(bce_with_logits, [[0.5], [-1.0]], [1, 0])
sample(bce_with_logits, [1e4, -1e4, 1e4, -1e4], [1, 0, 0, 1])
refuse(bce_with_logits, DataError, "one is 2.0", [0.5, 1.0], [2, 1])
refuse(bce_with_logits, DataError, "(target + 1) / 2", [0.5, 1.0], [-1, 1])
refuse(bce_with_logits, DataError, "nan", [0.5, 1.0], [float("nan"), 1.0])
refuse(bce_with_logits, DataError, "nothing to compare", [], [])
refuse(bce_with_logits, ShapeError, "target.reshape((2,))", [0.5, 1.0], [[0], [1]])
refuse(bce_with_logits, ShapeError, "of its own", [[0.5, 1.0]], [[0], [1]])
refuse(bce_with_logits, ShapeError, "numbers of 2 classes", [[0.5, 1.0]], [1])
refuse(bce_with_logits, DtypeError, "int64", [1, 0], [1, 0])
