"""What a traced step took for granted, and whether it still holds.

While a step is traced, Python looks at ordinary values: a flag of a layer, a number in
an enclosing function, a global. They are fixed in the compiled code. Before each run
they are compared with what they were; if any differs, the step is traced again.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.tracing.reach import Reach


class Guards:
    """The plain values that a function can reach, as they are now.

    Modules and optimizers count their changes, so they are walked again only after one;
    everything else is told at a glance by identity: that is ``watch``.
    """

    def __init__(self, *roots: Any) -> None:
        self.roots = list(roots)
        self.reach = Reach(self.roots)
        self.found, self.watch = self.reach.found, self.reach.watch.ready()
        # What the step itself changes each time, in words.
        self.restless = next(iter(self.reach.iterators), "")

    def hold(self) -> bool:
        """Whether everything is as it was; other objects may have the same values."""
        if self.restless:
            return False
        if self.watch.holds():
            return True
        reach = Reach(self.roots, self.reach.attributes)
        if reach.found != self.found:
            return False
        self.reach, self.watch = reach, reach.watch.ready()
        return True

    def difference(self) -> str:
        """The name of the first thing that is not as it was, or nothing."""
        if self.restless:
            return self.restless
        now = Reach(self.roots).found
        pairs = zip(self.found, now, strict=False)
        last = now[-1][0] if len(now) != len(self.found) else ""
        return next((y[0].strip(".") for x, y in pairs if x != y), last)
