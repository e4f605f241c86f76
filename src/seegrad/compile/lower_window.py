"""Which products are worth the ways that run over windows, and which way is best.

A product reads through windows where its columns are places of an image and cannot be
walked with one counter. Both ways can compute it; one has its lanes along the rows of
the image, the other along the rows of the product. The cheaper one is taken.
"""

from __future__ import annotations

from seegrad.compile.access import Access
from seegrad.compile.plan import Kernel
from seegrad.compile.product_target import Target
from seegrad.compile.window_product import WindowProduct


def window_writer(
    access: Access, kernel: Kernel, target: Target
) -> WindowProduct | None:
    """The best writer for a product over windows; None where it is none."""
    ways = [WindowProduct(access, kernel, target)]
    fitting = [way for way in ways if way.fits]
    return min(fitting, key=lambda way: way.cycles(), default=None)
