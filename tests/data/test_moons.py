"""The geometry of moons is scikit-learn's."""

from __future__ import annotations

import numpy as np

from seegrad import data

# make_moons(7, shuffle=False, noise=None) of scikit-learn 1.9: x, y, label.
REFERENCE = [
    (1.0, 0.0, 0),
    (0.0, 1.0, 0),
    (-1.0, 0.0, 0),
    (0.0, 0.5, 1),
    (0.5, -0.366025, 1),
    (1.5, -0.366025, 1),
    (2.0, 0.5, 1),
]


def test_still_moons_are_those_of_scikit_learn():
    """The same points with the same labels, in whatever order."""
    x, y = data.moons(7, noise=0.0)
    actual = sorted(np.column_stack([x, y]).round(4).tolist())
    np.testing.assert_allclose(sorted(REFERENCE), actual, atol=1e-4)


def test_points_with_a_seed_are_the_stored_ones():
    """The numbers of the tutorial stay those of the tutorial."""
    x, y = data.moons(4, noise=0.1, seed=0)
    expected = [
        [-0.8290638, 0.0822397],
        [1.0859954, -0.0590310],
        [-0.1686961, 0.5426707],
        [1.9002043, 0.4900407],
    ]
    np.testing.assert_allclose(expected, x, atol=1e-6)
    assert [0, 0, 1, 1] == y.tolist()
