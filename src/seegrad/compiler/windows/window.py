"""What a part of a convolution sees of its images: a box, cut out and laid out plainly.

The index of a pixel is a sum of counters: some say which box, the others where in it.
In the box every step of a counter is the same step in memory, the frame of zeros is
written out, and of a strided image the pixels of one phase lie side by side. So reading
is only adding, and a product can run over it without asking where it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from seegrad.compiler.programs.index import Axis, Expression, Quotient
from seegrad.facts import Factor, Where

Lengths = dict[Axis, int]


class Coordinate(NamedTuple):
    """An axis of an array, read at ``expression // divisor``, which is below length.

    Where the expression is not ``divisible``, there is a zero; ``framed`` tells that
    there are zeros outside, too.
    """

    expression: Expression
    divisor: int
    length: int
    divisible: bool
    framed: bool


def coordinates(
    factor: Factor, parts: tuple[Any, Any, Any], shape: tuple[int, ...], padded: bool
) -> list[Coordinate] | None:
    """How a factor is read, if every axis is read at a sum of counters."""
    index = factor.index(*(tuple(map(Expression.of, part)) for part in parts))
    divisible: Any = ()
    if isinstance(index, Where):
        index, divisible = index
    needed = {Expression.of(e): n for e, n in divisible}
    out = []
    for part, length in zip(map(Expression.of, index), shape, strict=True):
        found = _undivided(part)
        if found is None:
            return None
        expression, divisor = found
        low, high = part.span()
        framed = padded and (low < 0 or high >= length)
        asked = divisor > 1 and needed.pop(expression, None) == divisor
        out.append(Coordinate(expression, divisor, length, asked, framed))
    return None if needed else out


def _undivided(part: Expression) -> tuple[Expression, int] | None:
    """The sum of counters, and what it is divided by."""
    if part.affine:
        return part, 1
    straight = [a for a in part.atoms if isinstance(a, Axis)]
    divided = [a for a in part.atoms if isinstance(a, Quotient)]
    if len(divided) != 1 or len(straight) + 1 < len(part.atoms):
        return None
    atom = divided[0]
    if part.atoms[atom] != 1 or atom.rest or not atom.inner.affine:
        return None
    whole = part - Expression.of(atom)
    return atom.inner + whole * atom.divisor, atom.divisor


class Box:
    """The part of an array that is seen while some counters run.

    ``moving`` says how far each runs. What the other counters add, and where a moving
    one begins, is in ``corner``: the place of the box in the array. ``step`` is that of
    the counter that runs along the lanes, so that its neighbours are neighbours here.
    """

    def __init__(self, axes: list[Coordinate], moving: Lengths, step: int = 1) -> None:
        self.axes, self.moving, self.step = axes, moving, step
        spans = [self._span(axis.expression) for axis in axes]
        self.extents = [high - low + 1 for low, high in spans]
        self.run = -(-self.extents[-1] // step)  # neighbours of one phase
        lengths = [*self.extents[:-1], self.run * step]
        self.strides = [math.prod(lengths[k + 1 :]) for k in range(len(lengths))]
        self.size = math.prod(lengths)

    def _span(self, expression: Expression) -> tuple[int, int]:
        low = high = 0
        for axis, length in self.moving.items():
            far = expression.atoms.get(axis, 0) * (length - 1)
            low, high = low + min(far, 0), high + max(far, 0)
        return low, high

    def corners(self, starting: Iterable[Axis]) -> list[Expression]:
        """Where the box begins; the counters ``starting`` hold where they begin."""
        out = []
        for axis in self.axes:
            atoms: Any = axis.expression.atoms
            fixed = {
                a: n for a, n in atoms.items() if a not in self.moving or a in starting
            }
            low = axis.expression.constant + self._span(axis.expression)[0]
            out.append(Expression(fixed, low))
        return out

    def offsets(self, counters: Iterable[Axis]) -> Any:
        """What some counters add to a place in the box, for all that they run over."""
        counters = list(counters)
        lengths = [self.moving[axis] for axis in counters]
        values = dict(zip(counters, np.indices(lengths), strict=True))
        total = np.zeros(lengths, np.int64)
        for k, axis in enumerate(self.axes):
            at = np.zeros(lengths, np.int64)
            for counter, value in values.items():
                n = axis.expression.atoms.get(counter, 0)
                at += n * (value if n >= 0 else value - (self.moving[counter] - 1))
            if k == len(self.axes) - 1:
                total += at % self.step * self.run + at // self.step
            else:
                total += at * self.strides[k]
        return total

    def stride(self, counter: Axis) -> int:
        """How far one step of a counter goes, that does not run along the lanes."""
        pairs = zip(self.axes, self.strides, strict=True)
        return sum(axis.expression.atoms.get(counter, 0) * n for axis, n in pairs)
