"""What a part of a convolution sees of its images: a box, cut out and laid out plainly.

The index of a pixel is a sum of counters: some say which box, the others where in it.
In the box every step of a counter is the same step in memory, the frame of zeros is
written out, and of an image with a stride the pixels that one weight meets lie side by
side. So reading is only adding, and no product over it has to ask where it is.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad.compiler.programs.index import Axis, Expression, Index


class Box:
    """The part of an array that is seen at an index while some counters run.

    ``moving`` says how far each runs. ``step`` is how far the counter that runs along
    the lanes goes in the array, so that its neighbours are neighbours here: a row is
    ``step`` runs of pixels, each of which begins one pixel later.
    """

    def __init__(self, index: Index, moving: dict[Axis, int], step: int = 1) -> None:
        self.index, self.moving, self.step = index, moving, step
        spans = [self._span(part) for part in index]
        self.extents = [high - low + 1 for low, high in spans]
        self.run = -(-self.extents[-1] // step)
        lengths = [*self.extents[:-1], self.run * step]
        self.strides = [math.prod(lengths[k + 1 :]) for k in range(len(lengths))]
        self.size = math.prod(lengths)

    def _span(self, part: Expression) -> tuple[int, int]:
        low = high = 0
        for axis, length in self.moving.items():
            far = part.atoms.get(axis, 0) * (length - 1)
            low, high = low + min(far, 0), high + max(far, 0)
        return low, high

    def corner(self, starting: Axis) -> Index:
        """The first pixel, with the moving counters at 0, but ``starting`` as it is."""
        out = []
        for part in self.index:
            fixed = {
                axis: n
                for axis, n in part.atoms.items()
                if axis not in self.moving or axis is starting
            }
            out.append(Expression(fixed, part.constant + self._span(part)[0]))
        return tuple(out)

    def offsets(self, *counters: Axis) -> Any:
        """What some counters add to a place in the box, for all that they run over."""
        lengths = [self.moving[axis] for axis in counters]
        values = dict(zip(counters, np.indices(lengths), strict=True))
        total = np.zeros(lengths, np.int64)
        for k, part in enumerate(self.index):
            at = np.zeros(lengths, np.int64)
            for axis, value in values.items():
                n = part.atoms.get(axis, 0)
                at += n * (value if n >= 0 else value - (self.moving[axis] - 1))
            if k == len(self.index) - 1:
                at = at % self.step * self.run + at // self.step
            total += at * self.strides[k]
        return total
