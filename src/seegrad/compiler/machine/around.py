"""The Python around a native call, written out for one program.

A step of a small network takes two microseconds, and a loop over its parameters would
take another one. So the few lines that look whether all arrays are in place, read the
numbers and write them back are generated: one straight line for each parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seegrad.compiler.tracing.sources import Count, Gradient, Memory, Number, State
from seegrad.compiler.tracing.watch import written
from seegrad.node import _now

# A memory that is gone altogether is not in place.
GONE = ["except (LookupError, AttributeError, TypeError):", "    return False"]
Numbers = list[tuple[int, Any]]  # where a number lies, and whose it is


class Around:
    """What happens before and after each run of one program.

    ``untouched()`` says whether every owner still has the array that it was given by
    `hold`; ``read(numbers)`` fetches the numbers, ``finish(numbers)`` puts them back.
    """

    def __init__(self, arrays: list[Any], read: Numbers, goals: Numbers) -> None:
        self.names: dict[str, Any] = {"now": _now}
        self.places: dict[int, str] = {}
        self.memories: dict[str, tuple[Any, int]] = {}
        self.arrays = arrays
        self.counts = {f"n{k}": s for k, s in goals if isinstance(s, Count)}
        looks = {f"{self._place(s)} is a{k}": None for k, s in enumerate(arrays)}
        for name, count in self.counts.items():
            looks |= {f"{place} is {name}": None for place in self._counted(count)}
        looks = {self._memory_look(name): None for name in self.memories} | looks
        self.untouched: Callable[[], bool]
        self.read: Callable[[Any], None]
        self.finish: Callable[[Any], None]
        look = " and ".join(looks) or "True"
        self._write("untouched", "", ["try:", f"    return {look}", *GONE])
        reads = [f"numbers[{k}] = {self._number(s)}" for k, s in read]
        self._write("read", "numbers", reads)
        self._write("finish", "numbers", self._finishing(goals))

    def hold(self, found: list[Any]) -> None:
        """From now on, these are the arrays that are expected in their places."""
        for name, (states, position) in self.memories.items():
            self.names[name] = states[position]
        for name, count in self.counts.items():
            self.names[name] = count.read()
        for k, array in enumerate(found):
            self.names[f"a{k}"] = array

    def _finishing(self, goals: Numbers) -> list[str]:
        lines = []
        for k, source in goals:
            if isinstance(source, Count):
                places = " = ".join([f"n{k}", *self._counted(source)])
                lines += [f"global n{k}", f"{places} = int(numbers[{k}])"]
            else:
                lines.append(f"{self._name(source)}.write(numbers[{k}])")
        born = [
            f"{self._name(s.node)}.born" for s in self.arrays if isinstance(s, State)
        ]
        return lines + ([" = ".join([*born, "now()"])] if born else [])

    # Where things are found -----------------------------------------------------------

    def _name(self, thing: Any) -> str:
        """A thing that stays the same has one name."""
        name = self.places.setdefault(id(thing), f"x{len(self.places)}")
        self.names[name] = thing
        return name

    def _memory(self, states: Any, position: int) -> str:
        name = f"m{position}_{self._name(states)}"
        self.memories[name] = states, position
        return name

    def _memory_look(self, name: str) -> str:
        states, position = self.memories[name]
        return f"{self._name(states)}[{position}] is {name}"

    def _place(self, source: Any) -> str:
        """Where Python finds what a source reads."""
        if isinstance(source, State):
            return f"{self._name(source.node)}._data"
        if isinstance(source, Gradient):
            return f"{self._name(source.node)}._grad"
        assert isinstance(source, Memory)
        return f"{self._memory(source.states, source.position)}[{source.key!r}]"

    def _counted(self, count: Count) -> list[str]:
        places = [(count.states, position) for position in count.positions]
        return [f"{self._memory(*place)}[{count.key!r}]" for place in places]

    def _number(self, source: Any) -> str:
        if isinstance(source, Count):
            return self._counted(source)[0]
        if isinstance(source, Number):
            private = f"_{source.attribute}"
            attribute = private if hasattr(source.owner, private) else source.attribute
            return f"{self._name(source.owner)}.{attribute}"
        return self._place(source)

    def _write(self, name: str, arguments: str, lines: list[str]) -> None:
        """Write a function out and compile it."""
        body = "\n    ".join(lines or ["pass"])
        code = f"def {name}({arguments}):\n    {body}\n"
        setattr(self, name, written(code, self.names)[name])
