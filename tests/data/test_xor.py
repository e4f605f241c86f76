"""Exclusive or: the label is the sign of the product."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seegrad import data


@given(n=st.integers(2, 60), seed=st.integers(0, 2**40))
def test_still_points_lie_in_the_quarter_of_their_class(n, seed):
    """Class 1 where exactly one coordinate is positive; all within the square."""
    x, y = data.xor(n, noise=0.0, seed=seed)
    np.testing.assert_array_equal((x[:, 0] > 0) != (x[:, 1] > 0), y == 1)
    assert np.abs(x).max() <= 1.0


def test_quarters_hold_as_many_points():
    """400 points, 100 in each quarter."""
    x, _ = data.xor(400, noise=0.0)
    assert [100] * 4 == np.bincount(2 * (x[:, 0] > 0) + (x[:, 1] > 0)).tolist()


def test_no_straight_line_separates_the_classes():
    """The best linear fit to the labels explains next to nothing."""
    x, y = data.xor(1000)
    columns = np.column_stack([x, np.ones(1000)])
    fitted = columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    assert np.abs(fitted - 0.5).max() < 0.15
