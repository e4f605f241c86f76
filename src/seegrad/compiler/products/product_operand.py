"""How a matrix product reads its factors: as functions, not as memory.

A factor may be an array, a transposed one, or a formula over several arrays that is
computed while it is read. The generator only asks for numbers and vectors of numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from seegrad.compiler.registers.loops import Count

Start = Callable[[Count], Callable[[Count], Any]]
VectorRead = Callable[[Count, Count, int, int], Any]


def _unread(*_: Any) -> Any:
    """For a way to read that no one takes."""
    raise AssertionError


@dataclass(frozen=True)
class Operand:
    """One factor of ``sum_k left(i, k) * right(k, j)``; j stands for i on the left.

    ``start(j)`` gives what reads the number of this j at any k; what it needs to know
    of j is computed before the innermost loop. ``vector(k, j, lanes, valid)`` is the
    numbers j, j + 1, ... of one k; ``along_inner(k, j, lanes, valid)`` those of k,
    k + 1, ... of one j: only ``valid`` of them exist, the others must come as 0 without
    being read. ``contiguous`` names the direction in which neighbours are neighbours in
    memory: "inner" is along k, "outer" along j. ``cheap`` tells that reading a number
    again costs no more than loading it.
    """

    start: Start
    vector: VectorRead = _unread
    along_inner: VectorRead = _unread
    contiguous: Literal["inner", "outer", "neither"] = "neither"
    cheap: bool = True
