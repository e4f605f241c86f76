"""Products with very few rows: dot products of what lies along k in both factors.

There is too little work to pay for turning the right factor. As many columns as there
are lanes are summed along k side by side; at the end, turning the sums makes one vector
of results.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seegrad.compile.product_operand import Operand
from seegrad.compile.product_sums import Finish
from seegrad.compile.product_vectors import Vectors

ROWS = 2  # more rows pay for packing


def suits_dots(sizes: tuple[int, int, int], right: Operand) -> bool:
    """Whether a product is better computed by dot products than by tiles."""
    along_inner = right.contiguous == "inner" and right.along_inner is not None
    return sizes[0] <= ROWS and along_inner


def dots_size(sizes: tuple[int, int, int], lanes: int) -> int:
    """Numbers of scratch memory: the left factor, in whole vectors."""
    rows, _, inner = sizes
    return rows * -(-inner // lanes) * lanes


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
        self.stride = dots_size(sizes, vectors.lanes) // sizes[0]

    def emit(self, thread: Any, threads: Any) -> None:
        """Each thread takes a run of groups of columns."""
        v, b, count = self.vectors, self.builder, self.loops.count
        rows, columns, _ = self.sizes
        for row in range(rows):
            self._copy_left(row)
        groups = -(-columns // v.lanes)
        first = b.udiv(b.mul(count(groups), thread), threads)
        last = b.udiv(b.mul(count(groups), v.plus(thread, 1)), threads)
        self.loops.loop(
            first,
            last,
            lambda group: self.loops.loop(0, rows, lambda row: self._group(row, group)),
        )

    def _copy_left(self, row: int) -> None:
        """Keep a row of the left factor in whole vectors, with zeros at the end."""
        v, lanes, inner = self.vectors, self.vectors.lanes, self.sizes[2]
        i, start = self.loops.count(row), row * self.stride
        read = self.left.along_inner

        def number(k: Any) -> None:
            address = v.address(self.scratch, v.plus(k, start))
            self.builder.store(self.left.scalar(i, k), address, align=v.itemsize)

        def several(k: Any, valid: int = lanes) -> None:
            assert read is not None
            v.store(read(k, i, lanes, valid), self.scratch, v.plus(k, start))

        rest = inner % lanes
        if self.left.contiguous == "inner" and read is not None:
            self.loops.loop(0, inner - rest, several, step=lanes)
            if rest:
                several(self.loops.count(inner - rest), rest)
        else:
            if rest:
                v.store(v.zero, self.scratch, start + inner - rest)
            self.loops.loop(0, inner, number)

    def _group(self, row: Any, group: Any) -> None:
        """One vector of results."""
        v, b, lanes = self.vectors, self.builder, self.vectors.lanes
        columns, inner = self.sizes[1:]
        j, missing = v.times(group, lanes), -columns % lanes
        near = [v.plus(j, lane) for lane in range(lanes)]
        if missing:
            near = [self.loops.smaller(column, columns - 1) for column in near]
        start = v.times(row, self.stride)
        rest = inner % lanes

        def step(k: Any, now: Sequence[Any], valid: int = lanes) -> list[Any]:
            assert self.right.along_inner is not None
            x = v.load(self.scratch, b.add(start, k))
            ys = [self.right.along_inner(k, c, lanes, valid) for c in near]
            return [v.multiply_add(x, y, s) for y, s in zip(ys, now, strict=True)]

        sums: Sequence[Any] = self.loops.loop(
            0,
            inner - rest,
            lambda k, *now: step(k, now),
            step=lanes,
            carried=[v.zero] * lanes,
        )
        if rest:
            sums = step(self.loops.count(inner - rest), sums, rest)
        out = self._added(v.transpose(sums))
        if not missing:
            self.finish(row, j, out, lanes, lanes)
            return
        last = self.loops.count(columns // lanes)
        with self.loops.when(b.icmp_signed("<", group, last)):
            self.finish(row, j, out, lanes, lanes)
        with self.loops.when(b.icmp_signed("==", group, last)):
            self.finish(row, j, out, lanes, lanes - missing)

    def _added(self, parts: list[Any]) -> Any:
        """The sum of some vectors, by halves, so that few wait for one another."""
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=True)
            parts = [self.builder.fadd(a, b) for a, b in pairs]
        return parts[0]
