"""The weights of a convolution, packed tile by tile before its first image.

For one value of the inner counters after the other, the weights of a tile's output
channels lie side by side. Where the image has no number at all, an infinite weight must
not be added: so it is looked whether there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from seegrad.compiler.lowering.factors import layout
from seegrad.compiler.products.packing import Strip, pack_straight, pack_turned
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.tiles import Tile
from seegrad.compiler.programs.index import Axis, Expression
from seegrad.compiler.registers.loops import FLAG
from seegrad.compiler.windows.window_kernel import Windows, flat, split


class Packed:
    """The left factor in ``tiles`` tiles of rows, packed at ``pointer``."""

    def __init__(self, windows: Windows, tile: Tile, tiles: int) -> None:
        self.windows, self.loops = windows, windows.loops
        self.vectors, self.access = windows.vectors, windows.access
        self.row, self.inner = windows.row, windows.inner
        self.rows, self.tiles, self.depth = tile.rows, tiles, windows.depth
        self.pointer: Any = None

    @property
    def size(self) -> int:
        """Numbers of scratch memory; a vector more is overwritten."""
        return self.tiles * self.depth * self.rows

    def begin(self, tile: Any) -> Any:
        """Where a tile begins."""
        v = self.vectors
        return v.address(self.pointer, v.times(tile, self.depth * self.rows))

    def pack(self) -> None:
        """Pack all tiles, in the way that fits how the numbers lie in memory."""
        if self.row.length % self.rows:  # rows that do not exist are zeros
            last = self.begin(self.loops.count(self.tiles - 1))
            self.vectors.clear(last, self.depth * self.rows)
        for number in range(len(self.inner)):
            outer, k = self.inner[:number], flat(self.inner[number:], "k")
            index = self.windows.left(self._split(number, k))
            where = self._place(index)
            if where is not None and where.atoms.get(k) == 1:
                self._pack(outer, k, self._operand(index, k, "inner"))
                return
        outer, k = self.inner[:-1], self.inner[-1]
        index = self.windows.left(self._split(len(outer), k))
        self._pack(outer, k, self._operand(index, k, "outer"))

    def _split(self, number: int, k: Axis) -> dict[Axis, Expression]:
        rows = split(self.windows.rows, self.row)
        return rows | split(self.inner[number:], k)

    def _place(self, index: Any) -> Expression | None:
        """Where a number lies, if that is a sum of counters."""
        term = self.windows.term.inputs[self.windows.product.left.position]
        where = layout(self.access, term, index)
        return where if where is not None and where.affine else None

    def _operand(self, index: Any, k: Axis, direction: Any) -> Operand:
        """The factor as the packing reads it, for the other counters as they are."""

        def reader(lane: Axis) -> Callable[[Any, Any, int, int], Any]:
            return lambda number, row, lanes, valid: self.windows.neighbours(
                index, {k: number, self.row: row}, lane, lanes, valid
            )

        along, across = reader(k), reader(self.row)
        return Operand(lambda i, k: across(k, i, 1, 1), across, along, direction)

    def _pack(self, outer: tuple[Axis, ...], k: Axis, operand: Operand) -> None:
        """For all values of the outer counters, the numbers along k."""
        v, loops = self.vectors, self.loops
        whole, rest = divmod(self.row.length, self.rows)

        def tile(t: Any, size: int = self.rows) -> None:
            first, zero = v.times(t, self.rows), loops.count(0)

            def some(place: Any) -> None:
                at = v.address(self.begin(t), v.times(place, k.length * self.rows))
                strip = Strip(at, self.rows, first, size, size, size, zero)
                if operand.contiguous == "inner":
                    pack_turned(v, operand, strip, k.length)
                else:
                    pack_straight(v, operand, strip, 0, k.length)

            self._each(outer, some)

        loops.loop(0, whole, tile)
        if rest:
            tile(loops.count(whole), rest)

    def _each(self, axes: tuple[Axis, ...], body: Callable[[Any], None]) -> None:
        """For every value of some counters, and the number of that value."""
        place = Expression({}, 0)
        for axis in axes:
            place = place * axis.length + Expression.of(axis)

        def nest(left: tuple[Axis, ...]) -> None:
            if not left:
                body(self.access.scalar(place))
                return

            def inside(i: Any) -> None:
                with self.access.at({left[0]: i}):
                    nest(left[1:])

            self.loops.loop(0, left[0].length, inside)

        nest(axes)

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
