"""Spirals wind as their formula says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad import data
from seegrad.errors import ArgumentError


@given(classes=st.integers(2, 5), turns=st.floats(0, 3), extra=st.integers(0, 20))
def test_still_points_lie_on_their_arm(classes, turns, extra):
    """At radius r the angle is 2 pi (turns r + k / classes), r from 0.1 to 1."""
    x, y = data.spirals(classes + extra, noise=0.0, classes=classes, turns=turns)
    radius = np.linalg.norm(x.astype(np.float64), axis=1)
    angle = 2 * np.pi * (turns * radius + y / classes)
    expected = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    np.testing.assert_allclose(expected, x, atol=1e-5)
    assert 0.0999 < radius.min()
    assert radius.max() < 1.0001


def test_arms_are_told_apart_by_a_bent_boundary_only():
    """The classes have nearly the same mean: no straight line does well."""
    x, y = data.spirals(400)
    means = [x[y == k].mean(axis=0) for k in (0, 1)]
    np.testing.assert_allclose(means[0], means[1], atol=0.4)


@pytest.mark.parametrize("bad", [{"classes": 1}, {"n": 2, "classes": 3}])
def test_arms_need_points(bad):
    """At least two arms, at least a point on each."""
    with pytest.raises(ArgumentError, match="or more, not"):
        data.spirals(**bad)


def test_negative_turns_are_refused():
    """The error names the setting."""
    with pytest.raises(ArgumentError, match="turns must be"):
        data.spirals(turns=-1.0)
