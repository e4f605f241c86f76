"""Where the numbers of a compiled step come from, and where it puts them back.

A step reads arguments, parameters, the memory of optimizers, learning rates, random
draws. Each is a source: it can be read before a run, and some can be written after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from seegrad.node import Node
from seegrad.random import next_key


@dataclass(frozen=True)
class Argument:
    """The numbers of an argument: its place among all nodes and arrays given."""

    position: int

    def __str__(self) -> str:
        return f"argument {self.position}"


@dataclass(frozen=True, eq=False)
class State:
    """The data of a leaf that was there before the step: a parameter, a buffer."""

    node: Node
    name: str = ""

    def read(self) -> Any:
        """The array (of a Value, the float) itself."""
        return self.node._data

    def __str__(self) -> str:
        return self.name or self.node.name or type(self.node).__name__.lower()


@dataclass(frozen=True, eq=False)
class Gradient:
    """The gradient that a leaf had before the step, to be added to."""

    node: Node

    def read(self) -> Any:
        """The array itself."""
        return self.node._grad

    def __str__(self) -> str:
        return f"gradient of {self.node.name or type(self.node).__name__.lower()}"


@dataclass(frozen=True, eq=False)
class Memory:
    """What an optimizer remembers about one parameter, under one name."""

    states: list[dict[str, Any]]
    position: int
    key: str

    def read(self) -> Any:
        """The array, or the Python number."""
        return self.states[self.position][self.key]

    def __str__(self) -> str:
        return f"{self.key} of parameter {self.position}"


@dataclass(frozen=True, eq=False)
class Number:
    """A number kept as an attribute, such as a learning rate: read at every run."""

    owner: Any
    attribute: str

    def read(self) -> float:
        """The number."""
        return float(getattr(self.owner, self.attribute))

    def __str__(self) -> str:
        return f"{type(self.owner).__name__}.{self.attribute}"


@dataclass(frozen=True, eq=False)
class Array:
    """A NumPy array that the step uses without having got it as an argument."""

    array: np.ndarray[Any, Any]

    def read(self) -> Any:
        """The array itself: what is written into it is seen by the next run."""
        return self.array

    def __str__(self) -> str:
        return "array"


@dataclass(frozen=True, eq=False)
class Draw:
    """Random numbers, new at every run, from the next key of the global stream."""

    distribution: Callable[..., Any]
    shape: tuple[int, ...]
    dtype: Any

    def read(self) -> Any:
        """Draw them."""
        return self.distribution(next_key(), self.shape, self.dtype)

    def __str__(self) -> str:
        return f"random {self.distribution.__name__}"


Source = Argument | State | Gradient | Memory | Number | Array | Draw
