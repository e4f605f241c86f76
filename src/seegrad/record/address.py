"""The name of one number: "0.weight[2, 0]" is row 2, column 0 of that weight."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from seegrad.errors import ArgumentError, IndexRangeError
from seegrad.record.structure import Quantity

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """A quantity and the place of one number in it."""

    quantity: Quantity
    index: Index

    def __str__(self) -> str:
        return written(str(self.quantity), self.index)


def written(name: str, index: Index) -> str:
    """The address as text: a single number needs no brackets."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def parsed(text: str) -> tuple[str, Index | None]:
    """The name and the index of an address; None if it has no brackets.

    >>> parsed("0.weight[2, 0]"), parsed("loss")
    (('0.weight', (2, 0)), ('loss', None))
    """
    found = re.fullmatch(r"\s*([^\[\]]+?)\s*(?:\[([-\d,\s]*)\])?\s*", text)
    if found is None or (found[2] is not None and not re.search(r"\d", found[2])):
        raise ArgumentError(
            f"{text!r} does not name one number",
            hint='a name and a place in it: "0.weight[2, 0]"',
        )
    if found[2] is None:
        return found[1], None
    try:
        return found[1], tuple(int(i) for i in found[2].split(",") if i.strip())
    except ValueError:
        raise ArgumentError(
            f"{text!r} does not name one number: [{found[2]}] is no place",
            hint='whole numbers with commas: "0.weight[2, 0]"',
        ) from None


def within(quantity: Quantity, index: Index | None) -> Index:
    """The index, counted from the front, if it points at one number of a quantity."""
    shape = quantity.shape
    if index is None and all(n == 1 for n in shape):
        return (0,) * len(shape)
    if index is None or len(index) != len(shape):
        given = "no index" if index is None else f"{len(index)} indices"
        example = written(str(quantity), (0,) * len(shape))
        raise IndexRangeError(
            f"{quantity} has shape {shape}, and {given} do not name one number of it",
            hint=f'"{example}" is its first',
        )
    counted = tuple(i + n if i < 0 else i for i, n in zip(index, shape, strict=True))
    if not all(0 <= i < n for i, n in zip(counted, shape, strict=True)):
        raise IndexRangeError(
            f"{written(str(quantity), index)} is outside of its shape {shape}",
            hint=f"up to {written(str(quantity), tuple(n - 1 for n in shape))}",
        )
    return counted


def same_place(shape: Any, out: Any, index: Index) -> Index | None:
    """Where the number of an input stands, for ops that work number by number."""
    if not shape:
        return ()
    if len(shape) > len(out):
        return None
    tail = index[len(index) - len(shape) :]
    lengths = out[len(out) - len(shape) :]
    if any(n not in (1, m) for n, m in zip(shape, lengths, strict=True)):
        return None
    return tuple(0 if n == 1 else i for n, i in zip(shape, tail, strict=True))
