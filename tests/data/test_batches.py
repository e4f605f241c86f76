"""Batches meet every row once a pass, in an order given by seed and pass alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad.data import Batches, batches
from seegrad.errors import ArgumentError, DataError, InputTypeError, SeegradError


class Readable:
    """Stands for a Tensor: gives its array when asked."""

    def __init__(self, array):
        self.array = array

    def numpy(self):
        return self.array


def rows_of(one_pass):
    """The rows of a pass in the order met, of batches of x alone."""
    return [row for xb in one_pass for row in xb.tolist()]


@given(rows=st.integers(1, 60), size=st.integers(1, 70), shuffle=st.booleans())
def test_a_pass_meets_every_row_once(rows, size, shuffle):
    """With its label, in batches of `size` and one for the rest."""
    x = np.arange(rows)
    portions = batches(x, 10 * x, size=size, shuffle=shuffle)
    met = list(portions)
    assert len(portions) == len(met)
    assert list(range(rows)) == sorted(row for xb, _ in met for row in xb.tolist())
    assert all((10 * xb == yb).all() for xb, yb in met)
    assert [size] * (rows // size) == [len(xb) for xb, _ in met][: rows // size]


@given(rows=st.integers(1, 60), size=st.integers(1, 60))
def test_drop_last_leaves_full_batches_only(rows, size):
    """The rest is left out of the pass; too few rows are an error."""
    if rows < size:
        with pytest.raises(ArgumentError, match="drop_last=True drops the only batch"):
            batches(np.arange(rows), size=size, drop_last=True)
        return
    portions = batches(np.arange(rows), size=size, drop_last=True)
    assert [size] * (rows // size) == [len(xb) for xb in portions]
    assert rows // size == len(portions)


def test_each_pass_has_a_fresh_order():
    """Three passes over one object, three orders."""
    portions = batches(np.arange(50))
    orders = [rows_of(portions) for _ in range(3)]
    assert 3 == len({tuple(order) for order in orders})
    assert 3 == portions.passes


def test_order_depends_on_seed_and_pass_alone():
    """Not on the size, nor on what was drawn before; another seed is another order."""
    first = batches(np.arange(50), size=32, seed=4)
    second = batches(np.arange(50), size=7, seed=4)
    for _ in range(2):
        assert rows_of(first) == rows_of(second)
    assert rows_of(first) != rows_of(batches(np.arange(50), seed=5))


def test_without_shuffle_rows_come_as_they_are():
    """On every pass."""
    portions = batches(np.arange(10), size=4, shuffle=False)
    for _ in range(2):
        assert [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]] == [xb.tolist() for xb in portions]


def test_setting_passes_resumes():
    """A new object told to be at pass 2 goes on as the old one would."""
    portions = batches(np.arange(30), seed=1)
    expected = [rows_of(portions) for _ in range(4)][2:]
    resumed = batches(np.arange(30), seed=1)
    resumed.passes = 2
    assert expected == [rows_of(resumed) for _ in range(2)]


def test_order_tells_which_rows_a_pass_meets():
    """Asking changes nothing."""
    portions = batches(np.arange(30), size=8)
    expected = portions.order(1).tolist()
    assert 0 == portions.passes
    rows_of(portions)
    assert expected == rows_of(portions)


def test_two_loops_at_once_are_two_passes():
    """Each keeps its own order, however they interleave."""
    portions = batches(np.arange(20), size=5, seed=3)
    expected = [portions.order(0).tolist(), portions.order(1).tolist()]
    pairs = list(zip(portions, portions, strict=True))
    assert expected == [rows_of(pair[k] for pair in pairs) for k in (0, 1)]


def test_a_loop_broken_off_counts_as_a_pass():
    """The next loop has the next order."""
    portions = batches(np.arange(20), size=5)
    next(iter(portions))
    assert portions.order(1).tolist() == rows_of(portions)


def test_x_alone_yields_arrays():
    """No tuple when there is no y."""
    (xb,) = batches(np.zeros((3, 2), np.float32))
    assert ((3, 2), np.float32) == (xb.shape, xb.dtype)


def test_tensors_and_lists_are_read():
    """Anything with .numpy(), and plain lists; floats become float32."""
    ((xb, yb),) = batches(Readable(np.eye(3)), [0.5, 1.5, 2.5], shuffle=False)
    np.testing.assert_array_equal(np.eye(3), xb)
    assert (np.float64, np.float32) == (xb.dtype, yb.dtype)


@pytest.mark.parametrize("shuffle", [True, False])
def test_batches_are_copies(shuffle):
    """Changing a batch leaves the data alone, read-only data too."""
    x = np.ones(10)
    x.flags.writeable = False
    for xb in batches(x, size=3, shuffle=shuffle):
        xb[:] = 0.0
    assert 10.0 == x.sum()


@pytest.mark.parametrize(
    ("size", "error", "words"),
    [
        (0, ArgumentError, "size must be 1 or more, not 0"),
        (-1, ArgumentError, "size must be 1 or more, not -1"),
        (2.5, InputTypeError, "size must be a whole number, not 2.5 (float)"),
        (None, InputTypeError, "size must be a whole number, not None (NoneType)"),
    ],
)
def test_bad_size_is_refused_at_once(size, error, words):
    """Before any loop begins."""
    with pytest.raises(error) as caught:
        batches(np.zeros(5), size=size)
    assert f"{words}\n  in   batches\n  try  size=1, or more" == str(caught.value)


def test_drop_last_of_the_only_batch_says_so():
    """With the numbers, and both ways out."""
    with pytest.raises(ArgumentError) as caught:
        batches(np.zeros(5), size=8, drop_last=True)
    expected = (
        "drop_last=True drops the only batch: 5 rows are fewer than size=8\n"
        "  in   batches\n"
        "  try  drop_last=False, or size=5 or less"
    )
    assert expected == str(caught.value)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.zeros((0, 2)), None, "x is empty"),
        (np.zeros(2), np.zeros(0), "y is empty"),
        (np.zeros(5), np.zeros(4), "x has 5 rows and y has 4"),
        ([], [], "x is empty"),
    ],
)
def test_data_that_cannot_be_cut_is_refused_at_once(x, y, words):
    """Empty, or of two lengths."""
    with pytest.raises(DataError, match=words):
        batches(x, y)


@pytest.mark.parametrize("number", [-1, 1.5, "2"])
def test_passes_is_a_count(number):
    """A refused value changes nothing."""
    portions = batches(np.zeros(5))
    with pytest.raises(SeegradError, match="passes must be"):
        portions.passes = number
    assert 0 == portions.passes


def test_repr_says_what_it_holds():
    """Rows, batches and size."""
    portions = batches(np.zeros((10, 2)), size=4)
    assert isinstance(portions, Batches)
    assert "Batches(10 rows in 3 batches of 4)" == repr(portions)
