"""Copying a part of a factor to where the innermost loop can stream through it.

A packed strip holds, for one k after the other, the neighbours that the loop reads
together. Packing also turns what lies along k, by transposing blocks in registers, and
computes what is expensive to read only once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_vectors import LANE, Vectors
from seegrad.compiler.registers.loops import Count


@dataclass(frozen=True)
class Strip:
    """Where a packed strip lies: number n of k is at ``pointer[k * stride + n]``.

    It covers ``size`` neighbours from ``first`` on and the k from ``begin`` on. Only
    ``sure`` neighbours are certain to be among the ``total`` that the factor has.
    """

    pointer: Any
    stride: int
    first: Any
    size: int
    sure: int
    total: int
    begin: Any


def lies_along_inner(operand: Operand) -> bool:
    """Whether a factor has to be turned to be packed."""
    return operand.contiguous == "inner" and operand.along_inner is not None


def read_vector(
    vectors: Vectors, operand: Operand, k: Any, first: Any, valid: int
) -> Any:
    """The neighbours from ``first`` on, of which ``valid`` exist; zeros after them."""
    if operand.vector is not None:
        return operand.vector(k, first, vectors.lanes, valid)
    builder, out = vectors.loops.builder, vectors.zero
    for lane in range(valid):
        number = operand.scalar(k, builder.add(first, vectors.loops.count(lane)))
        out = builder.insert_element(out, number, LANE(lane))
    return out


def pack_straight(
    vectors: Vectors, operand: Operand, strip: Strip, begin: Any, end: Any
) -> None:
    """Copy the neighbours of one k after the other, from k = ``begin`` to ``end``.

    Whole vectors are stored: what stands behind the last number is overwritten.
    """
    loops, builder, lanes = vectors.loops, vectors.loops.builder, vectors.lanes

    def copy(k: Any) -> None:
        source = builder.add(strip.begin, k)
        row = builder.mul(k, loops.count(strip.stride))
        for n in range(0, strip.size, lanes):
            near = builder.add(strip.first, loops.count(n))
            valid = min(lanes, strip.size - n)
            value = read_vector(vectors, operand, source, near, valid)
            vectors.store(value, strip.pointer, builder.add(row, loops.count(n)))

    loops.loop(begin, end, copy)


def pack_turned(vectors: Vectors, operand: Operand, strip: Strip, depth: Count) -> None:
    """Read along k, lanes by lanes, and transpose each block in registers.

    The last block of k begins early enough to be whole. The blocks of neighbours are
    packed from the last one on, because only the last one is stored beyond its end.
    Neighbours that do not exist are read as the last one that does: whatever is packed
    for them is never looked at.
    """
    loops, lanes = vectors.loops, vectors.lanes
    whole = not isinstance(depth, int) or depth >= lanes
    last = loops.builder.sub(loops.count(depth), loops.count(lanes))

    def block(k: Any) -> None:
        begin = loops.smaller(k, last) if whole else k
        for n in range(0, strip.size, lanes)[::-1]:
            _turn(vectors, operand, strip, begin, n, lanes if whole else int(depth))

    loops.loop(0, depth, block, step=lanes)


def _turn(
    vectors: Vectors, operand: Operand, strip: Strip, k: Any, n: int, valid: int
) -> None:
    """Pack the neighbours from number ``n`` of the strip on for a block of k."""
    assert operand.along_inner is not None
    loops, builder, lanes = vectors.loops, vectors.loops.builder, vectors.lanes
    source = builder.add(strip.begin, k)
    rows = []
    for near in range(n, min(n + lanes, strip.size)):
        at = builder.add(strip.first, loops.count(near))
        at = at if near < strip.sure else loops.smaller(at, strip.total - 1)
        rows.append(operand.along_inner(source, at, lanes, valid))
    rows += rows[-1:] * (lanes - len(rows))
    for lane, column in enumerate(vectors.transpose(rows)[:valid]):
        row = builder.mul(builder.add(k, loops.count(lane)), loops.count(strip.stride))
        vectors.store(column, strip.pointer, builder.add(row, loops.count(n)))
