"""What a part of the library can do only with one that it must not import.

A training can be compiled and drawn, a tape can be drawn; but training, compiler,
recorder and drawings do not know each other. The root of the library, where all of them
meet, says who lends what to whom; it is loaded when it is borrowed for the first time.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import MethodType
from typing import Any

from seegrad.errors import SeegradError

LENDERS: dict[str, str] = {}  # "History.draw" -> the function that does it, by name


def borrow(who: str, what: str) -> Callable[..., Any]:
    """The function with which a class does something; SeegradError if none is lent."""
    place = LENDERS.get(f"{who}.{what}")
    if place is None:
        raise SeegradError(
            f"nobody has lent {who} a way to {what}", hint="import seegrad"
        )
    module, _, name = place.rpartition(".")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function


class Borrowed:
    """A method that is borrowed as it is, with its settings and its docstring."""

    def __init__(self, who: str, what: str) -> None:
        self.who, self.what = who, what

    def __get__(self, instance: Any, owner: type) -> Callable[..., Any]:
        function = borrow(self.who, self.what)
        return function if instance is None else MethodType(function, instance)
