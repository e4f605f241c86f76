"""Tensor: the feel of a NumPy array, frozen, with a history."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import seegrad as sg
from seegrad.errors import (
    DtypeError,
    GradientError,
    IndexRangeError,
    InputTypeError,
    ShapeError,
)

ARRAYS = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    elements=st.floats(-10.0, 10.0),
)


def leaf():
    """Six float32 numbers that need a gradient."""
    return sg.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)


@given(ARRAYS)
def test_a_tensor_looks_like_the_array_it_was_made_from(array):
    """Shape, dtype, ndim, size, tolist, numpy."""
    x = sg.tensor(array)
    assert (array.shape, array.dtype) == (x.shape, x.dtype)
    assert (array.ndim, array.size) == (x.ndim, x.size)
    assert array.tolist() == x.tolist()
    assert x.numpy() is x.data


@given(ARRAYS)
def test_a_tensor_survives_a_round_trip(array):
    """sg.tensor(x.numpy()) and sg.tensor(x) are copies."""
    x = sg.tensor(array)
    for twin in (sg.tensor(x), sg.tensor(x.numpy())):
        np.testing.assert_array_equal(array, twin.data)
        assert not array.size or not np.shares_memory(x.data, twin.data)


def test_the_array_inside_is_frozen():
    """NumPy refuses to write, through any view; so does the tensor itself."""
    x = leaf()
    for array in (x.data, x.numpy(), x.data[0], x.data.T, (x * 2.0).data):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        np.add(x.data, 1.0, out=x.data)


def test_assigning_to_an_index_is_explained():
    """Changed copies come from where, new numbers from assign."""
    x = leaf()
    with pytest.raises(InputTypeError, match="changed in place") as caught:
        x[0] = 1.0
    assert "sg.where(mask, new, x)" in caught.value.hint
    assert "x.assign(new)" in caught.value.hint


def test_adding_in_place_makes_a_new_tensor_for_the_name():
    """x += 1 is x = x + 1: the old leaf is as it was, and gets the gradient."""
    x = old = leaf()
    x += 1.0
    assert x is not old
    assert old.data[0, 0] == 1.0
    x.sum().backward()
    assert (np.ones((2, 3)) == old.grad).all()


def test_a_single_number_reads_as_python_number():
    """item, float, int, bool, format; of any shape that holds just one."""
    for x in (sg.tensor(2.5), sg.tensor([2.5]), sg.tensor([[2.5]])):
        assert (2.5, 2.5, 2, True) == (x.item(), float(x), int(x), bool(x))
        assert "2.50" == f"{x:.2f}"
    assert "b" == "abc"[sg.tensor(1)]


@pytest.mark.parametrize("read", [float, int, lambda x: x.item(), "{:.2f}".format])
def test_several_numbers_are_not_one(read):
    """The message gives the shape and the count."""
    with pytest.raises(ShapeError, match=r"shape \(2, 3\) holds 6") as caught:
        read(leaf())
    assert "x.tolist()" in caught.value.hint


@pytest.mark.parametrize("shape", [(2,), (0,)])
def test_the_truth_of_several_numbers_is_ambiguous(shape):
    """As in NumPy and PyTorch; `in` and `if` meet this."""
    with pytest.raises(ShapeError, match="is ambiguous") as caught:
        bool(sg.ones(shape))
    assert "(x > 0).all()" in caught.value.hint


def test_only_integers_are_indices_of_lists():
    """A float would be cut."""
    with pytest.raises(DtypeError, match="not float32") as caught:
        [1, 2, 3][sg.tensor(1.0)]
    assert "x.to(sg.int64)" == caught.value.hint


def test_a_tensor_is_a_sequence_of_its_rows():
    """len, iteration, unpacking, with gradients; a single number is none."""
    x = leaf()
    first, second = x
    assert (2, [4.0, 5.0, 6.0]) == (len(x), second.tolist())
    first.sum().backward()
    assert [[1.0] * 3, [0.0] * 3] == x.grad.tolist()
    for use in (len, iter, list):
        with pytest.raises(InputTypeError, match=r"shape \(\) has no length") as e:
            use(sg.tensor(1.0))
        assert "x.item()" == e.value.hint


def test_the_representation_says_what_a_reader_needs():
    """Numbers; dtype if unusual; whether it needs a gradient, or which op made it."""
    assert "tensor([1., 2.])" == repr(sg.tensor([1.0, 2.0]))
    assert "tensor([1], dtype=int32)" == repr(sg.tensor([1], dtype="int32"))
    assert "tensor([ True])" == repr(sg.tensor([True]))
    x = sg.tensor([1.0], requires_grad=True, name="w")
    assert "tensor([1.], requires_grad=True, name='w')" == repr(x)
    assert "tensor([2.], op=mul)" == repr(x * 2.0)
    assert len(repr(sg.zeros((1000, 1000)))) < 1000


@pytest.mark.parametrize(
    ("compute", "op"),
    [
        (np.exp, "exp"),
        (lambda x: np.add(x, 1), "add"),
        (lambda x: np.ones((2, 3), np.float32) * x, "mul"),
        (lambda x: np.ones((4, 2), np.float32) @ x, "matmul"),
        (lambda x: x - np.float64(2.0), "sub"),
        (lambda x: np.float64(2.0) - x, "sub"),
        (lambda x: np.int64(2) ** x, "pow"),
        (lambda x: 2**x, "pow"),
        (lambda x: np.maximum(x, np.float32(2.0)), "maximum"),
        (lambda x: -np.negative(x), "neg"),
        (lambda x: np.square(x) if hasattr(sg, "square") else x * x, "mul"),
    ],
)
def test_numpy_functions_and_operands_give_tensors_with_a_graph(compute, op):
    """Never an object array, never a lost gradient, never wider than float32."""
    x = leaf()
    out = compute(x)
    assert isinstance(out, sg.Tensor)
    assert (op, sg.float32) == (out.op.name, out.dtype)
    out.sum().backward()
    assert x.grad is not None


@pytest.mark.parametrize(
    "compute",
    [
        np.arctan,
        np.add.reduce,
        lambda x: np.add(x, 1, out=np.zeros((2, 3))),
        lambda x: np.zeros((2, 3)).__iadd__(x),
        np.mean,
        np.median,
        lambda x: np.concatenate([x, x]),
    ],
)
def test_what_numpy_would_do_without_the_graph_is_refused(compute):
    """With the name of the function, and the way to the plain array."""
    with pytest.raises(InputTypeError, match="does not know tensors") as caught:
        compute(leaf())
    assert "x.numpy()" in caught.value.hint


def test_a_function_that_seegrad_has_is_recommended_and_no_other():
    """np.mean has a twin here; np.median has none."""
    with pytest.raises(InputTypeError) as caught:
        np.mean(leaf())
    assert "sg.mean" in caught.value.hint
    with pytest.raises(InputTypeError) as caught:
        np.median(leaf())
    assert "sg.median" not in caught.value.hint


def test_a_tensor_becomes_an_array_unless_a_gradient_would_be_lost():
    """np.asarray shares the frozen array; np.array copies."""
    x = sg.ones(3)
    assert np.asarray(x) is x.data
    np.array(x)[0] = 5.0
    assert 1.0 == x.data[0]
    assert np.float64 == np.asarray(x, dtype=np.float64).dtype
    for convert in (np.asarray, np.array, list_of):
        with pytest.raises(GradientError, match="lose the gradient") as caught:
            convert(leaf())
        assert "x.numpy() on purpose" in caught.value.hint


def list_of(x):
    """A tensor made of a list of tensors: sg.stack would keep the gradient."""
    return sg.tensor([x, x])


@pytest.mark.parametrize(
    ("index", "error", "words"),
    [
        (5, IndexRangeError, "index 5 is outside dim 0 of length 2"),
        (-3, IndexRangeError, "index -3 is outside dim 0 of length 2"),
        ((0, 3), IndexRangeError, "index 3 is outside dim 1 of length 3"),
        ((..., 3), IndexRangeError, "index 3 is outside dim 1 of length 3"),
        ([0, 7], IndexRangeError, "index 7 is outside dim 0"),
        ((0, 0, 0), IndexRangeError, "3 indices for a tensor of 2 axes"),
        (1.0, IndexRangeError, "not float64"),
        ("x", DtypeError, "an index of str"),
        (np.array([True]), IndexRangeError, r"shape \(1,\) for axes of shape \(2,\)"),
        (np.ones((2, 2), bool), IndexRangeError, r"\(2, 2\) for axes of shape \(2, 3"),
        (slice(0.5, None), IndexRangeError, "not 0.5"),
        (slice(None, None, 0), IndexRangeError, "step of 0"),
        ((..., ...), IndexRangeError, "two ellipses"),
        (([0, 1], [0, 1, 2]), IndexRangeError, r"shapes \(2,\) and \(3,\)"),
        ([[0], [0, 1]], InputTypeError, "an index of list"),
    ],
    ids=str,
)
def test_an_index_that_points_nowhere_is_refused(index, error, words):
    """Always an error of ours, with the index, the axis and its length."""
    with pytest.raises(error, match=words) as caught:
        leaf()[index]
    assert caught.value.hint


@given(st.data())
def test_indexing_reads_what_numpy_reads(data):
    """Any basic index, and its gradient goes back to where it was read."""
    shape = data.draw(hnp.array_shapes(max_dims=3, max_side=4))
    array = np.arange(float(np.prod(shape))).reshape(shape)
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    x = sg.tensor(array, requires_grad=True)
    out = x[index]
    np.testing.assert_array_equal(array[index], out.data)
    out.sum().backward()
    expected = np.zeros(shape)
    expected[index] = 1.0
    np.testing.assert_array_equal(expected, x.grad)


@given(st.data())
def test_lists_of_positions_read_what_numpy_reads(data):
    """Repeated positions add their gradients up."""
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    array = np.arange(float(np.prod(shape))).reshape(shape)
    index = data.draw(hnp.integer_array_indices(shape))
    x = sg.tensor(array, requires_grad=True)
    out = x[index]
    np.testing.assert_array_equal(array[index], out.data)
    out.sum().backward()
    expected = np.zeros(shape)
    np.add.at(expected, index, 1.0)
    np.testing.assert_array_equal(expected, x.grad)


def test_an_index_is_copied():
    """Changing the caller's list of positions afterwards changes no gradient."""
    x, positions = leaf(), np.array([0, 0])
    out = x[positions]
    positions[:] = 1
    out.sum().backward()
    assert [[2.0] * 3, [0.0] * 3] == x.grad.tolist()
