"""What a part of the library can do only with one that it must not import.

A training can be compiled and drawn, a tape can be drawn; but training, compiler,
recorder and drawings do not know each other. The root of the library, where all of them
meet, lends each the functions it needs, by name: they are loaded when first borrowed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from seegrad.errors import SeegradError

LENT: dict[str, str] = {}  # "History.draw" -> where the function is that does it


def borrow(who: str, what: str) -> Callable[..., Any]:
    """The function with which a class does something; SeegradError if none is lent."""
    place = LENT.get(f"{who}.{what}")
    if place is None:
        raise SeegradError(
            f"nobody has lent {who} a way to {what}", hint="import seegrad"
        )
    module, _, name = place.rpartition(".")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function
