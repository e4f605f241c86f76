"""What a traced step took for granted, and whether it still holds.

While a step is traced, Python looks at ordinary values: a flag of a layer, a number in
an enclosing function, a global. They are fixed in the compiled code. Before each run
they are compared with what they were; if any differs, the step is traced again.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.tracing.reach import PLAIN, Reach
from seegrad.mode import changes

__all__ = ["PLAIN", "Guards"]


class Guards:
    """The plain values that a function can reach, as they are now.

    Modules and optimizers count their changes, so they are walked again only after one;
    everything else is told at a glance by identity.
    """

    def __init__(self, *roots: Any) -> None:
        self.roots = list(roots)
        self.changes = changes[0]
        self.reach = Reach(self.roots)
        self.found, self.holds = self.reach.found, self.reach.watch.made()
        self.restless = ""  # what the step itself changes each time, in words
        if self.reach.iterators:
            self.give_up(self.reach.iterators[0])

    @property
    def owners(self) -> list[tuple[str, Any]]:
        """The models and optimizers that the function can reach, with their names."""
        return self.reach.owners

    def hold(self) -> bool:
        """Whether everything is as it was."""
        if self.changes == changes[0] and self.holds():
            return True
        return self._look()

    def _look(self) -> bool:
        """The long look: the same values may be other objects."""
        if self.restless:
            return False
        now = changes[0]
        reach = Reach(self.roots, self.reach.attributes)
        if reach.found != self.found:
            self.changes = -1  # whoever asks again gets the same answer
            return False
        self.reach, self.changes, self.holds = reach, now, reach.watch.made()
        return True

    def give_up(self, why: str) -> None:
        """Never hold again: the step itself changes what it depends on."""
        self.restless, self.changes = why, -1

    def difference(self) -> str:
        """The name of the first thing that is not as it was, or nothing."""
        if self.restless:
            return self.restless
        now = Reach(self.roots).found
        for before, after in zip(self.found, now, strict=False):
            if before != after:
                return after[0].strip(".")
        return now[-1][0] if len(now) != len(self.found) else ""
