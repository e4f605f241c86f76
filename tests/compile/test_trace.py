"""What a traced step may not do, what it says then, and that it leaves nothing behind."""

import copy
import math
import threading

import numpy as np
import pytest

import seegrad as sg
from seegrad import losses, nn, optim
from seegrad.errors import (
    DataError,
    GradientError,
    IndexRangeError,
    NonFiniteError,
    SeegradError,
    TraceError,
)
from seegrad.mode import watching

X = sg.tensor(np.array([1.0, 2.0]))

READING = {
    "float": lambda x: float(x.sum()),
    "int": lambda x: int(x.sum()),
    "bool": lambda x: bool(x.sum()),
    "if": lambda x: 1.0 if x.sum() > 0.0 else 2.0,
    "not": lambda x: not x.sum(),
    "item": lambda x: x.sum().item(),
    "numpy": lambda x: x.numpy(),
    "tolist": lambda x: x.tolist(),
    "asarray": lambda x: np.asarray(x.detach()),
    "repr": lambda x: repr(x),
    "str": lambda x: f"{x}",
    "format": lambda x: f"{x.sum():.3f}",
    "tensor": lambda x: sg.tensor(x),
    "index": lambda x: [1, 2, 3][x.sum().to("int64")],
    "range": lambda x: range(x.sum().to("int64")),
    "math": lambda x: math.exp(x.sum()),
    "max": lambda x: max(x.sum(), 3.0),
    "copy": lambda x: copy.deepcopy(x.detach()) * x,
    "caught": lambda x: caught(x),
}
VALUES = {
    "float": float,
    "int": int,
    "if": lambda v: 1.0 if v > 0.0 else 2.0,
    "item": lambda v: v.item(),
    "repr": repr,
    "format": lambda v: f"{v:.2f}",
    "math": math.exp,
}


def caught(x):
    """A step that goes on after the error, with a number it should not have."""
    try:
        return x * float(x.sum())
    except RuntimeError:
        return x * 2.0


def everything():
    """A network with a buffer, noise, gradients and memories; its state as bytes."""
    model = nn.Sequential(
        nn.Linear(2, 3, seed=0), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 1, seed=1)
    )
    opt = optim.Adam(model.parameters(), lr=0.1)
    for p in model.parameters():
        p.grad = np.ones(p.shape)

    def state():
        arrays = [*model.state_dict().values()]
        arrays += [p.grad for p in model.parameters()]
        arrays += [np.asarray(v) for s in opt.states for v in s.values()]
        born = [t.born for t in [*model.parameters(), *model.buffers()]]
        return [a.tobytes() for a in arrays], born, sg.random.state(), opt.lr

    return model, opt, state


