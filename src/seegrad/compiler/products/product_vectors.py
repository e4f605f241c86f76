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
        """As many vectors as there are lanes; lane r of result c is lane c of row r.

        The matrix is cut into four, and the two parts off the diagonal change places;
        then so do those of each of the four, until they are single numbers.
        """
        now, lanes = list(rows), range(self.lanes)
        unit = self.lanes // 2
        while unit:
            first = [n if not n & unit else self.lanes + n - unit for n in lanes]
            second = [n + unit if not n & unit else self.lanes + n for n in lanes]
            for i in lanes:
                if not i & unit:
                    a, b = now[i], now[i + unit]
                    now[i] = self.shuffle(a, b, first)
                    now[i + unit] = self.shuffle(a, b, second)
            unit //= 2
        return now
