"""Arguments and results may be nested: lists, tuples and dictionaries of tensors.

`flat` takes them apart into what holds numbers and the structure around it, `rebuilt`
puts other things into the same structure.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.node import Node


class Hole:
    """The place of something that was taken out."""

    def __repr__(self) -> str:
        return "*"


HOLE = Hole()


def flat(thing: Any, found: list[Any]) -> Any:
    """The structure of a thing; nodes and arrays are appended to ``found``.

    >>> parts = []
    >>> flat({"a": np.zeros(2), "b": (1, np.ones(1))}, parts)
    {'a': *, 'b': (1, *)}
    """
    if isinstance(thing, Node | np.ndarray):
        found.append(thing)
        return HOLE
    if isinstance(thing, dict):
        return {key: flat(value, found) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return _like(thing, [flat(part, found) for part in thing])
    return thing


def rebuilt(structure: Any, parts: Any) -> Any:
    """The structure with the next of ``parts`` (an iterator) in place of each hole."""
    if structure is HOLE:
        return next(parts)
    if isinstance(structure, dict):
        return {key: rebuilt(value, parts) for key, value in structure.items()}
    if isinstance(structure, list | tuple):
        return _like(structure, [rebuilt(part, parts) for part in structure])
    return structure


def frozen(structure: Any) -> Any:
    """A structure as something that can be looked up."""
    if isinstance(structure, dict):
        return tuple((key, frozen(value)) for key, value in structure.items())
    if isinstance(structure, list | tuple):
        return type(structure), tuple(frozen(part) for part in structure)
    if isinstance(structure, int | float | str | bytes | Hole | None):
        return type(structure), structure
    return "object", id(structure)


def _like(thing: Any, parts: list[Any]) -> Any:
    if hasattr(thing, "_fields"):  # a named tuple takes its parts one by one
        return type(thing)(*parts)
    return type(thing)(parts)
