"""Arguments and results may be nested: lists, tuples, dictionaries and dataclasses.

`flat` takes them apart into what holds numbers and the structure around it, `rebuilt`
puts other things into the same structure.
"""

from __future__ import annotations

import copy
import dataclasses
import enum
import types
from typing import Any

import numpy as np

from seegrad.compiler.tracing.reach import PLAIN, plain
from seegrad.errors import TraceError
from seegrad.nn.module import Module
from seegrad.node import Node

UNCHANGED = (*PLAIN, type, types.FunctionType, enum.Enum, type(Ellipsis), slice, range)


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
    if _is_nested(thing):
        return _like(thing, [flat(part, found) for part in _parts(thing)])
    return thing


def rebuilt(structure: Any, parts: Any) -> Any:
    """The structure with the next of ``parts`` (an iterator) in place of each hole."""
    if structure is HOLE:
        return next(parts)
    if _is_nested(structure):
        return _like(structure, [rebuilt(part, parts) for part in _parts(structure)])
    return structure


def frozen(structure: Any) -> Any:
    """A structure as something that can be looked up; objects are themselves."""
    if isinstance(structure, Hole):
        return "*"
    if isinstance(structure, PLAIN):
        return plain(structure)
    if isinstance(structure, slice):
        return "slice", frozen((structure.start, structure.stop, structure.step))
    if _is_nested(structure):
        parts = tuple(frozen(part) for part in _parts(structure))
        return type(structure), tuple(_names(structure)), parts
    return "object", id(structure)


def check_result(structure: Any) -> None:
    """TraceError for a result in which numbers may hide that nobody would renew."""
    if _is_nested(structure):
        for part in _parts(structure):
            check_result(part)
    elif not isinstance(structure, (Hole, Module, *UNCHANGED)):
        raise TraceError(
            f"a compiled function returned {type(structure).__name__}, and the numbers "
            "in it would never be renewed",
            hint="return tensors, numbers, or lists, tuples, dictionaries and "
            "dataclasses of them",
        )


def _is_nested(thing: Any) -> bool:
    return isinstance(thing, dict | list | tuple) or _is_dataclass(thing)


def _is_dataclass(thing: Any) -> bool:
    return dataclasses.is_dataclass(thing) and not isinstance(thing, type)


def _names(thing: Any) -> list[Any]:
    """The keys of a dictionary, the fields of a dataclass."""
    if isinstance(thing, dict):
        return list(thing)
    return [f.name for f in dataclasses.fields(thing)] if _is_dataclass(thing) else []


def _parts(thing: Any) -> list[Any]:
    if isinstance(thing, dict):
        return list(thing.values())
    if isinstance(thing, list | tuple):
        return list(thing)
    return [getattr(thing, name, None) for name in _names(thing)]


def _like(thing: Any, parts: list[Any]) -> Any:
    if isinstance(thing, list | tuple):
        if hasattr(thing, "_fields"):  # a named tuple takes its parts one by one
            return type(thing)(*parts)
        return type(thing)(parts)
    if type(thing) is dict:
        return dict(zip(thing, parts, strict=True))
    other = copy.copy(thing)
    for name, part in zip(_names(thing), parts, strict=True):
        if isinstance(thing, dict):
            other[name] = part
        else:
            object.__setattr__(other, name, part)
    return other
