"""No two things share memory that one of them could change."""

import numpy as np
import pytest

import seegrad as sg


def leaf(*numbers):
    """A float64 tensor that needs a gradient."""
    return sg.tensor(np.array(numbers), requires_grad=True)


def test_writing_into_a_gradient_changes_no_other():
    """z = x + y hands both the same numbers, but not the same array."""
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    z = x + y
    z.sum().backward()
    x.grad[:] = 99.0
    assert [1.0, 1.0] == y.grad.tolist()
    assert [1.0, 1.0] == z.grad.tolist()


@pytest.mark.parametrize(
    "share",
    [
        lambda x, y: x + y,
        lambda x, y: x.reshape(2, 1) + y.reshape(2, 1),
        lambda x, y: sg.stack([x, y]),
        lambda x, y: sg.concatenate([x, y]),
        lambda x, y: x[::-1] + y[::-1],
        lambda x, y: x - (-y),
        lambda x, y: x.unsqueeze(0) + y,
    ],
)
def test_no_gradient_shares_memory_with_another(share):
    """Leaves own theirs; what is between cannot be written to."""
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    out = share(x, y)
    seed = np.ones(out.shape)
    out.backward(seed)
    for mine, other in [(x, y), (y, x)]:
        assert mine.grad.flags.writeable
        assert mine.grad.flags.owndata
        for array in (other.grad, out.grad, seed, x.data, y.data):
            assert not np.shares_memory(mine.grad, array)
    with pytest.raises(ValueError, match="read-only"):
        out.grad[...] = 0.0


def test_the_callers_starting_gradient_is_copied():
    """Changing it afterwards changes nothing, and it stays writeable."""
    x, g = leaf(1.0, 2.0), np.array([1.0, 10.0])
    out = x * 1.0
    out.backward(g)
    g[:] = 99.0
    assert [1.0, 10.0] == x.grad.tolist() == out.grad.tolist()


def test_accumulating_makes_a_new_array():
    """Who kept the gradient of the first pass keeps that of the first pass."""
    x = leaf(1.0, 2.0)
    x.sum().backward()
    first = x.grad
    x.sum().backward()
    assert ([1.0, 1.0], [2.0, 2.0]) == (first.tolist(), x.grad.tolist())


@pytest.mark.parametrize("make", [np.array, lambda x: np.array(x)[::-1], list])
def test_changing_what_a_tensor_was_made_from_changes_no_tensor(make):
    """The data was copied in, so the gradient is right."""
    source = make([2.0, 3.0])
    numbers = list(source)
    x = sg.tensor(source, requires_grad=True)
    out = (x * x).sum()
    source[0] = 99.0
    out.backward()
    assert [2.0 * number for number in numbers] == x.grad.tolist()


def test_changing_a_constant_array_after_its_use_changes_no_gradient():
    """An array met in an expression is copied as well."""
    x, factor = leaf(1.0, 2.0), np.array([3.0, 4.0])
    out = (x * factor).sum()
    factor[:] = 99.0
    out.backward()
    assert [3.0, 4.0] == x.grad.tolist()


@pytest.mark.parametrize("op", [sg.exp, sg.tanh, sg.sigmoid, sg.sqrt])
def test_a_saved_output_cannot_be_changed_in_place(op):
    """NumPy refuses, through any view, and the gradient is right."""
    x = leaf(1.0, 2.0)
    out = op(x)
    expected = sg.grad(lambda x: op(x).sum())(x).data
    for view in (out.data, out.data[:1], out.data.reshape(2, 1), out.numpy()):
        with pytest.raises(ValueError, match="read-only"):
            view[...] = 0.0
    out.sum().backward()
    np.testing.assert_array_equal(expected, x.grad)


@pytest.mark.parametrize("f", [lambda x: x * x, sg.sin, lambda x: x @ x])
def test_a_saved_input_cannot_be_changed_in_place(f):
    """Nor replaced in silence: backward says that it was."""
    x = leaf(1.0, 2.0)
    out = f(x)
    with pytest.raises(ValueError, match="read-only"):
        x.data[0] = 5.0
    x.assign([5.0, 5.0])
    with pytest.raises(sg.errors.GradientError, match="was replaced"):
        out.backward(np.ones(out.shape))
    assert x.grad is None


def test_a_memory_mapped_file_is_read_and_never_written(tmp_path):
    """The tensor has its own copy."""
    file = tmp_path / "numbers.npy"
    np.save(file, np.arange(6.0).reshape(2, 3))
    mapped = np.load(file, mmap_mode="r+")
    x = sg.tensor(mapped, requires_grad=True)
    (x * x).sum().backward()
    x.assign(x.data * 0.0)
    mapped.flush()
    np.testing.assert_array_equal(np.arange(6.0).reshape(2, 3), np.load(file))
    assert type(x.data) is np.ndarray
    np.testing.assert_array_equal(2.0 * np.arange(6.0).reshape(2, 3), x.grad)


def test_subclasses_of_arrays_become_plain_arrays():
    """A np.matrix or a masked array has rules of its own."""
    x = sg.tensor(np.ma.masked_array([1.0, 2.0], mask=[False, False]))
    assert type(x.data) is np.ndarray
    assert type((x * np.ma.masked_array([1.0, 2.0])).data) is np.ndarray
