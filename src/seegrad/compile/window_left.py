"""The weights of a convolution, packed tile by tile before its first image.

For one value of the inner counters after the other, the weights of a tile's output
channels lie side by side. Where the image has no number at all, an infinite weight must
not be added: so it is looked whether there is one.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from seegrad.compile.index import Axis, Expression
from seegrad.compile.loops import FLAG
from seegrad.compile.tiles import Tile
from seegrad.compile.window_kernel import Windows, split


class Packed:
    """The left factor in ``tiles`` tiles of rows, packed at ``pointer``."""

    def __init__(self, windows: Windows, tile: Tile, tiles: int) -> None:
        self.windows, self.loops = windows, windows.loops
        self.vectors, self.access = windows.vectors, windows.access
        self.row, self.inner = windows.row, windows.inner
        self.rows, self.tiles, self.depth = tile.rows, tiles, windows.depth
        self.index = windows.left(split(windows.rows, windows.row))
        self.pointer: Any = None

    @property
    def size(self) -> int:
        """Numbers of scratch memory."""
        return self.tiles * self.depth * self.rows

    def begin(self, tile: Any) -> Any:
        """Where a tile begins."""
        v = self.vectors
        return v.address(self.pointer, v.times(tile, self.depth * self.rows))

    def pack(self) -> None:
        """Pack all tiles; a row too many is the last one again."""
        place = Expression({}, 0)
        for axis in self.inner:
            place = place * axis.length + Expression.of(axis)
        v, b, loops = self.vectors, self.loops.builder, self.loops

        def tile(t: Any) -> None:
            strip, first = self.begin(t), v.times(t, self.rows)

            def one(r: Any, start: Any) -> None:
                row = loops.smaller(b.add(first, r), self.row.length - 1)
                with self.access.at({self.row: row}):
                    value = self.windows.number(self.index)
                v.store_number(value, strip, b.add(start, r))

            def nest(axes: tuple[Axis, ...]) -> None:
                if not axes:
                    start = v.times(self.access.scalar(place), self.rows)
                    loops.loop(0, self.rows, lambda r: one(r, start))
                    return

                def inside(i: Any) -> None:
                    with self.access.at({axes[0]: i}):
                        nest(axes[1:])

                loops.loop(0, axes[0].length, inside)

            nest(self.inner)

        loops.loop(0, self.tiles, tile)

    def special(self) -> Any:
        """Whether any number is infinite or NaN: then zero times it is not zero."""
        v, b, lanes = self.vectors, self.loops.builder, self.vectors.lanes

        def add(n: Any, total: Any, valid: int = lanes) -> list[Any]:
            mask = [k < valid for k in range(lanes)]
            there = ir.Constant(ir.VectorType(FLAG, lanes), mask)
            value = b.select(there, v.load(self.pointer, n), v.zero)
            return [v.multiply_add(value, v.zero, total)]

        whole = self.size // lanes * lanes
        (total,) = self.loops.loop(0, whole, add, step=lanes, carried=[v.zero])
        if whole < self.size:
            (total,) = add(self.loops.count(whole), total, self.size - whole)
        bits = b.bitcast(b.fcmp_unordered("!=", total, total), ir.IntType(lanes))
        return b.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))
