"""The matrix product, written for one pair of sizes: the compiler's fastest loops.

``out[i, j] = finish(sum_k left(i, k) * right(k, j))``. The factors are read through
functions and the results handed to one, so that whatever comes before and after a
product can melt into it and never touches memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.compiler.products.product_dots import Dots, dots_size, suits_dots
from seegrad.compiler.products.product_factors import Left, Right
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_plan import plan
from seegrad.compiler.products.product_sums import Finish, Sums
from seegrad.compiler.products.product_target import Target
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.products.product_walk import Fetch, Walk
from seegrad.compiler.registers.loops import Loops

__all__ = ["Operand", "Target", "emit_product", "scratch_bytes"]


def scratch_bytes(
    dtype: Any,
    target: Target,
    *,
    rows: int,
    columns: int,
    inner: int,
    left: Operand,
    right: Operand,
    heavy: bool = False,
    fetch: Fetch | None = None,
) -> int:
    """Bytes of scratch memory that each thread needs, at an address divisible by 64."""
    sizes = rows, columns, inner
    itemsize = int(np.dtype(dtype).itemsize)
    if suits_dots(sizes, right):
        numbers = dots_size(sizes, target.lanes(itemsize))
    else:
        p = plan(target, itemsize, sizes, left, right, heavy, fetch is not None)
        numbers = p.right_size + p.left_size + p.sums_size
    return -(-numbers * itemsize // 64) * 64


def emit_product(
    loops: Loops,
    dtype: Any,
    target: Target,
    *,
    rows: int,
    columns: int,
    inner: int,
    left: Operand,
    right: Operand,
    finish: Finish,
    scratch: Any,
    thread: Any,
    threads: Any,
    heavy: bool = False,
    fetch: Fetch | None = None,
) -> None:
    """Write a product into the function that is being built.

    ``finish(i, j, sums, lanes, valid)`` is called for each vector of results once, by
    one thread, with Python's ints for lanes and valid. The vector lies along j, so one
    column wastes most of it: better compute the transpose. ``heavy`` tells that finish
    is long, so that it is written once and not for every vector of a tile. Where it
    reads and writes much memory, ``fetch(i, j)`` asks for that beforehand.
    """
    sizes = rows, columns, inner
    vectors = Vectors(loops, dtype, target)
    if suits_dots(sizes, right):
        dots = Dots(vectors, sizes, left, right, finish, scratch)
        dots.emit(thread, threads)
        return
    p = plan(target, vectors.itemsize, sizes, left, right, heavy, fetch is not None)
    packed_left = vectors.address(scratch, p.right_size)
    kept = vectors.address(scratch, p.right_size + p.left_size)
    walk = Walk(
        vectors,
        p,
        Left(vectors, p, left, packed_left),
        Right(vectors, p, right, scratch),
        Sums(vectors, p, finish, kept),
        fetch,
    )
    walk.emit(thread, threads)