@pytest.mark.parametrize("read", READING.values(), ids=READING)
def test_reading_a_number_is_refused_and_leaves_nothing_behind(read):
    """After a whole step: parameters, gradients, memories, buffers, random stream."""
    model, opt, state = everything()

    def function(x):
        loss = (model(x) ** 2).mean()
        loss.backward()
        opt.step()
        read(loss + x.mean())
        return loss

    step = sg.compile(function)
    x = sg.tensor(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    before = state()
    with pytest.raises(TraceError) as error:
        step(x)
    assert before == state()
    assert __file__ in error.value.where
    assert error.value.hint
    assert 0 == step.traces
    model(x).sum().backward()  # eager use goes on
    opt.step()


@pytest.mark.parametrize("read", VALUES.values(), ids=VALUES)
def test_reading_a_value_is_refused(read):
    """The same for single numbers, with the line of the user."""

    def function(v):
        out = v * 2.0
        read(out)
        return out

    with pytest.raises(TraceError, match="sg.where") as error:
        sg.compile(function)(sg.Value(1.0))
    assert __file__ in error.value.where


def test_what_is_known_beforehand_may_be_read():
    """Shapes, lengths, rows one by one, and numbers made from numbers."""

    def function(x):
        total = sum(row * float(sg.tensor(2.0)) for row in x)
        return total * len(x) * x.shape[0] * x.ndim * x.size

    step = sg.compile(function)
    for k in range(3):
        assert float(function(X * k)) == float(step(X * k))


def test_what_was_computed_before_the_step_is_refused():
    """Its numbers would never change."""
    y = sg.tensor([1.0, 2.0], requires_grad=True) * 2.0
    with pytest.raises(TraceError, match="was computed before it"):
        sg.compile(lambda x: x * y)(X)


def test_what_the_compiler_cannot_see_is_refused():
    """Work of another thread, and under a watcher of one's own."""

    def by_thread(x):
        found = []
        thread = threading.Thread(target=lambda: found.append(x * 2.0))
        thread.start()
        thread.join()
        return found[0] * 1.0

    def watched(x):
        with watching(lambda *_: None):
            y = x * 2.0
        return y * 1.0

    for function in (by_thread, watched):
        with pytest.raises(TraceError, match="does not see"):
            sg.compile(function)(X)


def test_results_in_which_numbers_may_hide_are_refused():
    """An object that is no dataclass would be the same at every call."""

    class Box:
        def __init__(self, x):
            self.x = x

    for make in (Box, lambda x: {x}, lambda x: (y for y in [x])):
        with pytest.raises(TraceError, match="never be renewed"):
            sg.compile(lambda x, make=make: make(x * 2.0))(X)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_of_the_user_leaves_nothing_behind(error):
    """At any moment of the step; afterwards it can be compiled."""
    model, opt, state = everything()
    fails = [True]

    def function(x):
        loss = (model(x) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        if fails[0]:
            raise error("no")
        return loss

    step = sg.compile(function)
    x = sg.tensor(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    before = state()
    with pytest.raises(error):
        step(x)
    assert before == state()
    fails[0] = False
    assert np.isfinite(float(step(x)))
    assert 1 == step.traces


def labels(y):
    """The labels of a batch."""
    return sg.tensor(np.array(y))


CHECKS = {
    "labels": (
        lambda model, x, y: losses.cross_entropy(model(x), y),
        labels([0, 1]),
        labels([0, 7]),
        DataError,
    ),
    "targets": (
        lambda model, x, y: losses.mse(model(x), y),
        sg.tensor(np.ones((2, 3), np.float32)),
        sg.tensor(np.full((2, 3), np.nan, np.float32)),
        DataError,
    ),
    "lookup": (
        lambda model, x, y: (model(x) * sg.ones(4, 3)[y]).mean(),
        labels([0, 3]),
        labels([0, 4]),
        IndexRangeError,
    ),
    "norm": (
        lambda model, x, y: (model(x) * y).sum(),
        sg.tensor(np.ones((2, 3), np.float32)),
        sg.tensor(np.full((2, 3), np.inf, np.float32)),
        NonFiniteError,
    ),
}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("later", [True, False])
def test_a_failed_check_raises_the_eager_error_and_changes_nothing(name, later):
    """While tracing and natively; the random stream stands where it stood."""
    loss_of, good, bad, error = CHECKS[name]
    model, opt, state = everything()
    model.layers[3] = nn.Linear(3, 3, seed=1)
    opt.params[:] = model.parameters()

    def function(x, y):
        loss = loss_of(model, x, y)
        opt.zero_grad()
        loss.backward()
        optim.clip_grad_norm(opt.params, 1.0, error_if_nonfinite=True)
        opt.step()
        return loss

    opt = optim.Adam(model.parameters(), lr=0.1)
    step = sg.compile(function)
    x = sg.tensor(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    if later:
        step(x, good)
        step(x, good)
    for p in model.parameters():
        p.zero_grad()
    words = []
    for call in (step, function):
        model_before, stream = model.state_dict(), sg.random.state()
        states = [dict(s) for s in opt.states]
        with pytest.raises(error) as caught_error:
            call(x, bad)
        words.append(str(caught_error.value))
        if call is step and name != "norm":
            assert all(p.grad is None for p in model.parameters())
        for key, array in model.state_dict().items():
            if "running" not in key and "tracked" not in key:
                np.testing.assert_array_equal(model_before[key], array)
        assert str(states) == str(opt.states)
        sg.random.set_state(stream)
    assert words[0] == words[1]
    assert np.isfinite(float(step(x, good)))


def test_a_failed_check_draws_no_keys_twice():
    """The eager run that raises the error takes the same keys as the native one."""
    step = sg.compile(
        lambda x, y: losses.cross_entropy(nn.Dropout(0.5)(x) + sg.rand(2, 3), y)
    )
    x = sg.ones(2, 3)
    step(x, labels([0, 1]))
    step(x, labels([0, 1]))
    sg.manual_seed(3)
    with pytest.raises(DataError):
        step(x, labels([0, 9]))
    native = sg.random.state()
    sg.manual_seed(3)
    with pytest.raises(DataError):
        step.function(x, labels([0, 9]))
    assert native == sg.random.state()


def test_backward_through_a_result_is_refused():
    """Nothing is left out in silence: not alone, and not beside other terms."""
    w = sg.tensor(np.array([1.0, 2.0]), requires_grad=True)
    step = sg.compile(lambda x: (w * x).sum())
    for _ in range(2):
        out = step(X)
        with pytest.raises(GradientError, match="keeps no graph"):
            out.backward()
        with pytest.raises(GradientError, match="keeps no graph"):
            (out + (w * w).sum()).backward()
        with pytest.raises(GradientError, match="keeps no graph"):
            sg.grad(lambda v, out=out: (v * out).sum())(w), out.backward()
        assert w.grad is None
    with sg.no_grad():
        assert not step(X).requires_grad
    v = sg.compile(lambda v: v * v)(sg.Value(3.0))
    with pytest.raises(GradientError, match="keeps no graph"):
        v.backward()


def test_derivatives_through_a_compiled_function_are_right():
    """It runs eagerly where a gradient has to flow on."""
    step = sg.compile(lambda x: (x * x * x).sum())
    step(X)
    for _ in range(2):
        assert [3.0, 12.0] == sg.grad(step)(X).tolist()
        assert [[6.0, 0.0], [0.0, 12.0]] == sg.hessian(step)(X).tolist()


def test_the_error_says_what_happened_where_and_what_to_try():
    """In three lines, like every error."""
    with pytest.raises(TraceError) as error:
        sg.compile(lambda x: float(x.sum()))(X)
    assert isinstance(error.value, SeegradError)
    assert 3 == len(str(error.value).splitlines())
