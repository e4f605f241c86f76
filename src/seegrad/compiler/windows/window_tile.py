"""One tile of a convolution: so many channels by so many vectors of places.

For one value of the inner counters after the other, the pixels are loaded from the box
at an offset from a list, and each weight is multiplied with all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seegrad.compiler.products.tiles import Tile, accumulate
from seegrad.compiler.windows.stage import Stage
from seegrad.compiler.windows.window_kernel import Windows


@dataclass(frozen=True)
class Tiles:
    """Tiles of one shape; the sums of a row are kept ``plane`` numbers apart.

    ``stage`` holds the pixels, ``there`` ones where there are any, and ``offsets`` the
    list of where the pixels of a window are.
    """

    windows: Windows
    tile: Tile
    plane: int
    stage: Stage
    there: Stage
    offsets: Any

    def sum(self, strip: Any, places: list[Any], kept: Any) -> None:
        """Sum a tile; ``places`` tell where its vectors begin in the box."""
        w, v, rows = self.windows, self.windows.vectors, self.tile.rows
        starts = [v.address(self.stage.pointer, place) for place in places]

        def pixels(k: Any, n: int) -> Any:
            return v.load(starts[n], w.entry(self.offsets, k))

        def weight(k: Any, row: int) -> Any:
            return v.load_number(strip, v.plus(v.times(k, rows), row))

        sums = accumulate(v, self.tile, w.depth, weight, pixels)
        for n, value in enumerate(sums):
            row, column = divmod(n, self.tile.width)
            v.store(value, kept, row * self.plane + column * v.lanes)

    def sum_what_is_there(self, strip: Any, places: list[Any], kept: Any) -> None:
        """The same, slowly: zero times infinity must not be added."""
        w, v, loops = self.windows, self.windows.vectors, self.windows.loops
        b, rows = loops.builder, self.tile.rows
        spots = [n * v.lanes for n in range(self.tile.width)]

        def clear(r: Any) -> None:
            for spot in spots:
                v.store(v.zero, kept, v.plus(v.times(r, self.plane), spot))

        def step(k: Any) -> None:
            offset = w.entry(self.offsets, k)
            at = [b.add(place, offset) for place in places]
            pixels = [v.load(self.stage.pointer, n) for n in at]
            ones = [v.load(self.there.pointer, n) for n in at]
            there = [b.fcmp_ordered("!=", one, v.zero) for one in ones]

            def row(r: Any) -> None:
                weight = v.load_number(strip, b.add(v.times(k, rows), r))
                weight, line = v.broadcast(weight), v.times(r, self.plane)
                for n, pixel, inside in zip(spots, pixels, there, strict=True):
                    old = v.load(kept, v.plus(line, n))
                    new = v.multiply_add(weight, pixel, old)
                    v.store(b.select(inside, new, old), kept, v.plus(line, n))

            loops.loop(0, rows, row)

        loops.loop(0, rows, clear)
        loops.loop(0, w.depth, step)
