"""How a matrix product reads its factors: as functions, not as memory.

A factor may be an array, a transposed one, or a formula over several arrays that is
computed while it is read. The generator only asks for numbers and vectors of numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from seegrad.compiler.registers.loops import Count

VectorRead = Callable[[Count, Count, int, int], Any]


@dataclass(frozen=True)
class Operand:
    """One factor of ``sum_k left(i, k) * right(k, j)``; j stands for i on the left.

    ``scalar(i, k)``, on the right ``scalar(k, j)``, is one number. ``vector(k, j,
    lanes, valid)`` is the numbers j, j + 1, ... of one k; ``along_inner(k, j, lanes,
    valid)`` those of k, k + 1, ... of one j: only ``valid`` of them exist, the others
    must come as 0 without being read. ``contiguous`` names the direction in which
    neighbours are neighbours in memory: "inner" is along k, "outer" along j. ``cheap``
    tells that reading a number again costs no more than loading it. ``start(j)``
    gives what reads this j at any k: one number, on the right a vector. What it needs
    to know of j is computed before the innermost loop.
    """

    scalar: Callable[[Count, Count], Any]
    vector: VectorRead | None = None
    along_inner: VectorRead | None = None
    contiguous: Literal["inner", "outer", "neither"] = "neither"
    cheap: bool = True
    start: Callable[[Count], Callable[[Count], Any]] | None = None

    def swapped(self) -> Operand:
        """The same factor on the other side of the transposed product."""
        return Operand(
            lambda a, b: self.scalar(b, a),
            self.vector,
            self.along_inner,
            self.contiguous,
            self.cheap,
            self.start,
        )
