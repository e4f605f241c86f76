"""How much a kernel computes, reads and writes, counted from the plan.

Work is counted in additions, as the planner weighs it: a product and a sum count one
each, an exponential what its polynomial needs. Bytes are counted once for each number
that a kernel touches, as if the caches were large enough to never read it twice.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from seegrad.compiler.explanation.body import Body, points
from seegrad.compiler.planning.weigh import weight
from seegrad.compiler.programs.program import Term


class Counts(NamedTuple):
    """Floating-point operations, and bytes read and written."""

    flops: int
    read: int
    written: int

    @property
    def bytes(self) -> int:
        """All traffic."""
        return self.read + self.written

    @property
    def intensity(self) -> float:
        """Operations for each byte: what decides if memory or arithmetic is slower."""
        return self.flops / max(self.bytes, 1)


def counted(body: Body) -> Counts:
    """What one kernel does."""
    flops = 0
    for item in body.kernel.items:
        if item.level == "sum":
            flops += points(item.over)
        elif body.kernel.kind == "scatter":
            flops += item.term.inputs[0].size
        elif item.term.kind == "contraction" and body.kernel.product is not None:
            parts = (*body.kernel.parts, body.summed)
            flops += 2 * math.prod(axis.length for part in parts for axis in part)
        else:
            flops += weight(item.term) * points(item.index)
    read: dict[Term, int] = {}
    for term, index in body.uses:
        if term.number is not None or term in body.items:
            continue
        if body.is_found(term):
            read[term] = min(read.get(term, 0) + points(index), term.size)
        else:
            flops += weight(term) * points(index)
    written = [item.term for item in body.kernel.items if item.stored]
    return Counts(
        flops,
        sum(n * term.dtype.itemsize for term, n in read.items()),
        sum(term.size * term.dtype.itemsize for term in written),
    )


def amount(number: float, unit: str = "") -> str:
    """A count with three digits and a thousand, a million or a thousand million.

    >>> amount(512), amount(44_032), amount(2.1e9, "FLOP/s"), amount(0)
    ('512', '44.0k', '2.10 GFLOP/s', '0')
    """
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            digits = 2 if number < 10 * size else 1 if number < 100 * size else 0
            space = " " if unit else ""
            return f"{number / size:.{digits}f}{space}{letter}{unit}"
    return f"{number:.0f} {unit}".rstrip()


def in_bytes(number: float) -> str:
    """A number of bytes for people.

    >>> in_bytes(640), in_bytes(17792), in_bytes(5 << 20)
    ('640 B', '17.4 KiB', '5.0 MiB')
    """
    for size, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if number >= size:
            return f"{number / size:.1f} {name}"
    return f"{number:.0f} B"
