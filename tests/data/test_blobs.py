"""Blobs sit where their formula says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad import data
from seegrad.errors import ArgumentError


@given(classes=st.integers(2, 6), extra=st.integers(0, 20))
def test_without_spread_every_point_is_its_centre(classes, extra):
    """Centre k lies on a circle of radius 2 at the angle 2 pi k / classes."""
    x, y = data.blobs(classes + extra, classes=classes, spread=0.0)
    angle = 2 * np.pi * y / classes
    expected = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    np.testing.assert_allclose(expected, x, atol=1e-6)
    assert set(range(classes)) == set(y.tolist())


def test_nearest_centre_is_right_by_default():
    """With the default spread the clouds are apart."""
    x, y = data.blobs(600)
    centres = np.stack([x[y == k].mean(axis=0) for k in range(3)])
    nearest = np.linalg.norm(x[:, None] - centres, axis=2).argmin(axis=1)
    assert (nearest == y).mean() > 0.99


@pytest.mark.parametrize("bad", [{"classes": 1}, {"n": 4, "classes": 5}])
def test_clouds_need_points(bad):
    """At least two clouds, at least a point in each."""
    with pytest.raises(ArgumentError, match="or more, not"):
        data.blobs(**bad)
