"""Which products are worth the ways that run over windows, and which way is best.

A product sees an image through windows where a counter of its columns and an inner one
meet in one coordinate, or where its columns are places that cannot be walked with one
counter. One way has its lanes along the rows of the image, the other along the rows of
the product. The cheaper one is taken.
"""

from __future__ import annotations

from seegrad.compile.access import Access
from seegrad.compile.kernels import Kernel
from seegrad.compile.product_target import Target
from seegrad.compile.window_product import WindowProduct
from seegrad.compile.window_sums import WindowSums


def window_writer(
    access: Access, kernel: Kernel, target: Target, straight: bool
) -> WindowProduct | WindowSums | None:
    """The best writer for a product over windows; None where it is none.

    ``straight`` tells that all columns can be walked with one counter.
    """
    if not kernel.parts[2]:  # a product with a vector has no columns
        return None
    across, along = (
        WindowProduct(access, kernel, target),
        WindowSums(access, kernel, target),
    )
    if straight and not across.slides:
        return None
    if across.fits and (not along.fits or across.cycles() <= along.cycles()):
        return across
    return along if along.fits else None
