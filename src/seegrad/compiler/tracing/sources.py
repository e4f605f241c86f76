"""Where the numbers of a compiled step come from, and where new ones go.

A step reads arguments, parameters, the memory of optimizers, learning rates, random
draws. Each is a source, which can be read before a run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from seegrad.node import Node
from seegrad.random import next_key


class Source:
    """A place where Python keeps numbers; whoever reads the same place is equal."""

    def _place(self) -> Any:
        parts = vars(self).values()
        return type(self), *(p if isinstance(p, int | str) else id(p) for p in parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and self._place() == other._place()

    def __hash__(self) -> int:
        return hash(self._place())


@dataclass(frozen=True)
class Argument:
    """The numbers of an argument: its place among all nodes and arrays given."""

    position: int


@dataclass(frozen=True, eq=False)
class State(Source):
    """The data of a leaf that was there before the step: a parameter, a buffer."""

    node: Node

    def read(self) -> Any:
        """The array (of a Value, the float) itself."""
        return self.node._data

    def write(self, array: Any) -> None:
        """Another array in its place."""
        self.node._data = self.node.freeze(array)


@dataclass(frozen=True, eq=False)
class Gradient(Source):
    """The gradient that a leaf had before the step, to be added to."""

    node: Node

    def read(self) -> Any:
        """The array (of a Value, the float) itself."""
        return self.node._grad


@dataclass(frozen=True, eq=False)
class Memory(Source):
    """What an optimizer remembers about one parameter, under one name."""

    states: list[dict[str, Any]]
    position: int
    key: str

    def read(self) -> Any:
        """The array, or the Python number."""
        return self.states[self.position][self.key]

    def write(self, array: Any) -> None:
        """Another array in its place."""
        self.states[self.position][self.key] = array


@dataclass(frozen=True, eq=False)
class Count(Source):
    """A whole number that an optimizer remembers for several parameters alike.

    All of them have taken the same number of steps, so it is read once.
    """

    states: list[dict[str, Any]]
    positions: list[int]
    key: str

    def read(self) -> Any:
        """The number of the first of them."""
        return self.states[self.positions[0]][self.key]

    @property
    def alike(self) -> bool:
        """Whether they still are the same."""
        return len({self.states[k][self.key] for k in self.positions}) == 1


@dataclass(frozen=True, eq=False)
class Number(Source):
    """A number kept as an attribute, such as a learning rate: read at every run."""

    owner: Any
    attribute: str

    def read(self) -> float:
        """The number."""
        return float(getattr(self.owner, self.attribute))

    def __str__(self) -> str:
        return f"{type(self.owner).__name__}.{self.attribute}"


@dataclass(frozen=True, eq=False)
class Array(Source):
    """A NumPy array that the step uses without having got it as an argument."""

    array: np.ndarray[Any, Any]

    def read(self) -> Any:
        """The array itself: what is written into it is seen by the next run."""
        return self.array


@dataclass(frozen=True, eq=False)
class Draw:
    """Random numbers, new at every run, from the next key of the global stream."""

    distribution: Callable[..., Any]
    shape: tuple[int, ...]
    dtype: Any

    @cached_property
    def _draw(self) -> Callable[[int], Any]:
        """What draws them for a key."""
        from seegrad.compiler.machine.draws import Drawer  # LLVM loads slowly

        return Drawer(self.distribution, self.shape, self.dtype)

    def read(self) -> Any:
        """Draw them, into the array of the last time if nobody holds it."""
        return self._draw(next_key())
