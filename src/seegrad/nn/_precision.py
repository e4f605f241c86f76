"""The float type a model computes in, read from its parameters.

A model has one precision, but a parameter of one's own, made from a NumPy array, is
easily of another. What most of the numbers are made of decides.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from seegrad.dtypes import default_float

if TYPE_CHECKING:
    from seegrad.nn.module import Module


def precision(model: Module) -> np.dtype[Any]:
    """The float type that most numbers among the parameters have."""
    counts: Counter[np.dtype[Any]] = Counter()
    for p in model.parameters():
        counts[p.dtype] += p.size
    return max(counts, key=counts.__getitem__, default=default_float)
