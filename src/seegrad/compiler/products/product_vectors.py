"""Numbers side by side: the few vector instructions that a matrix product is made of.

LLVM's vectors have any length; these have the length of the target's registers. The
transpose turns rows into columns without leaving the registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir

from seegrad.compiler.products.product_target import Target
from seegrad.compiler.registers.loops import Count, Loops

LANE = ir.IntType(32)
BLOCK_BYTES = 16  # within so many bytes every processor shuffles in one instruction


class Vectors:
    """Vectors of one dtype on one target, added where ``loops`` stands."""

    def __init__(self, loops: Loops, dtype: Any, target: Target) -> None:
        self.loops = loops
        self.target = target
        self.itemsize = np.dtype(dtype).itemsize
        self.number = {4: ir.FloatType(), 8: ir.DoubleType()}[self.itemsize]
        self.lanes = target.lanes(self.itemsize)
        self.vector = ir.VectorType(self.number, self.lanes)
        self.zero = ir.Constant(self.vector, [0.0] * self.lanes)

    def plus(self, a: Any, n: int) -> Any:
        """The count a + n, for one known now and one known when the code runs."""
        return self.loops.builder.add(a, self.loops.count(n)) if n else a

    def times(self, a: Any, n: int) -> Any:
        """The count a * n."""
        return self.loops.builder.mul(a, self.loops.count(n))

    def larger(self, a: Any, n: int) -> Any:
        """The larger one of the counts a and n."""
        b, other = self.loops.builder, self.loops.count(n)
        return b.select(b.icmp_signed(">", a, other), a, other)

    def address(self, pointer: Any, index: Count) -> Any:
        """Where number ``index`` counted from ``pointer`` is."""
        builder = self.loops.builder
        return builder.gep(pointer, [self.loops.count(index)], source_etype=self.number)

    def load(self, pointer: Any, index: Count = 0) -> Any:
        """A full vector that begins at number ``index``."""
        address = self.address(pointer, index)
        return self.loops.builder.load(address, typ=self.vector, align=self.itemsize)

    def store(self, value: Any, pointer: Any, index: Count = 0) -> None:
        """Write a full vector that begins at number ``index``."""
        address = self.address(pointer, index)
        self.loops.builder.store(value, address, align=self.itemsize)

    def load_number(self, pointer: Any, index: Count) -> Any:
        """The number ``index`` counted from ``pointer``."""
        address = self.address(pointer, index)
        return self.loops.builder.load(address, typ=self.number, align=self.itemsize)

    def clear(self, pointer: Any, size: int) -> None:
        """Write zeros, whole vectors of them, over so many numbers."""
        self.loops.loop(
            0, size, lambda n: self.store(self.zero, pointer, n), step=self.lanes
        )

    def broadcast(self, number: Any) -> Any:
        """The same number in every lane."""
        undefined = ir.Constant(self.vector, ir.Undefined)
        first = self.loops.builder.insert_element(undefined, number, LANE(0))
        return self.shuffle(first, undefined, [0] * self.lanes)

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        """a * b + c, rounded once where the processor can."""
        name = f"llvm.fmuladd.v{self.lanes}f{8 * self.itemsize}"
        return self.loops.intrinsic(name, self.vector, [a, b, c])

    def shuffle(self, a: Any, b: Any, lanes: Sequence[int]) -> Any:
        """The named lanes of a and, counted on, of b."""
        mask = ir.Constant(ir.VectorType(LANE, len(lanes)), list(lanes))
        return self.loops.builder.shuffle_vector(a, b, mask)

    def transpose(self, rows: Sequence[Any]) -> list[Any]:
        """As many vectors as there are lanes; lane r of result c is lane c of row r."""
        width = min(BLOCK_BYTES // self.itemsize, self.lanes)
        groups = [
            self._inside(rows[i : i + width]) for i in range(0, self.lanes, width)
        ]
        columns = [
            self._across(list(same), width) for same in zip(*groups, strict=True)
        ]
        return _interleaved(columns)

    def _inside(self, rows: Sequence[Any]) -> list[Any]:
        """Transpose within every block of lanes at once: unpack ever wider units."""
        now, unit, width = list(rows), 1, len(rows)
        while unit < width:
            low, high = (self._unpacking(unit, width, half) for half in (0, 1))
            first = [i for i in range(width) if not i & unit]
            pairs = [(now[i], now[i + unit]) for i in first]
            now = [self.shuffle(a, b, lanes) for a, b in pairs for lanes in (low, high)]
            unit *= 2
        return now

    def _unpacking(self, unit: int, width: int, half: int) -> list[int]:
        """The lanes that take turns by units from one half of each block of a and b."""
        middle = width // 2
        return [
            start + half * middle + turn + side + lane
            for start in range(0, self.lanes, width)
            for turn in range(0, middle, unit)
            for side in (0, self.lanes)
            for lane in range(unit)
        ]

    def _across(self, rows: list[Any], width: int) -> list[Any]:
        """Transpose whole blocks: the even blocks of neighbours, then the odd ones."""
        if len(rows) == 1:
            return rows
        pairs = list(zip(rows[::2], rows[1::2], strict=True))
        columns = []
        for parity in (0, 1):
            starts = range(parity * width, 2 * self.lanes, 2 * width)
            lanes = [start + lane for start in starts for lane in range(width)]
            halves = [self.shuffle(a, b, lanes) for a, b in pairs]
            columns.append(self._across(halves, width))
        return _interleaved(columns)


def _interleaved(lists: Sequence[list[Any]]) -> list[Any]:
    """The first of each list, then the second of each, and so on."""
    return [value for same in zip(*lists, strict=True) for value in same]
