"""Looking numbers up by position: gather, take, scatter_add, and back again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import seegrad as sg
from seegrad.errors import IndexRangeError, InputTypeError, ShapeError
from seegrad.facts import Where
from seegrad.mode import watching
from seegrad.op import REGISTRY
from seegrad.samples import calls

LOOKUPS = [op for op in REGISTRY.values() if op.kind == "lookup"]
SLICES = [REGISTRY["take_slice"], REGISTRY["place_slice"]]


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


def test_gather_may_read_only_the_first_of_the_other_axes():
    """As in PyTorch: the rows that index does not have are not read."""
    x = sg.tensor(np.arange(12.0).reshape(3, 4), requires_grad=True)
    out = x.gather(1, [[1, 1], [0, 3]])
    assert [[1.0, 1.0], [4.0, 7.0]] == out.tolist()
    out.sum().backward()
    assert [[0.0, 2.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0], [0.0] * 4] == x.grad.tolist()


def test_take_reads_whole_rows_and_scatter_add_puts_them_back():
    """Numbers for one place add up; places without numbers are 0."""
    x = sg.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
    rows = sg.take(x, [[2, 0], [2, -1]], 0)
    assert [[[5.0, 6.0], [1.0, 2.0]], [[5.0, 6.0], [5.0, 6.0]]] == rows.tolist()
    rows.sum().backward()
    assert [[1.0, 1.0], [0.0, 0.0], [3.0, 3.0]] == x.grad.tolist()


def test_scatter_add_is_the_opposite_of_taking():
    """And its own gradient is what is taken."""
    x = sg.tensor([1.0, 2.0, 4.0], requires_grad=True)
    out = sg.scatter_add(x, np.array([0, 0, 2]), 0, 4)
    assert [3.0, 0.0, 4.0, 0.0] == out.tolist()
    (out * sg.arange(4)).sum().backward()
    assert [0.0, 0.0, 2.0] == x.grad.tolist()


@given(st.data())
def test_many_numbers_for_one_place_add_up(data):
    """Along any axis, with axes before and after it, as np.add.at does."""
    shape = data.draw(hnp.array_shapes(max_dims=3, max_side=4))
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    length = shape[dim]
    places = hnp.arrays(
        np.int64,
        hnp.array_shapes(max_dims=2, max_side=4),
        elements=st.integers(-length, length - 1),
    )
    index = data.draw(places)
    x = np.arange(float(np.prod(shape))).reshape(shape)
    g = sg.take(x, index, dim)
    expected = np.zeros(shape)
    before = (slice(None),) * (dim % len(shape))
    np.add.at(expected, (*before, index), g)
    np.testing.assert_array_equal(expected, sg.scatter_add(g, index, dim, length))


@pytest.mark.parametrize(
    ("index", "error", "words"),
    [
        ([2, 5, 9], IndexRangeError, "index 5 is outside dim 1 of length 3"),
        (-4, IndexRangeError, "index -4 is outside dim 1 of length 3, shape"),
        ([0.5], IndexRangeError, "whole numbers, slices or booleans, not float"),
        ([True], IndexRangeError, "whole numbers, slices or booleans, not bool"),
    ],
)
def test_take_and_its_opposite_refuse_positions_that_do_not_exist(index, error, words):
    """Of a tensor too, which nobody reads beforehand."""
    x, index = sg.ones((2, 3)), sg.tensor(index)
    for call in (
        lambda: sg.take(x, index, 1),
        lambda: sg.scatter_add(sg.ones((2, *index.shape)), index, 1, 3),
        lambda: sg.gather(x, 1, index.reshape((1, -1))),
    ):
        with pytest.raises(error, match=words) as caught:
            call()
        assert caught.value.hint


def test_positions_have_the_shape_that_the_call_needs():
    """What does not line up is a ShapeError; a list has no axes to put back along."""
    gather, scatter_along = REGISTRY["gather"], REGISTRY["scatter_along"]
    index = np.zeros((2, 5), np.int64)
    with pytest.raises(ShapeError, match="do not lie along dim 0"):
        gather(sg.ones((3, 4)), index, dim=0)
    with pytest.raises(ShapeError, match=r"\(2, 3\) numbers for \(2, 5\)"):
        scatter_along(sg.ones((2, 3)), index, dim=0, shape=(3, 5))
    with pytest.raises(ShapeError, match="does not have the shape of the positions"):
        sg.scatter_add(sg.ones((2, 3)), index, 0, 4)
    with pytest.raises(InputTypeError, match="this is a list"):
        sg.scatter_add(sg.ones(2), [0, 1], 0, 4)


def test_nothing_is_taken_from_nowhere():
    """An axis of length 0 has no position, even where the result would be empty."""
    with pytest.raises(IndexRangeError, match="index 2 is outside dim 1 of length 2"):
        sg.ones((0, 2))[:, sg.tensor([2])]


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


@pytest.mark.parametrize("op", LOOKUPS, ids=str)
def test_a_lookup_looks_and_puts_where_it_says(op):
    """Number by number, from its source or to its target."""
    for (x, index), written in calls(op):
        settings = op.normal(x, index, **written)
        out = np.asarray(op(x, index, **settings))
        more = (index.__getitem__, x.shape, index.shape)
        if op.facts.source is not None:
            for i in np.ndindex(out.shape):
                assert x[op.facts.source(i, *more, **settings)] == out[i]
        else:
            expected = np.zeros(out.shape)
            for j in np.ndindex(x.shape):
                expected[op.facts.target(j, *more, **settings)] += x[j]
            np.testing.assert_allclose(expected, out)


@pytest.mark.parametrize("name", ["take_slice", "place_slice"])
def test_a_slice_moves_numbers_from_where_it_says(name):
    """Outside of the input, and where a condition fails, there are zeros."""
    op = REGISTRY[name]
    for (x,), settings in calls(op):
        out = op(x, **settings)
        for i in np.ndindex(out.shape):
            place = op.facts.source(i, x.shape, **settings)
            index, divisible = place if isinstance(place, Where) else (place, ())
            inside = all(0 <= k < n for k, n in zip(index, x.shape, strict=True))
            counts = inside and not any(offset % n for offset, n in divisible)
            assert (x[index] if counts else 0.0) == out[i]
            assert counts or op.facts.padded


def one_part(length):
    """Whatever may stand in an index for an axis of this length."""
    positions = st.integers(-length, length - 1)
    return st.one_of(
        positions,
        st.slices(length),
        hnp.arrays(np.int64, (2,), elements=positions),
        hnp.arrays(np.int8, (2, 1), elements=positions),
        st.sampled_from([2, length]).map(lambda n: np.arange(length) >= length - n),
    )


@given(st.data())
def test_every_index_reads_what_numpy_reads(data):
    """Numbers, slices, ..., None, positions and booleans, all of them mixed."""
    shape = data.draw(hnp.array_shapes(min_dims=2, max_dims=4, min_side=2, max_side=3))
    index = [data.draw(one_part(length)) for length in shape]
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(shape))] * 2)))
    index[first:last] = data.draw(st.sampled_from([[Ellipsis], index[first:last]]))
    for place in data.draw(st.lists(st.integers(0, len(index)), max_size=2)):
        index.insert(place, None)
    array = np.arange(float(np.prod(shape))).reshape(shape)
    try:
        expected = array[tuple(index)]
    except IndexError:  # two positions or three?
        with pytest.raises(IndexRangeError, match="do not go together"):
            sg.tensor(array)[tuple(index)]
        return
    slopes = np.zeros(shape)
    np.add.at(slopes, tuple(index), expected)
    tensors = [sg.tensor(p) if isinstance(p, np.ndarray) else p for p in index]
    for parts in (index, tensors):
        x = sg.tensor(array, requires_grad=True)
        out = x[tuple(parts)]
        np.testing.assert_array_equal(expected, out.data)
        assert expected.shape == out.shape
        out.backward(expected)
        np.testing.assert_array_equal(slopes, x.grad)


def test_positions_of_several_axes_are_checked_one_by_one():
    """A column too far must not become the next row."""
    rows, columns = sg.tensor([0, 0]), sg.tensor([1, 3])
    with pytest.raises(IndexRangeError, match="index 3 is outside dim 1 of length 3"):
        sg.ones((2, 3))[rows, columns]
    with pytest.raises(IndexRangeError, match=r"shapes \(2,\) and \(3,\) do not go"):
        sg.ones((2, 3))[rows, sg.tensor([0, 1, 2])]
    narrow = sg.tensor([0, 1], dtype=sg.uint8)
    assert [0.0, 301.0] == sg.arange(600.0).reshape((2, 300))[narrow, narrow].tolist()


def test_positions_are_an_input_and_can_be_watched():
    """A tensor of positions is itself what the op is given, not a copy."""
    positions, seen = sg.tensor([1, 1]), []
    with watching(lambda out, op, inputs, settings: seen.append((op.name, inputs))):
        sg.ones((2, 3))[positions]
    assert ["take"] == [name for name, _ in seen]
    assert positions is seen[0][1][1]
