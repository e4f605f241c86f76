"""Which products are worth the ways that run over windows, and which way is best.

A product sees an image through windows where a counter of its columns and an inner one
meet in one coordinate, or where its columns are places that cannot be walked with one
counter. One way has its lanes along the rows of the image, the other along the rows of
the product: the cheaper one is taken. What a stride steps over is computed in phases.
"""

from __future__ import annotations

from typing import Any

from seegrad.compiler.lowering.access import Access
from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.products.product_target import Target
from seegrad.compiler.windows.window_phases import phases
from seegrad.compiler.windows.window_product import WindowProduct
from seegrad.compiler.windows.window_sums import WindowSums


def window_writer(
    access: Access, kernel: Kernel, target: Target, straight: bool
) -> WindowProduct | WindowSums | Phased | None:
    """The best writer for a product over windows; None where it is none.

    ``straight`` tells that all columns can be walked with one counter.
    """
    if not kernel.parts[2]:  # a product with a vector has no columns
        return None
    across = WindowProduct(access, kernel, target)
    along = WindowSums(access, kernel, target)
    if not across.slides and (straight or not across.fits):
        return None
    parts = phases(kernel)
    if len(parts) > 1:
        writers = [WindowProduct(access, part, target) for part in parts]
        if all(writer.fits for writer in writers):
            return Phased(writers)
    if across.fits and (not along.fits or across.cycles() <= along.cycles()):
        return across
    return along if along.fits else None


class Phased:
    """Several writers, one after another, that fill different places of one result."""

    def __init__(self, writers: list[WindowProduct]) -> None:
        self.writers = writers

    def scratch_bytes(self) -> int:
        """How much memory of its own each thread needs."""
        return max(writer.scratch_bytes() for writer in self.writers)

    def write(self, thread: Any, threads: Any, scratch: Any) -> None:
        """All of them; no one has to wait."""
        for writer in self.writers:
            writer.write(thread, threads, scratch)
