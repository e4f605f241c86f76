"""A matrix product of plain arrays as a module of its own: to test it and to time it.

The compiler does not need this file; it writes products into its own functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from seegrad.compile.loops import FLAG, INDEX, POINTER, Count, Loops
from seegrad.compile.product import Operand, Target, emit_product, scratch_bytes
from seegrad.compile.product_vectors import LANE, Vectors


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


def _first(valid: int, lanes: int) -> Any:
    """A mask of the first lanes."""
    return ir.Constant(ir.VectorType(FLAG, lanes), [n < valid for n in range(lanes)])


def product_module(
    dtype: Any,
    target: Target,
    sizes: tuple[int, int, int],
    *,
    turned: tuple[bool, bool] = (False, False),
    heavy: bool = False,
) -> tuple[ir.Module, int]:
    """A module with ``product(a, b, out, scratch, thread, threads)``, and scratch bytes.

    ``sizes`` are (rows, columns, inner); a factor that is ``turned`` lies in memory as
    its transpose.
    """
    rows, columns, inner = sizes
    module = ir.Module()
    kinds = [POINTER] * 4 + [INDEX] * 2
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), "product")
    a, b, c, scratch, thread, threads = function.args
    for pointer in (a, b, c, scratch):
        pointer.add_attribute("noalias")
    loops = Loops(function)
    vectors = Vectors(loops, dtype, target)
    left = _left(Array(vectors, a, rows if turned[0] else inner), turned[0])
    right = _right(Array(vectors, b, inner if turned[1] else columns), turned[1])
    out = Array(vectors, c, columns)
    given: dict[str, Any] = dict(
        rows=rows, columns=columns, inner=inner, left=left, right=right, heavy=heavy
    )
    emit_product(
        loops,
        dtype,
        target,
        **given,
        finish=out.write,
        scratch=scratch,
        thread=thread,
        threads=threads,
    )
    loops.builder.ret_void()
    return module, scratch_bytes(dtype, target, **given)


def _left(array: Array, turned: bool) -> Operand:
    if turned:
        return Operand(
            scalar=lambda i, k: array.number(k, i),
            vector=lambda k, i, lanes, valid: array.run(k, i, lanes, valid),
            contiguous="outer",
        )
    return Operand(
        scalar=array.number,
        along_inner=lambda k, i, lanes, valid: array.run(i, k, lanes, valid),
        contiguous="inner",
    )


def _right(array: Array, turned: bool) -> Operand:
    return _left(array, not turned).swapped()
