"""Principal components: the directions along which points differ most.

Few pictures have more than two axes. Of many dimensions the two are taken along which
the points are spread widest, and what they hold of the whole spread is said.
"""

from __future__ import annotations

import numpy as np

from seegrad.draw.inputs import Floats


def principal(points: Floats, centre: Floats, count: int = 2) -> tuple[Floats, Floats]:
    """The first directions (count, D) of points (N, D) around a centre; their shares.

    X - centre = U S V'; the directions are the rows of V', the shares S^2 / sum S^2
    (Pearson 1901). The largest entry of each is positive, so that a picture does not
    depend on the machine. Directions that the points do not have are zeros.

    >>> directions, shares = principal(np.array([[0.0, 0.0], [0.0, 2.0]]), np.zeros(2))
    >>> directions[0].tolist(), shares.tolist()
    ([0.0, 1.0], [1.0, 0.0])
    """
    _, sizes, rows = np.linalg.svd(points - centre, full_matrices=False)
    directions = np.zeros((count, points.shape[1]))
    shares = np.zeros(count)
    total = float((sizes**2).sum()) or 1.0
    for k in range(min(count, len(sizes))):
        if sizes[k] > 1e-12 * sizes[0] and sizes[k] > 0.0:
            largest = int(np.abs(rows[k]).argmax())
            directions[k] = rows[k] * np.sign(rows[k, largest])
            shares[k] = sizes[k] ** 2 / total
    return directions + 0.0, shares
