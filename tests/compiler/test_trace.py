"""What a traced step may not do, what it says then, and that it leaves nothing."""

import copy
import math
import runpy
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad.errors import (
    GradientError,
    SeegradError,
    TraceError,
)
from seegrad.mode import watching

NETWORKS = SimpleNamespace(**runpy.run_path(str(Path(__file__).parent / "networks.py")))
everything = NETWORKS.everything
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
    "repr": repr,
    "str": lambda x: f"{x}",
    "format": lambda x: f"{x.sum():.3f}",
    "tensor": sg.tensor,
    "index": lambda x: [1, 2, 3][x.sum().to("int64")],
    "range": lambda x: range(x.sum().to("int64")),
    "math": lambda x: math.exp(x.sum()),
    "max": lambda x: max(x.sum(), 3.0),
    "copy": lambda x: copy.deepcopy(x.detach()) * x,
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


READING["caught"] = caught


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

    with pytest.raises(TraceError, match=r"sg\.where") as error:
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
