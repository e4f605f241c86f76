"""Programs of single numbers: compiled as eagerly, at any size."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.compiler import traced
from seegrad.compiler.lowering import outline


def test_a_function_of_values():
    """With constants, and with Python's own numbers beside them."""

    def function(a, b):
        return (a * b + b**3).tanh() * 2.0 + 1.0 / (a + 10.0), a - 1

    step = sg.compile(function)
    for k in range(4):
        a, b = sg.Value(0.1 * k), sg.Value(-0.3)
        for expected, found in zip(function(a, b), step(a, b), strict=True):
            assert isinstance(found, sg.Value)
            assert expected.data == pytest.approx(found.data, rel=1e-14)
    assert 1 == step.traces


def test_values_are_trained():
    """Gradients, updates, and the gradient of an argument."""
    results = []
    for compiled in (False, True):
        ws = [sg.Value(0.1 * i) for i in range(4)]

        def function(x, ws=ws):
            loss = sum((w * x + float(i)).tanh() ** 2 for i, w in enumerate(ws))
            for w in ws:
                w.zero_grad()
            loss.backward()
            for w in ws:
                w.data = w.data - 0.1 * w.grad
            return loss

        step = sg.compile(function) if compiled else function
        xs = [sg.Value(1.0 + k) for k in range(4)]
        losses = [step(x).data for x in xs]
        results.append(losses + [w.data for w in ws] + [x.grad for x in xs])
    np.testing.assert_allclose(*results, rtol=1e-12)


def test_gradients_of_values_accumulate():
    """Over calls, and from none again."""
    w, v = sg.Value(2.0), sg.Value(2.0)

    def into(w):
        return lambda x: (w * w * x).backward()

    step, eager = sg.compile(into(w)), into(v)
    for k in range(6):
        if k == 3:
            w.grad = v.grad = None
        step(sg.Value(1.0 + k))
        eager(sg.Value(1.0 + k))
        assert v.grad == pytest.approx(w.grad)
    assert 2 == step.traces


def test_what_does_not_exist_is_nan_or_infinite():
    """As eagerly: no error of Python's arithmetic."""

    def function(x):
        return 1.0 / x, x.log(), x**0.5, (x * 1e308) * 10.0

    step = sg.compile(function)
    for number in (0.0, -1.0, 2.0, float("nan"), float("inf")):
        expected = [out.data for out in function(sg.Value(number))]
        found = [out.data for out in step(sg.Value(number))]
        np.testing.assert_allclose(expected, found, rtol=1e-14)


OPTIMIZERS = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.1),
    "adam": lambda p: optim.Adam(p, lr=0.1, amsgrad=True),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.01, centered=True),
}


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_scalar_network_is_trained(make):
    """The network of the lectures, with every optimizer."""
    results = []
    for compiled in (False, True):
        model = nn.ScalarMLP(2, [3, 1])
        for i, p in enumerate(model.parameters()):
            p.data = 0.3 * (i % 5) - 0.5
        optimizer = make(model.parameters())

        def function(a, b, y, model=model, optimizer=optimizer):
            out = model([a, b])
            out = out[0] if isinstance(out, list) else out
            loss = (out - y) ** 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        step = sg.compile(function) if compiled else function
        numbers = [(1.0, 2.0, 0.5), (0.0, -1.0, 1.0), (0.3, 0.3, 0.3)]
        losses = [
            step(*(sg.Value(n, requires_grad=False) for n in row)).data
            for row in numbers
        ]
        results.append(losses + [p.data for p in model.parameters()])
    np.testing.assert_allclose(*results, rtol=1e-12)


def test_second_derivatives_inside():
    """Of values and of tensors, and a product with the matrix of them."""

    def cube(x):
        out = x * x * x
        return out.sum() if isinstance(out, sg.Tensor) else out

    second = sg.compile(sg.grad(sg.grad(cube)))
    product = sg.compile(sg.hessian_vector(cube))
    matrix = sg.compile(sg.hessian(cube))
    for k in (1.0, 2.0, 3.0):
        x = sg.tensor(np.array([1.0, 2.0]) * k)
        assert 6.0 * k == second(sg.Value(k, requires_grad=False)).data
        np.testing.assert_allclose(6.0 * x.data, product(x, sg.ones_like(x)).data)
        np.testing.assert_allclose(np.diag(6.0 * x.data), matrix(x).data)
    assert (1, 1, 1) == (second.traces, product.traces, matrix.traces)


