"""Arguments of every kind: arrays of any layout, leaves that want gradients, twins."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn

X = sg.tensor(np.array([[1.0, 2.0], [3.0, 4.0]]))


ARRAYS = {
    "plain": lambda a: a,
    "transposed": lambda a: a.T.copy().T,
    "strided": lambda a: np.repeat(a, 2, axis=1)[:, ::2],
    "reversed": lambda a: a[::-1].copy()[::-1],
    "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "unaligned": lambda a: np.frombuffer(b"x" + a.tobytes(), a.dtype, offset=1).reshape(
        a.shape
    ),
    "matrix": lambda a: np.ma.masked_array(a, False),
}


@pytest.mark.parametrize("dtype", ["float64", "float32", "int32"])
@pytest.mark.parametrize("make", ARRAYS.values(), ids=ARRAYS)
def test_arrays_of_any_layout_are_arguments(make, dtype):
    """They arrive as tensors, with the dtype they have."""
    step = sg.compile(lambda x, y: x * 2 + y)
    for k in range(3):
        array = make((np.arange(12).reshape(3, 4) + k).astype(dtype))
        array = np.asarray(array) if k == 1 and make is ARRAYS["plain"] else array
        if k == 2 and array.flags.owndata:
            array.flags.writeable = False
        out = step(array, X.sum())
        np.testing.assert_array_equal(np.asarray(array) * 2 + 10.0, out.data)


def test_an_array_that_is_changed_in_place_is_read_anew():
    """Its numbers, and its shape."""
    array = np.arange(4.0)
    step = sg.compile(lambda x: x * 2.0)
    for k in range(3):
        array += k
        np.testing.assert_array_equal(array * 2.0, step(array).data)
    array.resize(2, 3, refcheck=False)
    np.testing.assert_array_equal(array * 2.0, step(array).data)


@pytest.mark.parametrize(
    "model",
    [
        nn.Linear(4, 2, seed=0),
        nn.Sequential(nn.Dropout(0.0), nn.Flatten(), nn.Linear(4, 2, seed=0)),
        nn.Sequential(
            nn.Sequential(nn.Tanh()), nn.Linear(4, 2, seed=0, dtype="float64")
        ),
        nn.MLP(4, [3], 2, seed=0),
        nn.LayerNorm(4),
    ],
    ids=["linear", "sequential", "double", "mlp", "norm"],
)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_layers_read_plain_arrays_as_eagerly(model, dtype):
    """Floats in the dtype of the model."""
    step = sg.compile(model)
    for k in range(3):
        x = (np.arange(12).reshape(3, 4) - k).astype(dtype)
        try:
            expected = model(x)
        except sg.errors.SeegradError as error:
            with pytest.raises(type(error)):
                step(x)
            continue
        out = step(x)
        assert expected.dtype == out.dtype
        np.testing.assert_allclose(expected.data, out.data, rtol=1e-5, atol=1e-6)


def gradients(function, *args):
    """The result and the gradients of arguments after a call."""
    out = function(*args)
    return [np.array(out.data), *(a.grad for a in args if isinstance(a, sg.Tensor))]


def agree(function, make, times=3):
    """Compiled as eagerly, on arguments made afresh."""
    step = sg.compile(function)
    for k in range(times):
        expected = gradients(function, *make(float(k)))
        found = gradients(step, *make(float(k)))
        for x, y in zip(expected, found, strict=True):
            assert (x is None) == (y is None)
            if x is not None:
                np.testing.assert_allclose(x, y, rtol=1e-12)
    return step


def leaf(k):
    """A tensor that needs a gradient."""
    return sg.tensor(np.array([1.0, 2.0]) + k, requires_grad=True)


def backward(x, y):
    """A function whose arguments get gradients."""
    out = (x * x * y).sum()
    out.backward()
    return out


def test_arguments_get_their_gradients():
    """Fresh ones natively; also where one of them needs none."""
    step = agree(backward, lambda k: (leaf(k), leaf(k + 1)))
    assert 1 == step.traces
    agree(backward, lambda k: (leaf(k), X[0] * k))


def test_the_gradient_of_an_argument_is_added_to():
    """The same tensor again and again, and one that has a gradient already."""
    x, y = leaf(0.0), leaf(0.0)
    step = sg.compile(backward)
    for _ in range(4):
        step(x, X[0])
        backward(y, X[0])
        np.testing.assert_allclose(y.grad, x.grad)
    fresh = leaf(1.0)
    step(fresh, X[0])
    np.testing.assert_allclose(2.0 * fresh.data * X[0].data, fresh.grad)


def test_the_same_tensor_may_be_given_twice():
    """Its gradient has a part of each."""

    def twice(k):
        x = leaf(k)
        return x, x

    step = sg.compile(backward)
    step(leaf(0.0), leaf(1.0))
    for k in range(3):
        (x, _), (y, _) = twice(k), twice(k)
        backward(x, x)
        step(y, y)
        np.testing.assert_allclose(x.grad, y.grad)


def test_a_parameter_may_be_an_argument_and_closed_over():
    """It is one parameter, whatever it is called."""
    p, q, other = leaf(0.0), leaf(0.0), leaf(5.0)

    def into(p):
        def function(w, x):
            out = (w * p * x).sum()
            out.backward()
            p.assign(p.data - 0.1 * p.grad)
            return out

        return function

    step, eager = sg.compile(into(p)), into(q)
    for _ in range(3):
        np.testing.assert_allclose(eager(q, X[0]).data, step(p, X[0]).data)
        np.testing.assert_allclose(q.data, p.data)
        a, b = leaf(3.0), leaf(3.0)
        np.testing.assert_allclose(eager(a, X[0]).data, step(b, X[0]).data)
        np.testing.assert_allclose(a.grad, b.grad)
    assert other.grad is None


def test_an_argument_may_be_assigned():
    """The caller's tensor changes, as eagerly."""
    x, y = sg.tensor([1.0, 2.0]), sg.tensor([1.0, 2.0])

    def function(x):
        x.assign(x * 2.0)
        return x.sum()

    step = sg.compile(function)
    for _ in range(3):
        assert float(function(x)) == float(step(y))
        assert x.tolist() == y.tolist()


def test_a_flag_of_an_argument_may_change():
    """The same tensor with and without a gradient."""
    x = sg.tensor(np.array([1.0, 2.0]))

    def function(x):
        out = (x * x).sum()
        if out.requires_grad:
            out.backward()
        return out

    step = sg.compile(function)
    step(x)
    step(x)
    x.requires_grad = True
    step(x)
    assert [2.0, 4.0] == x.grad.tolist()


@pytest.mark.parametrize("kind", ["big-endian", "strided", "reversed", "read-only"])
def test_an_argument_may_lie_in_memory_as_it_likes(kind):
    """A call with such an array gives the same as with a plain one."""
    x = np.arange(12.0).reshape(4, 3)
    read_only = x.copy()
    read_only.flags.writeable = False
    twin = {
        "big-endian": x.astype(">f8"),
        "strided": np.repeat(x, 2, axis=1)[:, ::2],
        "reversed": x[::-1].copy()[::-1],
        "read-only": read_only,
    }[kind]
    compiled = sg.compile(lambda x: x * 2 + x.sum(0))
    expected = (x * 2 + x.sum(0)).tolist()
    for array in (x, twin, twin, sg.tensor(twin)):
        assert expected == compiled(array).tolist()
