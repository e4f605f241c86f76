"""The numbers of one training step, beside the structure that they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from seegrad.record.event import Event
from seegrad.record.structure import Deed, Structure
from seegrad.record.summary import summary

SMALL = 32  # numbers that a summary would not make less of
DETAIL = 1024  # numbers of an array that are kept when a step has to be made smaller


class Step:
    """One step of a tape: ``numbers[k]`` are deed k's, ``leaves[q]`` is quantity q's.

    An operation has one number (its result), a backward the gradient arriving and one
    for each input, a gradient and an assignment what was before and what is now.
    """

    def __init__(self, number: int, first: int, structure: Structure) -> None:
        self.number, self.first, self.structure = number, first, structure
        self.leaves: dict[int, Any] = {}
        self.numbers: list[tuple[Any, ...]] = []
        self.local: dict[int, Any] = {}  # derivatives that a file brought along
        self.modes: dict[str, tuple[str, str]] = {}  # layer -> its class, its mode
        self.plain: dict[int, dict[str, float]] = {}  # Python's own, of an update
        self.problem = ""  # why it ended early, in words
        self.left_out = 0  # operations under no_grad that there was no room for
        self.is_whole = True  # every number was kept
        self._writers: dict[int, list[int]] | None = None
        self._nbytes: int | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def event(self, at: int) -> Event:
        """The event at this place of the step."""
        return Event(self.first + at, at, self, self.structure.deeds[at])

    def events(self) -> Iterator[Event]:
        """Every event in the order in which it happened."""
        return map(self.event, range(len(self)))

    def value(self, quantity: int, at: int | None = None) -> Any:
        """What a quantity was worth before deed ``at`` was done, or at the end.

        A result has the value that made it, a parameter that of its latest update.
        """
        found = self.leaves.get(quantity)
        for k in self._written().get(quantity, ()):
            if at is not None and k > at:
                break
            if at is not None and k == at and self.deeds[k].kind == "assign":
                break
            found = self.numbers[k][-1]
        return found

    @property
    def deeds(self) -> tuple[Deed, ...]:
        return self.structure.deeds

    @property
    def nbytes(self) -> int:
        """About what the numbers of a step that is over take in memory."""
        if self._nbytes is None:
            seen = {id(a): a for a in self._arrays()}
            self._nbytes = sum(getattr(a, "nbytes", 8) for a in seen.values())
        return self._nbytes

    def summarised(self, most: int = SMALL) -> None:
        """Replace every array of more than ``most`` numbers by its summary."""
        self._nbytes, self.is_whole = None, False
        self.leaves = {q: _within(a, most) for q, a in self.leaves.items()}
        self.numbers = [tuple(_within(a, most) for a in n) for n in self.numbers]

    def _arrays(self) -> Iterator[Any]:
        yield from self.leaves.values()
        for numbers in self.numbers:
            yield from numbers

    def _written(self) -> dict[int, list[int]]:
        """For each quantity the deeds that gave it a value."""
        if self._writers is None:
            self._writers = {}
            for k, deed in enumerate(self.deeds):
                if deed.kind in ("operation", "assign"):
                    self._writers.setdefault(deed.output, []).append(k)
        return self._writers


def _within(data: Any, most: int) -> Any:
    large = isinstance(data, np.ndarray) and data.size > most
    return summary(data) if large else data
