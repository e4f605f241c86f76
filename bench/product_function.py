"""A matrix product of plain arrays as a module of its own: to time it and to test it.

The compiler writes products into its own functions; here one stands alone.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir

from seegrad.compiler.machine.build import build
from seegrad.compiler.products.product import (
    Operand,
    Target,
    emit_product,
    scratch_bytes,
)
from seegrad.compiler.products.product_vectors import LANE, Vectors
from seegrad.compiler.registers.loops import FLAG, INDEX, POINTER, Count, Loops


@dataclass(frozen=True)
class Array:
    """A matrix in memory: number (i, j) is at ``pointer[i * stride + j]``."""

    vectors: Vectors
    pointer: Any
    stride: int

    def _place(self, i: Count, j: Count) -> Any:
        loops = self.vectors.loops
        row = loops.builder.mul(loops.count(i), loops.count(self.stride))
        return loops.builder.add(row, loops.count(j))

    def number(self, i: Count, j: Count) -> Any:
        """One number."""
        return self.vectors.load_number(self.pointer, self._place(i, j))

    def run(self, i: Count, j: Count, lanes: int, valid: int) -> Any:
        """The numbers (i, j), (i, j + 1), ...; those that do not exist are 0."""
        v = self.vectors
        if valid == lanes:
            return v.load(self.pointer, self._place(i, j))
        address = v.address(self.pointer, self._place(i, j))
        name = f"llvm.masked.load.v{lanes}f{8 * v.itemsize}.p0"
        return v.loops.intrinsic(
            name, v.vector, [address, LANE(v.itemsize), _first(valid, lanes), v.zero]
        )

    def write(self, i: Any, j: Any, value: Any, lanes: int, valid: int) -> None:
        """Store the first ``valid`` numbers from (i, j) on."""
        v = self.vectors
        if valid == lanes:
            v.store(value, self.pointer, self._place(i, j))
            return
        address = v.address(self.pointer, self._place(i, j))
        name = f"llvm.masked.store.v{lanes}f{8 * v.itemsize}.p0"
        arguments = [value, address, LANE(v.itemsize), _first(valid, lanes)]
        v.loops.intrinsic(name, ir.VoidType(), arguments)

    def fetch(self, i: Any, j: Any) -> None:
        """Ask for the memory from (i, j) on."""
        self.vectors.loops.fetch(self.vectors.address(self.pointer, self._place(i, j)))


def _first(valid: int, lanes: int) -> Any:
    """A mask of the first lanes."""
    return ir.Constant(ir.VectorType(FLAG, lanes), [n < valid for n in range(lanes)])


class ProductFunction:
    """A compiled product of two matrices of the given sizes (rows, columns, inner).

    One that ``updates`` fetches the memory of its results beforehand. A factor that is
    ``turned`` lies in memory as its transpose. ``thread`` out of ``threads`` computes
    its share of the results. The arrays are not checked.
    """

    def __init__(
        self,
        dtype: Any,
        target: Target,
        sizes: tuple[int, int, int],
        *,
        turned: tuple[bool, bool] = (False, False),
        heavy: bool = False,
        updates: bool = False,
    ) -> None:
        module, self.scratch_bytes = product_module(
            dtype, target, sizes, turned, heavy, updates
        )
        self.built = build(module, cached=False)
        kinds = [ctypes.c_void_p] * 4 + [ctypes.c_int64] * 2
        address = self.built.address("product")
        self.native = ctypes.CFUNCTYPE(None, *kinds)(address)
        self.scratch: dict[int, Any] = {}

    def pointers(self, a: Any, b: Any, out: Any, thread: int = 0) -> tuple[int, ...]:
        """What to call ``native`` with, before the number of the thread."""
        if thread not in self.scratch:
            self.scratch[thread] = np.empty(self.scratch_bytes + 64, np.uint8)
        start = self.scratch[thread].ctypes.data
        return a.ctypes.data, b.ctypes.data, out.ctypes.data, start + -start % 64

    def __call__(
        self, a: Any, b: Any, out: Any, thread: int = 0, threads: int = 1
    ) -> None:
        self.native(*self.pointers(a, b, out, thread), thread, threads)


def product_module(
    dtype: Any,
    target: Target,
    sizes: tuple[int, int, int],
    turned: tuple[bool, bool] = (False, False),
    heavy: bool = False,
    updates: bool = False,
) -> tuple[ir.Module, int]:
    """A module with ``product(a, b, out, scratch, thread, threads)``; scratch bytes."""
    rows, columns, inner = sizes
    column = columns == 1
    if column:  # the compiler computes the transpose as well, which has one row
        rows, columns, turned = 1, rows, (not turned[1], not turned[0])
    module = ir.Module()
    kinds = [POINTER] * 4 + [INDEX] * 2
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), "product")
    a, b, c, scratch, thread, threads = function.args
    a, b = (b, a) if column else (a, b)
    for pointer in (a, b, c, scratch):
        pointer.add_attribute("noalias")
    loops = Loops(function)
    vectors = Vectors(loops, dtype, target)
    given: dict[str, Any] = {
        "rows": rows,
        "columns": columns,
        "inner": inner,
        "left": _operand(Array(vectors, a, rows if turned[0] else inner), turned[0]),
        "right": _operand(
            Array(vectors, b, inner if turned[1] else columns), not turned[1]
        ).swapped(),
        "heavy": heavy,
        "fetch": Array(vectors, c, columns).fetch if updates else None,
    }
    emit_product(
        loops,
        dtype,
        target,
        **given,
        finish=Array(vectors, c, columns).write,
        scratch=scratch,
        thread=thread,
        threads=threads,
    )
    loops.builder.ret_void()
    return module, scratch_bytes(dtype, target, **given)


def _operand(array: Array, turned: bool) -> Operand:
    """An array as a left factor; turned where its rows run along i."""

    def along_columns(k: Any, i: Any, lanes: int, valid: int) -> Any:
        return array.run(k, i, lanes, valid)

    def along_rows(k: Any, i: Any, lanes: int, valid: int) -> Any:
        return array.run(i, k, lanes, valid)

    if turned:
        return Operand(
            lambda i, k: array.number(k, i), along_columns, contiguous="outer"
        )
    return Operand(array.number, None, along_rows, contiguous="inner")
