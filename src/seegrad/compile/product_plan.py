"""How a matrix product is cut up: into tiles, strips and blocks that fit the caches.

Everything is decided from the sizes alone, never from the number of threads: that is
why the result is the same to the last bit however many of them share the work.
"""

from __future__ import annotations

from dataclasses import dataclass

from seegrad.compile.product_operand import Operand
from seegrad.compile.product_split import Split
from seegrad.compile.product_target import Target
from seegrad.compile.tiles import Tile, best_tile

DEPTH = 512  # so many k are added before the sums of a tile go to memory


@dataclass(frozen=True)
class Plan:
    """The cuts of one product, and what of it is packed.

    ``rows`` are cut into tiles, the vectors of the ``columns`` into strips, the
    ``inner`` size into depths. ``block_rows`` tiles and ``block_columns`` strips are
    worked on together; ``waits`` tells that sums are kept in memory until they are
    whole.
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
    waits: bool
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
    def left_size(self) -> int:
        """Numbers for the packed left factor; stores reach a vector further."""
        size = self.block_rows * self.tile.rows * self.inner.size + self.lanes
        return -(-size // self.lanes) * self.lanes * self.packs_left

    @property
    def sums_size(self) -> int:
        """Numbers for sums that are not whole yet."""
        tiles = self.block_rows * self.block_columns
        return tiles * self.tile.rows * self.strip * self.waits


def plan(
    target: Target,
    itemsize: int,
    sizes: tuple[int, int, int],
    left: Operand,
    right: Operand,
    heavy: bool,
) -> Plan:
    """The plan for sizes (rows, columns, inner) with factors read in these ways."""
    rows, columns, inner = sizes
    lanes = target.lanes(itemsize)
    vectors = -(-columns // lanes)
    tile = best_tile(target, rows, vectors, inner)
    tall, wide = Split.at_most(tile.rows, rows), Split.at_most(tile.width, vectors)
    direct = right.contiguous == "outer" and right.vector is not None and right.cheap
    depths = Split.at_most(DEPTH, inner)
    packs_left = (not left.cheap or inner * rows * itemsize > target.second_cache) and (
        wide.parts > 1
    )
    deep = depths.parts > 1
    strip_bytes = tile.rows * depths.size * itemsize
    block_rows = max(1, target.second_cache // 2 // strip_bytes)
    block_columns = max(1, 512 // (tile.width * lanes))
    blocks = deep or packs_left
    return Plan(
        tile=tile,
        rows=tall,
        columns=wide,
        inner=depths,
        missing=vectors * lanes - columns,
        block_rows=min(tall.parts, block_rows) if blocks else tall.parts,
        block_columns=min(wide.parts, block_columns) if blocks else 1,
        packs_left=packs_left,
        packs_right=deep or not direct,
        waits=heavy or deep,
        lanes=lanes,
    )
