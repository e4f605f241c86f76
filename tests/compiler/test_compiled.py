"""Arguments and results of every kind, and the life of a compiled function."""

import dataclasses
import functools
import gc
import os
import runpy
import subprocess
import sys
import textwrap
import weakref
from collections import OrderedDict, namedtuple
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.compiler.run import Native

NETWORKS = SimpleNamespace(**runpy.run_path(str(Path(__file__).parent / "networks.py")))
X = sg.tensor(np.array([[1.0, 2.0], [3.0, 4.0]]))


Pair = namedtuple("Pair", ["x", "y"])


SOURCE = str(Path(sg.__file__).parent.parent)


@dataclasses.dataclass(frozen=True)
class Batch:
    """Arguments and results with names."""

    x: object
    y: object
    note: str = "kept"


def test_each_shape_and_dtype_is_compiled_once():
    """The last small batch too; old ones are known."""
    step = sg.compile(lambda x: (x * 2).sum())
    for _ in range(3):
        for shape in [(4, 2), (3, 2), (0, 2), (2,), ()]:
            for dtype in ("float32", "float64", "int64", "bool"):
                x = sg.ones(shape, dtype=dtype)
                assert float((x * 2).sum()) == float(step(x))
                assert (x * 2).sum().dtype == step(x).dtype
    assert 20 == step.traces


def test_many_shapes_are_no_reason_to_give_up():
    """Only Python values that change are."""
    step = sg.compile(lambda x: x.sum())
    for n in range(12):
        assert n == float(step(sg.ones(n)))
    assert 12 == step.traces


def test_arguments_and_results_may_be_nested():
    """Lists, tuples, named ones, dictionaries, dataclasses, and plain values."""

    def function(pair, *more, scale, batch):
        x = pair.x * more[0]["a"][0] * scale
        result = OrderedDict(z=x, y=[pair.y * 2.0, ("text", None, 3)])
        return result, Batch(x + batch.x, batch.y * 3.0), Pair(x, more[1:])

    step = sg.compile(function)
    for k in (1.0, 2.0, 3.0):
        args = Pair(X * k, X + k), {"a": [X - k]}, X
        settings = {"batch": Batch(X, X * k), "scale": 2}
        for _ in range(2):
            (named, batch, pair) = step(*args, **settings)
        expected = function(*args, **settings)
        assert (OrderedDict, ["z", "y"]) == (type(named), list(named))
        assert ("text", None, 3) == named["y"][1]
        assert "kept" == batch.note
        np.testing.assert_allclose(expected[0]["z"].data, named["z"].data)
        np.testing.assert_allclose(expected[0]["y"][0].data, named["y"][0].data)
        np.testing.assert_allclose(expected[1].x.data, batch.x.data)
        np.testing.assert_allclose(expected[1].y.data, batch.y.data)
        np.testing.assert_allclose(expected[2].x.data, pair.x.data)
        np.testing.assert_allclose(expected[2].y[0].data, pair.y[0].data)
    assert 1 == step.traces


def test_keyword_arguments_and_defaults():
    """By name and by position are two kinds of call, and both are right."""
    step = sg.compile(lambda x, y=2.0, *, z=1.0: x * y + z)
    calls = [
        lambda f: f(X),
        lambda f: f(x=X),
        lambda f: f(X, 3.0),
        lambda f: f(X, y=X, z=X),
        lambda f: f(X, z=-0.0),
        lambda f: f(X, z=0.0),
    ]
    for _ in range(2):
        for call in calls:
            expected = call(step.function).data
            np.testing.assert_array_equal(expected, call(step).data)
    assert len(calls) == step.traces


def leaf(k):
    """A tensor that needs a gradient."""
    return sg.tensor(np.array([1.0, 2.0]) + k, requires_grad=True)


def test_compiled_functions_inside_of_each_other():
    """They become one; recursion too; and a method decorated in its class."""
    inner = sg.compile(lambda x: x * 2.0)
    outer = sg.compile(lambda x: inner(inner(x)) + 1.0)

    @sg.compile
    def power(x, n):
        return x if n == 1 else x * power(x, n - 1)

    class Net(nn.Module):
        scale = 2.0

        @sg.compile
        def forward(self, x):
            return x * self.scale

    net, another = Net(), Net()
    another.scale = 5.0
    for _ in range(2):
        np.testing.assert_array_equal(X.data * 4.0 + 1.0, outer(X).data)
        np.testing.assert_array_equal(X.data**3, power(X, 3).data)
        np.testing.assert_array_equal(X.data * 2.0, net(X).data)
        np.testing.assert_array_equal(X.data * 5.0, another(X).data)
    assert (0, 1) == (inner.traces, outer.traces)


