"""Where an object keeps its attributes, and who may look at them unseen."""

from __future__ import annotations

import types
from typing import Any

from seegrad.compiler.tracing.codes import is_library

HARMLESS = ("builtins", "abc", "typing", "collections.abc", "enum")


def knowing(kind: type) -> set[str]:
    """The classes of a library, among the bases, whose code may ask for anything."""
    if kind.__module__ in ("types", "argparse"):  # a namespace does not look at itself
        return set()
    return {
        base.__name__
        for base in kind.__mro__
        if is_library(base.__module__) and base.__module__ not in HARMLESS
    }


def vars_of(thing: Any) -> dict[str, Any]:
    """The attributes that an object keeps in its dictionary, if it has one."""
    own = getattr(thing, "__dict__", None)
    return own if isinstance(own, dict) else {}


def slots_of(kind: type) -> list[str]:
    """The attributes that objects of a class keep in slots."""
    if is_library(kind.__module__):
        return []
    return [
        name
        for base in kind.__mro__
        for name, part in vars(base).items()
        if isinstance(part, types.MemberDescriptorType)
    ]
