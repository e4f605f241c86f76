"""How a module finds what it owns: a walk over plain attributes.

Lists, tuples and dictionaries are looked into, and their positions and keys become part
of the name ("blocks.0"). A set has no order, so it has no names to give: tensors or
modules in one are refused rather than silently missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seegrad.errors import InputTypeError


def flat(
    parts: Mapping[str, Any], wanted: tuple[type, ...]
) -> Iterator[tuple[str, Any]]:
    """The name and the thing for every wanted thing among the parts.

    >>> list(flat({"a": 1, "b": [2, {"c": 3}], "d": "text"}, (int,)))
    [('a', 1), ('b.0', 2), ('b.1.c', 3)]
    """
    for name, thing in parts.items():
        if isinstance(thing, wanted):
            yield name, thing
        elif isinstance(thing, list | tuple):
            inner = {f"{name}.{i}": item for i, item in enumerate(thing)}
            yield from flat(inner, wanted)
        elif isinstance(thing, dict):
            inner = {f"{name}.{key}": item for key, item in thing.items()}
            yield from flat(inner, wanted)
        elif isinstance(thing, set | frozenset):
            _refuse(name, thing, wanted)


def _refuse(name: str, things: Any, wanted: tuple[type, ...]) -> None:
    if any(isinstance(thing, wanted) for thing in things):
        raise InputTypeError(
            f"the attribute {name!r} is a set of {len(things)} things; a set has no "
            "order, so what is in it has no name to be saved under",
            hint=f"{name} = [...], a list",
        )
