"""The formula of an op with the numbers put in: tanh(0.41), 0.5 * 0.2 + 1 * -0.3.

Ops state their formula over the names of their inputs ("x * y"), so putting numbers in
is a matter of replacing names.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad.record.event import Event
from seegrad.record.numbers import short
from seegrad.record.summary import Summary

MOST_TERMS = 4  # of a sum of products; the rest is "..."
SIGNS = {"+", "-", "*", "/", "**", "<", "<=", ">", ">=", "==", "!="}


def first(data: Any) -> float:
    """The first number of a value, kept or summarised."""
    if isinstance(data, Summary):
        return data.first[0] if data.first else math.nan
    array = np.asarray(data)
    return float(array.flat[0]) if array.size else math.nan


def substituted(event: Event) -> str:
    """The formula of an elementwise op at its first place: 0.5 + 0.25, tanh(0.41)."""
    numbers = [signed(first(v)) for v in event.input_values]
    if event.symbol in SIGNS and len(numbers) == 2:
        return f"{numbers[0]} {event.symbol} {numbers[1]}"
    return f"{event.op}({', '.join(short(first(v)) for v in event.input_values)})"


def terms(left: Any, right: Any) -> str:
    """The first sum of a matrix product: the first row times the first column."""
    row = np.asarray(left).reshape(-1, np.shape(left)[-1])[0]
    columns = np.asarray(right)
    column = columns if columns.ndim == 1 else columns[(0,) * (columns.ndim - 2)][:, 0]
    shown = [
        f"{signed(a)} * {signed(b)}"
        for a, b in zip(row[:MOST_TERMS].tolist(), column.tolist(), strict=False)
    ]
    return " + ".join([*shown, *(["..."] if len(row) > MOST_TERMS else [])])


def signed(number: float) -> str:
    """A number, in brackets where a minus would be read as a subtraction."""
    text = short(number)
    return f"({text})" if text.startswith("-") else text