def test_partials_methods_and_objects_are_functions_too():
    """Whatever can be called can be compiled."""

    class Adder:
        def __init__(self):
            self.amount = 1.0

        def __call__(self, x):
            return x + self.amount

        def method(self, x):
            return x - self.amount

    adder = Adder()
    for function in (
        adder,
        adder.method,
        functools.partial(adder, X),
        functools.partial(lambda a, x, b: a * x + b, 2.0, b=3.0),
        nn.Linear(2, 1, seed=0, dtype="float64"),
    ):
        args = () if getattr(function, "func", None) is adder else (X,)
        step = sg.compile(function)
        for amount in (1.0, 2.0):
            adder.amount = amount
            for _ in range(2):
                np.testing.assert_allclose(
                    function(*args).data, step(*args).data, rtol=1e-12
                )


def test_no_grad_is_a_kind_of_call_of_its_own():
    """Inside, nothing needs a gradient."""
    w = leaf(0.0)
    step = sg.compile(lambda x: (w * x).sum())
    for _ in range(2):
        assert step(X[0]).requires_grad
        with sg.no_grad():
            assert not step(X[0]).requires_grad
    assert 2 == step.traces


def test_a_dropped_function_is_freed_at_once():
    """With its memory and its machine code; the collector is off."""
    gc.collect()
    gc.disable()
    try:
        for run in (1, 2):
            model = nn.Linear(2, 1, seed=0, dtype="float64")
            opt = optim.Adam(model.parameters(), lr=0.1)
            step = sg.compile(NETWORKS.training(model, opt))
            for _ in range(run):
                step(X)
            native = step.latest.native
            seen = [weakref.ref(t) for t in (step, step.latest, native, native.built)]
            seen += [weakref.ref(native.arena.base), weakref.ref(model)]
            del step, native, model, opt
            assert [None] * 6 == [reference() for reference in seen]
    finally:
        gc.enable()


def test_steps_leave_no_objects_behind():
    """200 of them, with the collector off."""
    model = nn.Sequential(nn.Linear(2, 3, seed=0, dtype="float64"), nn.Dropout(0.5))
    opt = optim.Adam(model.parameters(), lr=0.1)

    step = sg.compile(NETWORKS.training(model, opt))
    for _ in range(5):
        step(X)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(200):
            step(X)
        assert len(gc.get_objects()) - before < 20
    finally:
        gc.enable()


def test_a_function_that_runs_eagerly_keeps_no_program():
    """Nothing that every collection of garbage would have to walk."""
    step = sg.compile(lambda x: x.to("float16") * 2.0)
    with pytest.warns(UserWarning, match="runs eagerly"):
        assert [2.0, 4.0] == step(sg.tensor([1.0, 2.0])).tolist()
    assert [] == step.latest.program.ordered()
    assert [6.0, 2.0] == step(sg.tensor([3.0, 1.0])).tolist()


def test_one_signature_is_built_once(monkeypatch):
    """However often it is called, with changes that go back and forth."""
    built, link = [], Native._build
    monkeypatch.setattr(Native, "_build", lambda self: built.append(self) or link(self))
    model = nn.Dropout(0.5)
    step = sg.compile(model)
    for k in range(12):
        model.train(k % 2 == 0)
        step(X)
        step(sg.ones(3))
    assert 4 == step.traces
    assert 4 == len(built)


PROGRAM = """
    import numpy as np
    import seegrad as sg
    from seegrad import nn, optim
    model = nn.MLP(2, [5], 1, seed=0)
    opt = optim.Adam(model.parameters(), lr=0.1)
    def function(x):
        opt.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        opt.step()
        return loss
    step = sg.compile(function)
    for n in (4, 4, 3):
        step(sg.ones(n, 2))
    print([t.native.built.from_cache for ts in step.known.values() for t in ts])
"""


def test_a_second_process_compiles_nothing(tmp_path):
    """The machine code is found on disk."""
    found = [
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(PROGRAM)],
            env={
                **os.environ,
                "PYTHONPATH": SOURCE,
                "SEEGRAD_CACHE_DIR": str(tmp_path),
                "PYTHONHASHSEED": seed,
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert ["[False, False]\n", "[True, True]\n"] == found
