"""Numbers as a sentence says them: one, a few, or how many and how they are spread."""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.record.arithmetic import first
from seegrad.record.numbers import FEW, brief, short
from seegrad.record.summary import Summary

Words = dict[str, str]


def told(data: Any, words: Words) -> str:
    """A value in words: a number, a few numbers, or their shape and spread."""
    if size(data) == 1:
        return short(first(data))
    if isinstance(data, Summary):
        shape, low, high = data.shape, data.minimum, data.maximum
    else:
        array = np.asarray(data)
        if (array.size <= FEW and array.ndim == 1) or not array.size:
            return brief(array)
        shape, low, high = array.shape, array.min(), array.max()
    key = "alike" if low == high else "spread"
    return words[key].format(shape=by(shape), low=short(low), high=short(high))


def count(n: int, words: Words) -> str:
    """A count as the language groups its digits: 1,024 is no whole number in German."""
    return f"{n:,}".replace(",", words["thousands"])


def size(data: Any) -> int:
    """How many numbers there are, or were."""
    return data.size if isinstance(data, Summary) else int(np.size(data))


def by(shape: tuple[int, ...]) -> str:
    """A shape as a person says it: 8 × 64."""
    return " × ".join(map(str, shape))
