"""The matrix product, written for one pair of sizes: the compiler's fastest loops.

``out[i, j] = finish(sum_k left(i, k) * right(k, j))``. The factors are read through
functions and the results handed to one, so that whatever comes before and after a
product can melt into it and never touches memory.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.products.product_dots import Dots, dots_size, suits_dots
from seegrad.compiler.products.product_factors import Left, Right
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_plan import plan
from seegrad.compiler.products.product_sums import Finish, Sums
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.products.product_walk import Fetch, Walk


class MatrixProduct:
    """A product of known sizes (rows, columns, inner), ready to be written.

    ``heavy`` tells that finishing is long, so that it is written once and not for every
    vector of a tile. Where it reads and writes much memory, ``fetch(i, j)`` asks for
    that beforehand.
    """

    def __init__(
        self,
        vectors: Vectors,
        sizes: tuple[int, int, int],
        left: Operand,
        right: Operand,
        heavy: bool = False,
        fetch: Fetch | None = None,
    ) -> None:
        self.vectors, self.sizes = vectors, sizes
        self.left, self.right, self.fetch = left, right, fetch
        updates, dots = fetch is not None, suits_dots(sizes, right)
        self.plan = None if dots else plan(vectors, sizes, left, right, heavy, updates)

    @property
    def scratch_bytes(self) -> int:
        """Bytes of scratch memory that each thread needs, at a multiple of 64."""
        v, p = self.vectors, self.plan
        if p is None:
            size = dots_size(self.sizes, v.lanes)
        else:
            size = p.right_size + p.left_size + p.sums_size
        return -(-size * v.itemsize // 64) * 64

    def emit(self, finish: Finish, scratch: Any, thread: Any, threads: Any) -> None:
        """Write it into the function that is being built.

        ``finish(i, j, sums, lanes, valid)`` is called for each vector of results once,
        by one thread, with Python's ints for lanes and valid. The vector lies along j,
        so one column wastes most of it: better compute the transpose.
        """
        v, p, left, right = self.vectors, self.plan, self.left, self.right
        if p is None:
            Dots(v, self.sizes, left, right, finish, scratch).emit(thread, threads)
            return
        packed = v.address(scratch, p.right_size)
        kept = v.address(scratch, p.right_size + p.left_size)
        factors = Left(v, p, left, packed), Right(v, p, right, scratch)
        walk = Walk(v, p, *factors, Sums(v, p, finish, kept), self.fetch)
        walk.emit(thread, threads)