def chain(size):
    """A function that computes number after number."""

    def function(x):
        out = x
        for i in range(size):
            out = (out * x + 0.1 * i).tanh()
        return out

    return function


def test_a_program_of_too_many_numbers_runs_eagerly(monkeypatch):
    """The warning says how many they are, and what to do."""
    monkeypatch.setattr(traced, "MOST_SCALARS", 100)
    function = chain(50)
    step = sg.compile(function)
    values = [sg.Value(0.5), sg.Value(0.25)]
    with pytest.warns(UserWarning, match=r"150 single numbers one by one.*sg\.tensor"):
        found = [step(x).data for x in values]
    assert [function(x).data for x in values] == found
    assert "more than 100 take too long" in step.reason


@pytest.mark.parametrize("make", [optim.SGD, optim.Adam])
def test_a_large_scalar_program_is_compiled_once(make):
    """Thousands of numbers, forward, backward and update, as eagerly."""
    results = []
    for compiled in (False, True):
        model = nn.ScalarMLP(2, [8, 8, 1])
        for k, p in enumerate(model.parameters()):
            p.data = 0.3 * (k % 7) - 0.8
        optimizer = make(model.parameters(), lr=0.01)

        def function(rows, model=model, optimizer=optimizer):
            losses = [(model([a, b]) - y).relu() for a, b, y in rows]
            optimizer.zero_grad()
            sum(losses).backward()
            optimizer.step()
            return sum(losses)

        step = sg.compile(function) if compiled else function
        rows = np.random.default_rng(0).normal(size=(4, 3)).tolist()
        losses = [step(rows).data for _ in range(3)]
        results.append(losses + [p.data for p in model.parameters()])
    np.testing.assert_allclose(*results, rtol=1e-12)
    assert 1 == step.traces
    assert not step.reason
    explanation = step.explain()
    assert 2000 < explanation.summary["simplified"]
    texts = explanation.ir, explanation.assembly  # of all parts of the kernel
    assert all(2000 < text.count("\n") for text in texts)


LENGTHS = (*range(11, 16), 10**6)  # instructions of a part; the last: all of them


def trained_bits(longest, monkeypatch):
    """The numbers after two compiled steps whose code is cut so."""
    monkeypatch.setattr(outline, "LONGEST", longest)
    monkeypatch.setenv("SEEGRAD_CACHE_DIR", "")
    ws = [sg.Value(0.3 * k - 3.7) for k in range(24)]
    size = sg.tensor(0.25)

    @sg.compile
    def step(x):
        out = 0.0
        for k, w in enumerate(ws):
            out = 0.9 * out - w * x if k % 8 else (out / (w * w + 1.0)).tanh()
        out.backward()
        with sg.no_grad():
            ws[0].data, ws[1].data = ws[1].data, ws[0].data
            for w in ws[2:]:
                w.data -= 0.1 * w.grad
        return out, w.grad, size * 2.0, size > 0.0

    found = [out.data for k in (0.5, 2.0) for out in step(sg.Value(k))]
    assert not step.reason
    return [float(number).hex() for number in found + [w.data for w in ws]]


@pytest.mark.parametrize("longest", LENGTHS[:-1])
def test_nobody_sees_where_the_code_is_cut(longest, monkeypatch):
    """Wherever that is: products still melt into sums, what is swapped is swapped."""
    expected = trained_bits(LENGTHS[-1], monkeypatch)
    assert expected == trained_bits(longest, monkeypatch)


@pytest.mark.parametrize("make", [sg.Value, lambda k: sg.tensor([k, k])])
@pytest.mark.filterwarnings("ignore:.*each from the one before it:UserWarning")
@pytest.mark.parametrize("size", [20, 400])
def test_a_long_chain_is_right(size, make):
    """However deep: of tensors it runs eagerly at worst, and says so."""
    function = chain(size)
    step = sg.compile(function)
    for k in (0.5, 0.25, 0.125):
        expected, found = function(make(k)), step(make(k))
        np.testing.assert_allclose(expected.data, found.data, rtol=1e-5)
    assert (size > 20 and make is not sg.Value) or not step.reason
