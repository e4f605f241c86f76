"""Moving numbers without changing them: against NumPy, and back by the gradient."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import seegrad as sg
from seegrad.errors import DtypeError, IndexRangeError, InputTypeError, ShapeError

SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, max_side=3)


def counted(shape):
    """A leaf of this shape whose numbers say where they are."""
    array = np.arange(float(np.prod(shape))).reshape(shape)
    return sg.tensor(array, requires_grad=True)


def moved_right(x, out, expected):
    """Assert the numbers, and that weights on the result come back to their places."""
    np.testing.assert_array_equal(expected, out.data)
    weights = np.arange(float(out.size)).reshape(out.shape) + 1.0
    back = np.zeros(x.size)
    np.add.at(back, expected.astype(int).ravel(), weights.ravel())
    x.zero_grad()
    out.backward(weights)
    np.testing.assert_array_equal(back.reshape(x.shape), x.grad)


@given(SHAPES, st.data())
def test_axes_are_moved_as_numpy_moves_them(shape, data):
    """permute, transpose, T, and the same backwards."""
    x = counted(shape)
    order = tuple(data.draw(st.permutations(range(len(shape)))))
    moved_right(x, x.permute(order), x.data.transpose(order))
    moved_right(x, x.permute(*order), x.data.transpose(order))
    first, last = order[0], order[-1]
    moved_right(x, x.transpose(first, last), x.data.swapaxes(first, last))
    moved_right(x, x.T, x.data.T)


@given(SHAPES, st.data())
def test_axes_of_length_one_come_and_go(shape, data):
    """unsqueeze, squeeze, flatten, reshape with -1."""
    x = counted(shape)
    dim = data.draw(st.integers(-len(shape) - 1, len(shape)))
    moved_right(x, x.unsqueeze(dim), np.expand_dims(x.data, dim))
    moved_right(x, x.unsqueeze(dim).squeeze(dim), x.data)
    moved_right(x, x.squeeze(), x.data.squeeze())
    start = data.draw(st.integers(0, len(shape) - 1))
    flat = x.data.reshape(*shape[:start], -1)
    moved_right(x, x.flatten(start), flat)
    moved_right(x, x.reshape((*shape[:start], -1)), flat)


@given(SHAPES, st.data())
def test_tensors_are_joined_as_numpy_joins_them(shape, data):
    """concatenate and stack, with one tensor more than once."""
    x = counted(shape)
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    moved_right(x, sg.concatenate([x, x], dim), np.concatenate([x.data] * 2, dim))
    moved_right(x, sg.stack([x, x, x], dim), np.stack([x.data] * 3, dim))


@given(SHAPES, st.integers(1, 3))
def test_broadcasting_repeats_and_the_gradient_adds_up(shape, times):
    """A new axis in front, and axes of length 1 grown."""
    x = counted((1, *shape))
    wide = (times, *shape)
    moved_right(x, x.broadcast_to(wide), np.broadcast_to(x.data, wide))


def test_joining_mixes_dtypes_as_adding_does():
    """float32 beside int64 is float32; gradients in the dtype of each."""
    x = sg.ones(2, requires_grad=True)
    out = sg.concatenate([x, sg.arange(2)])
    assert sg.float32 == out.dtype
    out.sum().backward()
    assert sg.float32 == x.grad.dtype


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_cast_to_another_float_carries_the_gradient(dtype):
    """Back in the dtype of the input."""
    x = counted((3,))
    (x.to(dtype) * 2.0).sum().backward()
    assert ([2.0] * 3, sg.float64) == (x.grad.tolist(), x.grad.dtype)


@pytest.mark.parametrize("dtype", ["int64", "int8", "bool"])
def test_a_cast_to_whole_numbers_ends_it(dtype):
    """A small change of an integer is not an integer."""
    out = counted((3,)).to(dtype)
    assert (dtype, False, None) == (out.dtype, out.requires_grad, out.op)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x.permute(0, 2), IndexRangeError, "dim 2 is outside"),
        (lambda x: x.transpose(0, 5), IndexRangeError, "dim 5 is outside"),
        (lambda x: x.unsqueeze(4), IndexRangeError, "dim 4 is outside"),
        (lambda x: x.squeeze(2), IndexRangeError, "dim 2 is outside"),
        (lambda x: x.flatten(3), IndexRangeError, "dim 3 is outside"),
        (lambda x: x.broadcast_to((4,)), ShapeError, "cannot broadcast"),
        (lambda x: x.broadcast_to((2, 3), (2,)), ShapeError, "whole numbers"),
        (lambda x: sg.stack([]), ShapeError, "nothing to join"),
        (lambda x: sg.concatenate([x, x[0]]), ShapeError, "cannot join"),
        (lambda x: sg.concatenate([x, x], 2), IndexRangeError, "dim 2 is outside"),
        (lambda x: x.reshape(np.array([3, 2])), ShapeError, "whole numbers"),
        (lambda x: x.to("flot"), DtypeError, "is not a dtype"),
        (lambda x: x.to(complex), DtypeError, "complex128"),
        (lambda x: sg.stack([x, [1.0]]), InputTypeError, "list"),
    ],
)
def test_moves_that_cannot_be_are_refused(call, error, words):
    """With the axis, the shapes, and a way out."""
    with pytest.raises(error, match=words) as caught:
        call(sg.ones(2, 3))
    assert caught.value.hint
