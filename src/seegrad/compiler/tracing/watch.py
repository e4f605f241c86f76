"""Many things at a glance: is each still the very object that it was?

A compiled step asks before every run, so the question must cost next to nothing. It is
written out as one Python expression, ``a.x is b and c["k"] is d and ...``, which takes
a quarter of the time that a loop over the same things would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import is_
from typing import Any

SHORT = 8  # containers up to this length are looked at without a loop


class Watch:
    """Conditions that are collected, then asked together with ``holds()``.

    >>> numbers = [1.5, 2.5]
    >>> watch = Watch()
    >>> watch.contents(numbers)
    >>> holds = watch.made()
    >>> holds(), numbers.append(3.5), holds()
    (True, None, False)
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"all": all, "len": len, "map": map, "is_": is_}
        self.known: dict[int, str] = {}
        self.conditions: dict[str, None] = {}  # each once, in order

    def name(self, thing: Any) -> str:
        """A name for a thing inside of the expression; a thing has one name."""
        name = self.known.get(id(thing))
        if name is None:
            self.known[id(thing)] = name = f"x{len(self.names)}"
            self.names[name] = thing
        return name

    def slot(self, thing: Any) -> str:
        """A name of its own, under which another thing may be expected later."""
        name = f"x{len(self.names)}"
        self.names[name] = thing
        return name

    def attribute(self, owner: Any, attribute: str, value: Any) -> None:
        """``owner.attribute is value``."""
        self._is(f"{self.name(owner)}.{attribute}", self.name(value))

    def item(self, owner: Any, key: Any, name: str) -> None:
        """``owner[key] is`` what goes by this name."""
        self._is(f"{self.name(owner)}[{key!r}]", name)

    def found(self, find: Callable[[Any], Any], key: Any, value: Any) -> None:
        """``find(key) is value``."""
        self._is(f"{self.name(find)}({self.name(key)})", self.name(value))

    def not_none(self, owner: Any, attribute: str) -> None:
        """``owner.attribute`` is there."""
        self.conditions[f"{self.name(owner)}.{attribute} is not None"] = None

    def _is(self, place: str, name: str) -> None:
        self.conditions[f"{place} is {name}"] = None

    def length(self, container: Any) -> None:
        """A container is as long as it is."""
        self.conditions[f"len({self.name(container)}) == {len(container)}"] = None

    def contents(self, container: Any) -> None:
        """A list still holds what it holds; of a dictionary, the values or the keys."""
        held: Iterable[Any] = tuple(container)
        name, count = self.name(container), len(container)
        self.length(container)
        if isinstance(container, list) and count <= SHORT:
            for i, part in enumerate(held):
                self._is(f"{name}[{i}]", self.name(part))
        elif count:
            self.conditions[f"all(map(is_, {name}, {self.name(held)}))"] = None

    def made(self) -> Callable[[], bool]:
        """The function that looks; what is gone altogether is not as it was."""
        expression = " and ".join(self.conditions) or "True"
        code = (
            "def holds():\n    try:\n"
            f"        return {expression}\n"
            "    except Exception:\n        return False\n"
        )
        holds: Callable[[], bool] = written(code, self.names)["holds"]
        return holds


def written(code: str, names: dict[str, Any]) -> dict[str, Any]:
    """The functions that a piece of our own code defines, for which these names exist.

    They are not among the names: a function that can see itself is never freed.
    """
    made: dict[str, Any] = {}
    exec(code, names, made)  # made of our own words only
    return made
