"""Products with very few rows: dot products of what lies along k in both factors.

There is too little work to pay for turning the right factor. The sums of as many
columns as there are lanes are vectors along k; turning them, and adding, makes one
vector of results for each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_sums import Finish
from seegrad.compiler.products.product_vectors import Vectors

ROWS = 4  # more rows pay for packing
ABREAST = 8  # columns that are read at once, if they come from far: more are slower
TURNING = 16  # of so many k for each row, turning the sums is a small part


def suits_dots(sizes: tuple[int, int, int], right: Operand) -> bool:
    """Whether a product is better computed by dot products than by tiles."""
    rows, _, inner = sizes
    few = rows == 1 or (rows <= ROWS and inner >= rows * TURNING)
    return few and right.contiguous == "inner"


def dots_size(sizes: tuple[int, int, int], lanes: int) -> int:
    """Numbers of scratch memory: the left factor in whole vectors, and the sums."""
    rows, _, inner = sizes
    return rows * (-(-inner // lanes) * lanes + lanes * lanes)


class Dots:
    """Writes a product that suits dot products."""

    def __init__(
        self,
        vectors: Vectors,
        sizes: tuple[int, int, int],
        left: Operand,
        right: Operand,
        finish: Finish,
        scratch: Any,
    ) -> None:
        self.vectors, self.sizes = vectors, sizes
        self.left, self.right, self.finish = left, right, finish
        self.scratch = scratch
        self.loops, self.builder = vectors.loops, vectors.loops.builder
        self.stride = -(-sizes[2] // vectors.lanes) * vectors.lanes
        self.sums = vectors.address(scratch, sizes[0] * self.stride)
        far = sizes[1] * sizes[2] * vectors.itemsize > vectors.machine.level_2
        most = ABREAST if far else vectors.lanes
        even = 1 << (sizes[0] - 1).bit_length()  # rows, or one more of three
        self.abreast = max(1, min(most, vectors.lanes // even))

    def emit(self, thread: Any, threads: Any) -> None:
        """Each thread takes a run of groups of columns."""
        rows, columns, _ = self.sizes
        for row in range(rows):
            self._copy_left(row)
        groups = -(-columns // self.vectors.lanes)
        self.loops.loop(*self.loops.shares(groups, thread, threads), self._group)

    def _copy_left(self, row: int) -> None:
        """Keep a row of the left factor in whole vectors, with zeros at the end."""
        v, lanes, inner = self.vectors, self.vectors.lanes, self.sizes[2]
        i, start = self.loops.count(row), row * self.stride

        def several(k: Any, valid: int = lanes) -> None:
            numbers = self.left.along_inner(k, i, lanes, valid)
            v.store(numbers, self.scratch, v.plus(k, start))

        self.loops.by_lanes(0, inner, lanes, several)

    def _group(self, group: Any) -> None:
        """One vector of results for each row."""
        v, loops, lanes = self.vectors, self.loops, self.vectors.lanes
        first, few = v.times(group, lanes), self.abreast
        if self.sizes[0] == 1:  # all sums stay in registers
            parts = [self._summed(v.plus(first, n)) for n in range(0, lanes, few)]
            self._finish(loops.count(0), group, [s for part in parts for s in part])
            return

        def sum_few(lane: Any) -> None:
            sums = self._summed(loops.builder.add(first, lane))
            for n, value in enumerate(sums):
                spot = (n // few * lanes + n % few) * lanes
                v.store(value, self.sums, v.plus(v.times(lane, lanes), spot))

        def finish(row: Any) -> None:
            start = v.times(row, lanes * lanes)
            spots = [v.plus(start, lane * lanes) for lane in range(lanes)]
            self._finish(row, group, [v.load(self.sums, spot) for spot in spots])

        loops.loop(0, lanes, sum_few, step=few)
        loops.loop(0, self.sizes[0], finish)

    def _summed(self, first: Any) -> list[Any]:
        """Vectors whose lanes add up to the results of all rows, in a few columns."""
        v, lanes = self.vectors, self.vectors.lanes
        rows, columns, inner = self.sizes
        near = [v.plus(first, n) for n in range(self.abreast)]
        if columns % lanes:
            near = [self.loops.smaller(column, columns - 1) for column in near]

        def step(k: Any, *now: Any, valid: int = lanes) -> list[Any]:
            starts = [v.plus(k, row * self.stride) for row in range(rows)]
            xs = [v.load(self.scratch, start) for start in starts]
            ys = [self.right.along_inner(k, column, lanes, valid) for column in near]
            pairs = [(x, y) for x in xs for y in ys]
            return [v.multiply_add(*p, s) for p, s in zip(pairs, now, strict=True)]

        zeros = [v.zero] * (rows * self.abreast)
        return self.loops.by_lanes(0, inner, lanes, step, zeros)

    def _finish(self, row: Any, group: Any, sums: Sequence[Any]) -> None:
        """Turn and add up the sums of one row."""
        v, lanes, columns = self.vectors, self.vectors.lanes, self.sizes[1]
        out, j = self._added(v.transpose(sums)), v.times(group, lanes)

        def finish(valid: int) -> None:
            self.finish(row, j, out, lanes, valid)

        self.loops.existing(group, columns, lanes, finish)

    def _added(self, parts: list[Any]) -> Any:
        """The sum of some vectors, by halves, so that few wait for one another."""
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=True)
            parts = [self.builder.fadd(a, b) for a, b in pairs]
        return parts[0]
