"""How a matrix product is cut up: into tiles, strips and blocks that fit the caches.

Everything is decided from the sizes alone, never from the number of threads: that is
why the result is the same to the last bit however many of them share the work.
"""

from __future__ import annotations

from dataclasses import dataclass

from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_split import Split
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.products.tiles import Tile, best_tile

DEPTH = 4096  # so many k are added before sums that are not whole are kept
ACROSS = 1024  # columns that are packed together where the left factor is packed too
KEPT = 1 << 20  # sums that are kept
BLOCK = 6  # tiles at least that are packed together
FEW = 6  # tiles in a row that do not pay for packing what they share
MANY = 16  # tiles in a row that pay for it wherever it is
PAGE = 4096
PAGES = 64  # pages that a processor remembers, with room to spare
WAYS = 8  # numbers with a page, or several, between them that a cache can hold


@dataclass(frozen=True)
class Plan:
    """The cuts of one product, and what of it is packed.

    ``rows`` are cut into tiles, the vectors of the ``columns`` into strips, the
    ``inner`` size into depths. ``block_rows`` tiles and ``block_columns`` strips are
    worked on together; ``heavy`` tells that finishing is long, so that it is written
    in a loop. ``by_rows`` tells that tiles come in the order in which their results
    lie in memory, for finishing them reads and writes more than the factors.
    """

    tile: Tile
    rows: Split
    columns: Split
    inner: Split
    missing: int
    block_rows: int
    block_columns: int
    packs_left: bool
    packs_right: bool
    heavy: bool
    by_rows: bool
    lanes: int

    @property
    def strip(self) -> int:
        """Numbers of one k in a packed strip of the right factor."""
        return self.tile.width * self.lanes

    @property
    def right_size(self) -> int:
        """Numbers of scratch memory for the packed right factor."""
        size = self.block_columns * self.strip * self.inner.size
        return size * self.packs_right

    @property
    def left_strip(self) -> int:
        """Numbers of a packed tile of the left factor, and a vector of room."""
        size = self.tile.rows * self.inner.size + self.lanes
        return -(-size // self.lanes) * self.lanes

    @property
    def left_size(self) -> int:
        """Numbers for the packed left factor."""
        return self.block_rows * self.left_strip * self.packs_left

    @property
    def sums_size(self) -> int:
        """Numbers for sums that are not whole yet, or that are finished in a loop."""
        size = self.tile.rows * self.strip
        if self.inner.parts > 1:
            return self.rows.parts * self.block_columns * size
        return size * self.heavy


def plan(
    vectors: Vectors,
    sizes: tuple[int, int, int],
    left: Operand,
    right: Operand,
    heavy: bool,
    updates: bool = False,
) -> Plan:
    """The plan for sizes (rows, columns, inner) with factors read in these ways."""
    rows, columns, inner = sizes
    machine, itemsize, lanes = vectors.machine, vectors.itemsize, vectors.lanes
    across = -(-columns // lanes)
    tile = best_tile(machine.vector_registers, rows, across, inner)
    tall, wide = Split.at_most(tile.rows, rows), Split.at_most(tile.width, across)
    depths = Split.at_most(DEPTH, inner)
    deep = depths.parts > 1

    def pays(operand: Operand, outer: int, uses: int) -> bool:
        """Whether a factor that can be read in place is better packed before."""
        far = uses > FEW and _scattered(operand, outer, inner, itemsize)
        return deep or far or (uses > 1 and not operand.cheap)

    packs_left = wide.parts > 1 and pays(left, rows, wide.parts)
    packs_right = right.contiguous != "outer" or pays(right, columns, tall.parts)
    by_rows = updates and not (deep or packs_left or packs_right)
    packs_right = packs_right or (tall.parts > MANY and not by_rows)
    tile_bytes = tile.rows * depths.size * itemsize
    block_rows = max(BLOCK, machine.level_2 // 2 // tile_bytes)
    most = min(ACROSS, KEPT // rows) if deep else ACROSS
    block_columns = max(1, most // (tile.width * lanes))
    blocks = deep or packs_left
    return Plan(
        tile=tile,
        rows=tall,
        columns=wide,
        inner=depths,
        missing=across * lanes - columns,
        block_rows=min(tall.parts, block_rows) if blocks else tall.parts,
        block_columns=min(wide.parts, block_columns) if blocks else 1,
        packs_left=packs_left,
        packs_right=packs_right,
        heavy=heavy,
        by_rows=by_rows,
        lanes=lanes,
    )


def _scattered(operand: Operand, outer: int, inner: int, itemsize: int) -> bool:
    """Whether the rows of a factor are on pages of their own in memory.

    Many pages are slow to find, and places with the same distance from their beginning
    compete for the same room in a cache.
    """
    if operand.contiguous == "inner":
        return inner * itemsize >= 2 * PAGE
    length = outer * itemsize
    return length >= PAGE and inner > (PAGES if length % PAGE else WAYS)
