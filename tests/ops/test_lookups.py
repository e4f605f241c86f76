"""Looking numbers up by position: gather, take, scatter_add, and back again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad.errors import IndexRangeError, ShapeError


@given(st.data())
def test_gather_reads_along_one_axis(data):
    """As np.take_along_axis, with repeated positions adding up backwards."""
    x = np.arange(12.0).reshape(3, 4)
    dim = data.draw(st.sampled_from([0, 1, -1]))
    length = x.shape[dim]
    count = data.draw(st.integers(1, 5))
    shape = (count, 4) if dim == 0 else (3, count)
    positions = st.lists(
        st.integers(-length, length - 1),
        min_size=int(np.prod(shape)),
        max_size=int(np.prod(shape)),
    )
    index = np.array(data.draw(positions)).reshape(shape)
    leaf = sg.tensor(x, requires_grad=True)
    out = sg.gather(leaf, dim, index)
    np.testing.assert_array_equal(np.take_along_axis(x, index, dim), out.data)
    out.sum().backward()
    assert index.size == leaf.grad.sum()


@pytest.mark.parametrize(
    ("dim", "index", "error", "words"),
    [
        (0, [0], ShapeError, r"an index of 2 axes, not shape \(1,\)"),
        (0, 0, ShapeError, r"an index of 2 axes, not shape \(\)"),
        (0, [[5]], IndexRangeError, "index 5 is outside dim 0 of length 2"),
        (2, [[0]], IndexRangeError, "dim 2 is outside"),
        (0, [[0.5]], IndexRangeError, "whole numbers"),
        (0, [[0, 0, 0, 0]], IndexRangeError, "outside dim 1 of length 3"),
    ],
)
def test_gather_refuses_positions_that_do_not_exist(dim, index, error, words):
    """With the position, the axis and its length."""
    with pytest.raises(error, match=words) as caught:
        sg.ones(2, 3).gather(dim, index)
    assert caught.value.hint


def test_scatter_add_is_the_opposite_of_taking():
    """Numbers for one place add up; places without numbers are 0."""
    x = sg.tensor([1.0, 2.0, 4.0], requires_grad=True)
    out = sg.scatter_add(x, np.array([0, 0, 2]), 0, 4)
    assert [3.0, 0.0, 4.0, 0.0] == out.tolist()
    (out * sg.arange(4)).sum().backward()
    assert [0.0, 0.0, 2.0] == x.grad.tolist()


def test_an_empty_list_of_positions_reads_nothing():
    """And sends no gradient."""
    x = sg.ones(3, requires_grad=True)
    out = x[[]]
    assert (0,) == out.shape
    out.sum().backward()
    assert [0.0] * 3 == x.grad.tolist()


def test_tensors_are_positions_and_masks():
    """Integer tensors and comparisons index, as arrays do."""
    x = sg.tensor([1.0, 5.0, 3.0])
    assert [3.0, 1.0] == x[sg.tensor([2, 0])].tolist()
    assert [5.0, 3.0] == x[x > 2.0].tolist()
    assert 5.0 == x[x.argmax()].item()


def test_a_plain_array_is_indexed_as_a_tensor_is():
    """getitem on data gives data."""
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(x[:, [0, 0]], sg.getitem(x, (slice(None), [0, 0])))
    with pytest.raises(IndexRangeError):
        sg.getitem(x, 9)
