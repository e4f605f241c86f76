"""Real handwriting: 1,797 digits of 13 people, eight by eight pixels each.

Small enough to travel inside the library and to learn in seconds, real enough that a
network has to generalise. The file is made by ``scripts/make_digits.py``.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from seegrad.data.base import Labels, Points


def digits() -> tuple[Points, Labels]:
    """The handwritten digits: x float32 (1797, 64) from 0 to 1, y int64 (1797,).

    A row is an image of 8 x 8, row by row, 0 paper and 1 ink; ``x.reshape(-1, 8, 8)``.
    The rows are in their published order, so `split` before training.

    Source: E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits,
    UCI Machine Learning Repository, doi 10.24432/C50P49, licence CC BY 4.0 (the test
    part, as scikit-learn has it).

    >>> x, y = digits()
    >>> x.shape, y[:10].tolist()
    ((1797, 64), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    images, labels = _stored()
    return images.astype(np.float32) / np.float32(16.0), labels.astype(np.int64)


@cache
def _stored() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The file as it is: images (1797, 64) from 0 to 16, labels (1797,)."""
    # Here, because it would be a tenth of the time that importing seegrad takes.
    from importlib.resources import files

    path = files("seegrad.data") / "digits.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        return archive["images"], archive["labels"]
