"""Many things at a glance: is each still the very object that it was?

A compiled step asks before every run, so the question must cost next to nothing. Most
of it is a table of places that native code goes through, at a nanosecond for each; what
is kept where native code does not find it is looked at by Python.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from functools import partial
from operator import is_
from typing import Any

from seegrad.compiler.machine.objects import (
    ENTRY,
    ITEM,
    LENGTH,
    WORD,
    function_parts,
    word,
)


class Watch:
    """Conditions that are collected; from `ready` on, `holds` asks for all of them.

    ``places`` are kinds of places, owners and keys as numbers, each with the number
    that is expected there; ``looks`` are the questions to Python.

    >>> numbers = [1.5, 2.5]
    >>> watch = Watch()
    >>> watch.contents(numbers)
    >>> watch.ready().holds(), numbers.append(3.5), watch.holds()
    (True, None, False)
    """

    def __init__(self) -> None:
        self.places: dict[tuple[int, int, int], int] = {}
        self.looks: list[Callable[[], bool]] = []
        self.alive: list[Any] = []  # everything whose address is in the table

    def number(self, owner: Any, offset: int, number: int) -> None:
        """A part of an object is this number."""
        self.places[WORD, id(owner) + offset, 0] = number
        self.alive.append(owner)

    def word(self, owner: Any, offset: int, value: Any) -> None:
        """A part of an object is this very thing; None also means that it is unset."""
        unset = value is None and not word(id(owner) + offset)
        self.number(owner, offset, 0 if unset else id(value))
        self.alive.append(value)

    def item(self, owner: list[Any], position: int) -> None:
        """A list has the same at this position."""
        value = owner[position]
        self.places[ITEM, id(owner), position] = id(value)
        self.alive += owner, value

    def entry(self, owner: dict[str, Any], key: str) -> None:
        """A dictionary has the same under this key, or still nothing."""
        value = owner.get(key)
        absent = value is None and key not in owner
        self.places[ENTRY, id(owner), id(key)] = 0 if absent else id(value)
        self.alive += owner, key, value

    def function(self, function: types.FunctionType) -> None:
        """A function has the same code and the same defaults."""
        for name, offset in function_parts().items():
            self.word(function, offset, getattr(function, name))

    def attribute(self, owner: Any, name: str) -> None:
        """An attribute that may be kept anywhere is the same, or still not there."""
        value = getattr(owner, name, self)
        self.looks.append(lambda: getattr(owner, name, self) is value)

    def length(self, container: Any) -> None:
        """A list or a dictionary is as long as it is."""
        self.number(container, LENGTH, len(container))

    def contents(self, container: Any) -> None:
        """A list still holds what it holds; of a dictionary, the values or the keys."""
        if type(container) is list:
            self.length(container)
            for position in range(len(container)):
                self.item(container, position)
        else:
            self.looks.append(partial(_holds, container, tuple(container)))

    def ready(self) -> Watch:
        """All has been collected."""
        from seegrad.compiler.machine.caller import table_of  # LLVM loads slowly

        self.rows = [(*place, number) for place, number in self.places.items()]
        self.words, self.table = table_of(self.rows)
        return self

    def holds(self) -> bool:
        """Whether everything is as it was; what is gone altogether is not."""
        from seegrad.compiler.machine.caller import unchanged

        return unchanged(self.table) and all(look() for look in self.looks)


def _holds(container: Any, held: tuple[Any, ...]) -> bool:
    return len(container) == len(held) and all(map(is_, container, held))
