"""The geometry of circles is scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest

from seegrad import data
from seegrad.errors import ArgumentError

# make_circles(7, shuffle=False, noise=None, factor=0.5) of scikit-learn 1.9.
REFERENCE = [
    (1.0, 0.0, 0),
    (-0.5, 0.866025, 0),
    (-0.5, -0.866025, 0),
    (0.5, 0.0, 1),
    (0.0, 0.5, 1),
    (-0.5, 0.0, 1),
    (0.0, -0.5, 1),
]


def test_still_circles_are_those_of_scikit_learn():
    """The same points with the same labels, in whatever order."""
    x, y = data.circles(7, noise=0.0, factor=0.5)
    rounded = np.column_stack([x, y]).round(4) + 0.0
    np.testing.assert_allclose(sorted(REFERENCE), sorted(rounded.tolist()), atol=1e-4)


@pytest.mark.parametrize("factor", [0.0, 0.3, 0.99])
def test_factor_is_the_inner_radius(factor):
    """Class 0 lies at radius 1, class 1 at the radius `factor`."""
    x, y = data.circles(50, noise=0.0, factor=factor)
    radius = np.linalg.norm(x, axis=1)
    np.testing.assert_allclose(np.where(y == 0, 1.0, factor), radius, atol=1e-6)


@pytest.mark.parametrize("factor", [1.0, 2.0, -0.5])
def test_factor_outside_its_range_is_refused(factor):
    """The second circle lies inside the first."""
    with pytest.raises(ArgumentError, match="factor must be"):
        data.circles(factor=factor)
