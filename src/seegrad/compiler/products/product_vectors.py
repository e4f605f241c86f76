"""Numbers side by side: the few vector instructions that a matrix product is made of.

LLVM's vectors have any length; these have the length of the machine's registers. The
transpose turns rows into columns without leaving the registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir

from seegrad.compiler.machine.host import Host
from seegrad.compiler.registers.loops import Count, Loops

LANE = ir.IntType(32)
BLOCK_BYTES = 16  # within so many bytes every processor shuffles in one instruction


class Vectors:
    """Vectors of one dtype on one machine, added where ``loops`` stands."""

    def __init__(self, loops: Loops, dtype: Any, machine: Host) -> None:
        self.loops = loops
        self.machine = machine
        self.itemsize = int(np.dtype(dtype).itemsize)
        self.number = {4: ir.FloatType(), 8: ir.DoubleType()}[self.itemsize]
        self.lanes = machine.lanes(self.itemsize)
        self.block = min(BLOCK_BYTES // self.itemsize, self.lanes)
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
        return self.loops.shuffled(first, undefined, [0] * self.lanes)

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        """a * b + c, rounded once where the processor can."""
        name = f"llvm.fmuladd.v{self.lanes}f{8 * self.itemsize}"
        return self.loops.intrinsic(name, self.vector, [a, b, c])

    def transpose(self, rows: Sequence[Any]) -> list[Any]:
        """As many vectors as there are lanes; lane r of result c is lane c of row r.

        Neighbours exchange numbers, then pairs of neighbours pairs of numbers, and so
        on; first within blocks of lanes, then whole blocks.
        """
        now, lanes, unit = list(rows), range(self.lanes), 1
        while unit < self.lanes:
            low, high = self._exchange(unit)
            for i in lanes:
                if not i & unit:
                    a, b = now[i], now[i + unit]
                    now[i] = self.loops.shuffled(a, b, low)
                    now[i + unit] = self.loops.shuffled(a, b, high)
            unit *= 2
        if self.block == 4:  # two exchanges within a block leave 0, 2, 1, 3
            now = [now[i - i % 4 + (0, 2, 1, 3)[i % 4]] for i in lanes]
        return now

    def _exchange(self, unit: int) -> tuple[list[int], list[int]]:
        """Which lanes of two vectors, counted on, make one new vector, and the other.

        Within a block, units of both take turns; of whole blocks, every second is kept.
        """
        lanes, block = self.lanes, self.block
        if unit >= block:
            even = range(0, 2 * lanes, 2 * block)
            low = [start + lane for start in even for lane in range(block)]
            return low, [lane + block for lane in low]
        low = [
            start + turn + side + lane
            for start in range(0, lanes, block)
            for turn in range(0, block // 2, unit)
            for side in (0, lanes)
            for lane in range(unit)
        ]
        return low, [lane + block // 2 for lane in low]
