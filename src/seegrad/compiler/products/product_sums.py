"""What becomes of the sums of a tile: kept in memory until they are whole, or finished.

Sums are kept where the inner size is cut into depths, and where finishing is so much
code that it is written once, in a loop, and not for every vector of a tile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from seegrad.compiler.products.product_block import Block, Place
from seegrad.compiler.products.product_plan import Plan
from seegrad.compiler.products.product_vectors import Vectors

Finish = Callable[[Any, Any, Any, int, int], None]


class Sums:
    """The sums of a block of tiles, row by row."""

    def __init__(
        self, vectors: Vectors, plan: Plan, finish: Finish, scratch: Any
    ) -> None:
        self.vectors, self.plan, self.finish = vectors, plan, finish
        self.scratch = scratch
        self.loops, self.builder = vectors.loops, vectors.loops.builder

    def before(self, block: Block, place: Place) -> list[Any]:
        """The sums of the depths before this one; zeros at first."""
        spots = self._spots(place.wide.size)
        zeros = [self.vectors.zero] * len(spots)
        if self.plan.inner.parts == 1:
            return zeros
        kept = self._tile(block, place)
        return self.loops.loop(
            0,
            self.loops.smaller(block.number, 1),
            lambda _, *zeros: [self.vectors.load(kept, spot) for spot in spots],
            carried=zeros,
        )

    def after(self, block: Block, place: Place, sums: Sequence[Any]) -> None:
        """Finish the sums if they are whole; keep them otherwise."""
        parts, b = self.plan.inner.parts, self.builder
        if parts == 1:
            self._whole(block, place, sums)
            return
        last = b.icmp_signed("==", block.number, self.loops.count(parts - 1))
        with self.loops.when(b.not_(last)):
            self._keep(block, place, sums)
        with self.loops.when(last):
            self._whole(block, place, sums)

    def _whole(self, block: Block, place: Place, sums: Sequence[Any]) -> None:
        if self.plan.heavy:
            self._keep(block, place, sums)
            self._finish_kept(block, place)
        else:
            self._finish_tile(place, sums)

    def _spots(self, width: int) -> list[int]:
        plan = self.plan
        rows, columns = range(plan.tile.rows), range(width)
        return [row * plan.strip + n * plan.lanes for row in rows for n in columns]

    def _tile(self, block: Block, place: Place) -> Any:
        """Where the sums of a tile are kept."""
        plan, v, b = self.plan, self.vectors, self.builder
        if plan.inner.parts == 1:
            return self.scratch
        strips = v.times(b.sub(place.strip, block.strips[0]), plan.rows.parts)
        number = b.add(strips, place.tile)
        return v.address(self.scratch, v.times(number, plan.tile.rows * plan.strip))

    def _keep(self, block: Block, place: Place, sums: Sequence[Any]) -> None:
        kept = self._tile(block, place)
        for spot, value in zip(self._spots(place.wide.size), sums, strict=True):
            self.vectors.store(value, kept, spot)

    def _finish_tile(self, place: Place, sums: Sequence[Any]) -> None:
        """Finish the rows of a tile; the last one only where it exists."""
        rows, width, lanes = self.plan.rows, place.wide.size, self.plan.lanes
        v, larger = self.vectors, self.loops.count(rows.larger)

        def finish(row: int) -> None:
            for n, value in enumerate(sums[row * width : (row + 1) * width]):
                edge = place.wide.missing if n == width - 1 else 0
                i, j = v.plus(place.row, row), v.plus(place.column, n * lanes)
                self.finish(i, j, value, lanes, lanes - edge)

        for row in range(rows.sure):
            finish(row)
        if rows.sure < rows.size:
            with self.loops.when(self.builder.icmp_signed("<", place.tile, larger)):
                finish(rows.sure)

    def _finish_kept(self, block: Block, place: Place) -> None:
        """Finish a tile in loops: one code for whole vectors, one for the edge."""
        plan, v, b = self.plan, self.vectors, self.builder
        kept = self._tile(block, place)
        first, end = plan.rows.ends(self.loops, place.tile)
        whole = place.wide.size - bool(place.wide.missing)

        def row(r: Any) -> None:
            i, line = b.add(first, r), v.times(r, plan.strip)

            def one(n: Any, valid: int = plan.lanes) -> None:
                n = v.times(n, plan.lanes)
                value = v.load(kept, b.add(line, n))
                self.finish(i, b.add(place.column, n), value, plan.lanes, valid)

            self.loops.loop(0, whole, one)
            if place.wide.missing:
                one(self.loops.count(whole), plan.lanes - place.wide.missing)

        self.loops.loop(0, b.sub(end, first), row)
