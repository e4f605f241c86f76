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
from seegrad.compiler.machine.host import Host
from seegrad.compiler.products.product import MatrixProduct
from seegrad.compiler.products.product_operand import Operand
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

    def pick(self, places: list[tuple[Any, Any]]) -> Any:
        """The numbers at some places, one after the other; 0 in the other lanes."""
        out = self.vectors.zero
        for lane, place in enumerate(places):
            number = self.number(*place)
            out = self.vectors.loops.builder.insert_element(out, number, LANE(lane))
        return out

    def fetch(self, i: Any, j: Any) -> None:
        """Ask for the memory from (i, j) on."""
        self.vectors.loops.fetch(self.vectors.address(self.pointer, self._place(i, j)))

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
        machine: Host,
        sizes: tuple[int, int, int],
        *,
        turned: tuple[bool, bool] = (False, False),
        heavy: bool = False,
        updates: bool = False,
    ) -> None:
        module, self.scratch_bytes = product_module(
            dtype, machine, sizes, turned, heavy, updates
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
    machine: Host,
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
    vectors = Vectors(loops, dtype, machine)
    left = _operand(Array(vectors, a, rows if turned[0] else inner), turned[0])
    right = _operand(Array(vectors, b, inner if turned[1] else columns), not turned[1])
    out = Array(vectors, c, columns)
    fetch = out.fetch if updates else None
    product = MatrixProduct(vectors, (rows, columns, inner), left, right, heavy, fetch)
    product.emit(out.write, scratch, thread, threads)
    loops.builder.ret_void()
    return module, product.scratch_bytes


def _operand(array: Array, turned: bool) -> Operand:
    """An array as a factor; turned where its rows run along k."""

    def place(i: Any, k: Any) -> tuple[Any, Any]:
        return (k, i) if turned else (i, k)

    def start(i: Any) -> Any:
        return lambda k: array.number(*place(i, k))

    def across(k: Any, i: Any, lanes: int, valid: int) -> Any:
        if turned:
            return array.run(k, i, lanes, valid)
        return array.pick([(v.plus(i, n), k) for n in range(valid)])

    def along(k: Any, i: Any, lanes: int, valid: int) -> Any:
        if not turned:
            return array.run(i, k, lanes, valid)
        return array.pick([(v.plus(k, n), i) for n in range(valid)])

    v = array.vectors
    return Operand(start, across, along, "outer" if turned else "inner")
