"""The gradients of a block, turned so that its output channels lie side by side.

They are read along the places of the image, a vector at a time, and transposed in
registers; where that is not how they lie in memory, they are collected one by one.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.lowering.factors import layout
from seegrad.compiler.products.packing import Strip, pack_straight, pack_turned
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.programs.index import Axis, Expression
from seegrad.compiler.windows.window_kernel import Windows, split


class Turned:
    """The left factor in strips of ``width`` vectors of rows, packed at ``pointer``.

    ``k`` counts the places of a block: the rows of the image ``down`` from the counter
    of that axis on, and the places ``along`` each.
    """

    def __init__(
        self, windows: Windows, k: Axis, down: Axis, along: Axis, width: int
    ) -> None:
        self.windows, self.k, self.width = windows, k, width
        self.vectors, self.loops = windows.vectors, windows.loops
        self.row, self.lanes = windows.row, windows.lanes
        self.strip = width * self.lanes
        place = Expression.of(k)
        new = split(windows.rows, windows.row)
        new |= {
            down: Expression.of(down) + place // along.length,
            along: place % along.length,
        }
        self.index = windows.left(new)
        self.term = windows.term.inputs[windows.product.left.position]
        self.pointer: Any = None

    @property
    def size(self) -> int:
        """Numbers of scratch memory."""
        groups = -(-self.row.length // self.strip)
        return groups * self.strip * self.k.length

    def begin(self, group: Any) -> Any:
        """Where the strip of a group of rows begins."""
        size = self.strip * self.k.length
        return self.vectors.address(self.pointer, self.vectors.times(group, size))

    def pack(self, depth: Any) -> None:
        """Pack the first ``depth`` places of the block that the counters point to."""
        operand, lanes, loops = self._operand(), self.lanes, self.loops
        whole, rest = divmod(self.row.length, lanes)
        if operand.contiguous == "inner":

            def turn(n: Any) -> None:
                pack_turned(self.vectors, operand, self._strip(n, lanes), depth)

            loops.loop(0, whole + bool(rest), turn)
            return

        def copy(n: Any, size: int = lanes) -> None:
            pack_straight(self.vectors, operand, self._strip(n, size), 0, depth)

        loops.loop(0, whole, copy)
        if rest:
            copy(loops.count(whole), rest)

    def _strip(self, n: Any, size: int) -> Strip:
        """Where vector number n of the rows is packed."""
        v, b, lanes = self.vectors, self.loops.builder, self.lanes
        group = b.udiv(n, self.loops.count(self.width))
        part = b.urem(n, self.loops.count(self.width))
        at = v.address(self.begin(group), v.times(part, lanes))
        total = self.row.length
        sure = size if size < lanes or total % lanes == 0 else 0
        first, begin = v.times(n, lanes), self.loops.count(0)
        return Strip(at, self.strip, first, size, sure, total, begin)

    def _operand(self) -> Operand:
        """The factor as the packing reads it."""
        where = layout(self.windows.access, self.term, self.index)
        turned = where is not None and where.affine and where.atoms.get(self.k) == 1
        return Operand(
            lambda i, k: self._read(k, i, self.row, 1, 1),
            lambda k, i, lanes, valid: self._read(k, i, self.row, lanes, valid),
            lambda k, i, lanes, valid: self._read(k, i, self.k, lanes, valid),
            "inner" if turned else "neither",
        )

    def _read(self, k: Any, i: Any, lane: Axis, lanes: int, valid: int) -> Any:
        """Neighbours along an axis; zeros after the last."""
        counters = {self.k: k, self.row: i}
        return self.windows.neighbours(self.index, counters, lane, lanes, valid)
