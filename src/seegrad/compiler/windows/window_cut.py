"""How the places in a window are cut into tiles of one shape.

The columns of a tile stand at fixed distances in the box, so that one pointer reads
them all: a few steps of one counter, with everything that the later ones run over. The
last tile along that counter may reach beyond its end; what it sums there is dropped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from seegrad.compiler.products.tiles import OVERHEAD, Tile, fitting

WIDEST = 4  # vectors of a tile


@dataclass(frozen=True)
class Cut:
    """Tiles of ``several`` values of axis number ``axis`` and all that comes after it.

    ``lengths`` are those of the columns' axes, ``groups`` the number of strips of
    ``width`` vectors that the rows are cut into.

    >>> Cut((16, 5, 5), 1, 2, 1, 2).tall, Cut((16, 5, 5), 1, 2, 1, 2).tiles
    (10, 48)
    """

    lengths: tuple[int, ...]
    axis: int
    several: int
    width: int
    groups: int

    @property
    def tall(self) -> int:
        """Columns in a tile."""
        return self.several * math.prod(self.lengths[self.axis + 1 :])

    @property
    def rest(self) -> int:
        """Columns that the last tile along the axis has, if not all of them; or 0."""
        return self.lengths[self.axis] % self.several * (self.tall // self.several)

    @property
    def along(self) -> int:
        """Tiles along the axis that is cut."""
        return -(-self.lengths[self.axis] // self.several)

    @property
    def tiles(self) -> int:
        """Tiles that cover all columns."""
        return math.prod(self.lengths[: self.axis]) * self.along

    @property
    def beyond(self) -> int:
        """Steps that the last tile reaches beyond the end of the axis."""
        return self.along * self.several - self.lengths[self.axis]

    def cycles(self, depth: int) -> float:
        """About how long it takes to sum so many products for every result."""
        sums = self.tall * self.width
        steady = max(sums / 2, (self.tall + self.width) / 2, 4)
        return self.tiles * self.groups * (depth * steady + OVERHEAD + 3 * sums)


def cuts(
    lengths: tuple[int, ...], backwards: list[bool], vectors: int, registers: int
) -> list[Cut]:
    """Every cut whose tiles fit into the registers, for so many vectors of rows.

    What lies before a box must not be read: along an axis that runs ``backwards`` the
    tiles cover it exactly.
    """
    shapes = set(fitting(registers))
    found = [
        Cut(lengths, axis, several, width, -(-vectors // width))
        for axis, length in enumerate(lengths)
        for several in range(1, length + 1)
        for width in range(1, min(vectors, WIDEST) + 1)
    ]
    return [
        cut
        for cut in found
        if Tile(cut.tall, cut.width) in shapes
        and not (cut.beyond and backwards[cut.axis])
    ]
