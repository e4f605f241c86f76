"""Cutting a length into nearly equal pieces, so that no piece is a tiny remainder.

Pieces of 13 and 12 rows keep a processor busier than pieces of 14 and a rest of 2.
There are never more than two sizes, so there are never more than two kinds of code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seegrad.compiler.registers.loops import Loops


@dataclass(frozen=True)
class Pieces:
    """The pieces ``first`` up to ``stop``, which have one size and so share their code.

    ``missing`` numbers of the last vector of the piece do not exist.
    """

    size: int
    first: int
    stop: int
    missing: int = 0


@dataclass(frozen=True)
class Split:
    """``total`` cut into ``parts``; the larger pieces come first.

    >>> [(p.size, p.first, p.stop) for p in Split.at_most(14, 100).kinds()]
    [(13, 0, 4), (12, 4, 8)]
    """

    total: int
    parts: int

    @classmethod
    def at_most(cls, size: int, total: int) -> Split:
        """The fewest pieces of which none is larger than ``size``."""
        return cls(total, -(-total // size))

    @property
    def size(self) -> int:
        """The size of the larger pieces."""
        return -(-self.total // self.parts)

    @property
    def larger(self) -> int:
        """How many pieces have that size; the others are one smaller."""
        return self.total - self.parts * (self.size - 1)

    @property
    def sure(self) -> int:
        """The size that every piece has at least."""
        return self.size if self.larger == self.parts else self.size - 1

    def kinds(self, missing: int = 0) -> list[Pieces]:
        """The pieces by size; the last one apart where it has numbers ``missing``."""
        ends = [(self.size, 0, self.larger), (self.size - 1, self.larger, self.parts)]
        pieces = [Pieces(*end) for end in ends if end[1] < end[2]]
        if not missing:
            return pieces
        last = pieces.pop()
        whole = Pieces(last.size, last.first, last.stop - 1)
        edge = Pieces(last.size, last.stop - 1, last.stop, missing)
        return [*pieces, *([whole] if whole.first < whole.stop else []), edge]

    def start(self, loops: Loops, part: Any) -> Any:
        """Where piece number ``part`` (an i64) begins."""
        builder = loops.builder
        smaller = builder.mul(part, loops.count(self.size - 1))
        return builder.add(smaller, loops.smaller(part, self.larger))

    def ends(self, loops: Loops, part: Any) -> tuple[Any, Any]:
        """Where piece number ``part`` begins, and where the next one does."""
        following = loops.builder.add(part, loops.count(1))
        return self.start(loops, part), self.start(loops, following)
