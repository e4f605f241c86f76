"""Split keeps every row once, with its label, on the side it was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seegrad.data import split
from seegrad.errors import (
    ArgumentError,
    DataError,
    InputTypeError,
    ShapeError,
)


class Readable:
    """Stands for a Tensor: gives its array when asked."""

    def __init__(self, array):
        self.array = array

    def numpy(self):
        return self.array


@given(
    rows=st.integers(2, 80),
    share=st.floats(0.01, 0.5),
    seed=st.integers(0, 2**40),
    stratify=st.booleans(),
)
def test_every_row_is_on_one_side_with_its_label(rows, share, seed, stratify):
    """Nothing lost, nothing twice, pairs kept together."""
    x, y = np.arange(rows), np.arange(rows) * 10
    labels = np.zeros(rows) if stratify else y
    x_train, x_test, y_train, y_test = split(x, labels, share, seed, stratify)
    assert np.arange(rows).tolist() == sorted([*x_train, *x_test])
    if not stratify:
        np.testing.assert_array_equal(x_train * 10, y_train)
        np.testing.assert_array_equal(x_test * 10, y_test)


@pytest.mark.parametrize(
    ("rows", "test", "expected"),
    [
        (10, 0.2, 2),
        (1797, 0.2, 360),
        (7, 0.5, 4),
        (100, 0.07, 7),
        (2, 0.01, 1),
        (9, 3, 3),
        (9, np.int64(1), 1),
        (10, np.float32(0.5), 5),
    ],
)
def test_share_is_rounded_up_and_a_whole_number_is_a_count(rows, test, expected):
    """The test side has the stated number of rows, as in scikit-learn."""
    x_train, x_test, _, _ = split(np.zeros((rows, 3)), np.zeros(rows), test=test)
    assert (rows - expected, expected) == (len(x_train), len(x_test))


def test_same_seed_same_split_and_other_seed_another():
    """The rows on the test side are given by the seed."""
    x = np.arange(100)
    first, again, other = (split(x, x, seed=seed)[1].tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_rows_are_in_random_order():
    """A file sorted by class is not sorted afterwards."""
    x_train = split(np.arange(100), np.arange(100))[0]
    assert sorted(x_train) != x_train.tolist()


@given(
    sizes=st.lists(st.integers(2, 30), min_size=2, max_size=5),
    share=st.floats(0.3, 0.7),
)
def test_stratified_classes_keep_their_share(sizes, share):
    """Within a row of the exact share, and those lent to classes too small for one."""
    y = np.repeat(np.arange(len(sizes)), sizes)
    count = int(np.ceil(share * len(y) - 1e-9))
    assume(min(count, len(y) - count) >= len(sizes))
    _, _, y_train, y_test = split(y, y, test=share, stratify=True)
    held_out = np.bincount(y_test, minlength=len(sizes))
    assert count == len(y_test)
    assert (np.bincount(y_train, minlength=len(sizes)) > 0).all()
    assert (held_out > 0).all()
    exact = np.array(sizes) * count / len(y)
    lent = np.maximum(1 - exact, 0) + np.maximum(exact - np.array(sizes) + 1, 0)
    assert (np.abs(exact - held_out) < 1 + lent.sum() + 1e-9).all()


def test_stratify_keeps_a_rare_class():
    """Two of a hundred: one on each side."""
    y = np.array([0] * 98 + [1] * 2)
    _, _, y_train, y_test = split(y, y, stratify=True)
    assert (1, 1) == (y_train.sum(), y_test.sum())


def test_stratify_reads_a_column_of_labels():
    """Y of shape (rows, 1), as a network's target often is."""
    y = np.array([0.0, 1.0] * 10).reshape(-1, 1)
    _, _, y_train, y_test = split(y, y, stratify=True)
    assert ((16, 1), 2.0) == (y_train.shape, y_test.sum())


def test_dtypes_are_kept_and_lists_become_float32():
    """Arrays stay as they are; Python floats are what a Tensor would make of them."""
    x, y = np.zeros((5, 2), np.float16), np.array(list("abcde"))
    x_train, _, y_train, _ = split(x, y)
    assert (np.float16, y.dtype) == (x_train.dtype, y_train.dtype)
    x_train, _, y_train, _ = split([[0.5], [1.5], [2.5]], [0, 1, 1])
    assert (np.float32, np.int64) == (x_train.dtype, y_train.dtype)


def test_tensors_are_read():
    """Anything with .numpy() is as good as an array."""
    x = np.arange(10.0)
    for expected, actual in zip(split(x, x), split(Readable(x), x), strict=True):
        np.testing.assert_array_equal(expected, actual)


def test_sides_are_copies():
    """Changing them leaves the data alone."""
    x = np.ones(10)
    for side in split(x, x):
        side[:] = 0.0
    assert 10.0 == x.sum()


def test_nan_is_left_alone():
    """Splitting is no judgement of the data."""
    x = np.full((4, 1), np.nan)
    assert np.isnan(split(x, x)[0]).all()


def test_unequal_lengths_are_refused():
    """The error gives both."""
    with pytest.raises(DataError) as caught:
        split(np.zeros((5, 2)), np.zeros(4))
    expected = (
        "x has 5 rows and y has 4: every row needs one label\n"
        "  in   split\n"
        "  try  check which rows were dropped; x is (5, 2), y is (4,)"
    )
    assert expected == str(caught.value)


def test_empty_data_is_refused():
    """With the shape that was met."""
    with pytest.raises(DataError, match=r"x is empty: its shape is \(0, 2\)"):
        split(np.zeros((0, 2)), np.zeros(0))


@pytest.mark.parametrize(
    ("rows", "test", "side"),
    [
        (5, 0.0, "test"),
        (5, 0, "test"),
        (5, 1.0, "training"),
        (5, 0.9, "training"),
        (5, 5, "training"),
        (1, 0.2, "training"),
    ],
)
def test_a_share_that_leaves_a_side_empty_is_refused(rows, test, side):
    """The error says which side."""
    with pytest.raises(ArgumentError, match=f"rows leaves the {side} side empty"):
        split(np.zeros(rows), np.zeros(rows), test=test)


@pytest.mark.parametrize("test", [-0.1, float("nan")])
def test_impossible_share_is_refused(test):
    """Not negative, not NaN."""
    with pytest.raises(ArgumentError, match="test must be a finite number"):
        split(np.zeros(5), np.zeros(5), test=test)


@pytest.mark.parametrize(
    "x", [3.0, None, [[1, 2], [3]], np.array([None, {}]), {"a": 1}]
)
def test_things_that_are_not_rows_are_refused(x):
    """A number, nothing, ragged lists, objects."""
    with pytest.raises(InputTypeError, match="x must be an array with one row"):
        split(x, np.zeros(2))


def test_stratify_needs_classes():
    """One label a row, two rows a class, room for every class on each side."""
    x = np.arange(6)
    with pytest.raises(ShapeError, match=r"y has shape \(6, 2\)"):
        split(x, np.zeros((6, 2)), stratify=True)
    with pytest.raises(DataError, match="class 0 has 1 row, which cannot be on both"):
        split(x, x, stratify=True)
    with pytest.raises(ArgumentError, match="a side of 2 rows cannot hold all 3"):
        split(x, x // 2, test=2, stratify=True)
