"""The native call: what it takes without asking Python, declines, and leaves behind.

Whether it was native that answered is read off the count of native runs, and that it
was at once, off `is_direct`.
"""

import copy
import gc
import pickle
import sys
import types
import weakref

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.compiler import compiled as compiled_file
from seegrad.compiler.machine import objects
from seegrad.compiler.machine.caller import RUNS
from seegrad.compiler.tracing.severed import SEVERED
from seegrad.compiler.tracing.watch import Watch
from seegrad.errors import TraceError

X = sg.tensor(np.array([1.0, 2.0]))


def takes(step, *args):
    """What the native function itself makes of a call; None if it declines."""
    assert step.latest.is_direct
    return step.latest.step(args)


def test_a_second_call_is_taken_at_once():
    """Also for other tensors of the same kind; each counts as a native run."""
    step = sg.compile(lambda x: x * 2.0)
    step(X)
    before = RUNS[0]
    for k in range(5):
        assert [2.0 * k, 4.0 * k] == takes(step, X * k).tolist()
    assert before + 5 == RUNS[0]


OTHERS = {
    "shape": lambda: (sg.ones(3, dtype="float64"), X),
    "axes": lambda: (sg.ones(1, 2, dtype="float64"), X),
    "dtype": lambda: (sg.ones(2), X),
    "flag": lambda: (sg.ones(2, dtype="float64", requires_grad=True), X),
    "value": lambda: (sg.Value(1.0), X),
    "array": lambda: (np.ones(2), X),
    "number": lambda: (1.0, X),
    "nothing": lambda: (None, X),
    "too few": lambda: (X,),
    "too many": lambda: (X, X * 1.0, X * 2.0),
    "twice": lambda: (X, X),
    "strided": lambda: (sg.Tensor._leaf(np.ones(4)[::2], False), X),
    "turned bytes": lambda: (sg.Tensor._leaf(np.ones(2, ">f8"), False), X),
}


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_arguments_of_another_kind_are_declined(make):
    """The native function touches nothing, and leaves no count behind."""
    step = sg.compile(lambda x, y: x + y)
    step(X, X * 2.0)
    args, before = make(), RUNS[0]
    tensors = [x for x in args if isinstance(x, sg.Tensor)]
    counts = [sys.getrefcount(x) for x in tensors]
    for _ in range(50):
        assert takes(step, *args) is None
    assert before == RUNS[0]
    assert counts == [sys.getrefcount(x) for x in tensors]
    assert [3.0, 6.0] == takes(step, X * 1.0, X * 2.0).tolist()


def test_a_parameter_of_the_step_is_declined_as_an_argument():
    """It is known by another name; and so is one with a gradient to be added to."""
    p = nn.Parameter(np.ones(2))
    step = sg.compile(lambda x: (x * p).sum().backward())
    fresh = [sg.tensor(np.ones(2), requires_grad=True) for _ in range(3)]
    for x in fresh:
        step(x)
        assert [1.0, 1.0] == x.grad.tolist()
    step(fresh[0])
    assert [2.0, 2.0] == fresh[0].grad.tolist()
    step(p)
    assert [4.0 + 2.0, 4.0 + 2.0] == p.grad.tolist()


def test_results_are_nodes_like_others():
    """Frozen, without a graph, of their own moment; they can be copied and pickled."""
    w = nn.Parameter(np.array([1.0, 2.0]))
    step = sg.compile(lambda x: ((w * x).sum(), x * 2.0, w.detach() + 1.0))
    step(X)
    first, second = step(X), step(X)
    for a, b, plain in zip(first, second, (False, True, True), strict=True):
        assert a is not b
        assert a._data is not b._data
        assert not a._data.flags.writeable
        assert a.born < b.born
        assert (a.grad, a.name, a.settings) == (None, None, {})
        assert plain == (a.op is None) == (not a.requires_grad)
        if plain:
            assert a.tolist() == pickle.loads(pickle.dumps(a)).tolist()
            assert a.tolist() == copy.deepcopy(a).tolist()
            assert [1.0, 1.0] == sg.grad(lambda v: v.sum())(a).tolist()
    assert weakref.ref(first[0])() is first[0]
    value = sg.compile(lambda v: v * v)
    assert [4.0, 9.0] == [value(sg.Value(k)).data for k in (2.0, 3.0)]


def test_every_reference_is_given_back():
    """Of arguments, arrays, flags, operations and memories, after a thousand calls."""
    p = nn.Parameter(np.ones(3))
    optimizer = optim.Adam([p], lr=0.1)

    def function(x):
        optimizer.zero_grad()
        loss = (p * x).sum()
        loss.backward()
        optimizer.step()
        return loss

    step, x = sg.compile(function), sg.tensor(np.ones(3))
    for _ in range(3):
        out = step(x)
    # Their addresses, for whoever holds an array of the step sends it to a copy.
    memory = optimizer.states[0]
    things = [x, p, memory, SEVERED, step.latest, out, x._data, p._data, out._data]
    things = [id(thing) for thing in [*things, memory["mean"], memory["square"]]]
    gc.collect()
    before = [objects.word(thing) for thing in things]
    blocks = sys.getallocatedblocks()
    for _ in range(1000):
        assert takes(step, x) is not None
    assert before == [objects.word(thing) for thing in things]
    assert sys.getallocatedblocks() - blocks < 100
    assert 1003 == optimizer.states[0]["step"]


def test_guards_see_what_is_gone():
    """A shorter list, a lost key, a key that comes: declined, and nothing is read."""
    numbers, table = [1.5, 2.5], {"a": 1.5}
    watches = [Watch() for _ in range(3)]
    watches[0].item(numbers, 1)
    watches[1].entry(table, "a")
    watches[2].entry(table, "b")
    assert [True] * 3 == [watch.ready().holds() for watch in watches]
    numbers.pop()
    table["b"] = table.pop("a")
    assert [False] * 3 == [watch.holds() for watch in watches]


def test_an_optimizer_that_loses_its_memory_is_noticed():
    """All its states in another list, or one of them without an entry."""
    p = nn.Parameter(np.ones(2))
    optimizer = optim.Adam([p], lr=0.1)

    def function(x):
        optimizer.zero_grad()
        (p * x).sum().backward()
        optimizer.step()

    step = sg.compile(function)
    for _ in range(3):
        step(X)
    optimizer.states = [dict(optimizer.states[0])]
    step(X)
    assert 4 == optimizer.states[0]["step"]
    del optimizer.states[0]["mean"]
    with pytest.raises(KeyError):
        step(X)
    assert 4 == optimizer.states[0]["step"]


def test_where_objects_lie_elsewhere_steps_run_eagerly(monkeypatch):
    """On another kind of Python nothing is compiled, which is said once."""
    assert objects.are_known()
    compiled_file._can_compile.cache_clear()
    monkeypatch.setattr(compiled_file, "are_known", lambda: False)
    step = sg.compile(lambda x: x * 2.0)
    try:
        with pytest.warns(UserWarning, match="CPython on 64 bits"):
            assert [2.0, 4.0] == step(X).tolist()
        assert [2.0, 4.0] == step(X).tolist()
        assert 0 == step.traces
        with pytest.raises(TraceError, match="no code to explain: this Python"):
            step.explain()
    finally:
        compiled_file._can_compile.cache_clear()


def test_arguments_without_numbers_of_their_own_are_told_by_identity():
    """A plain number, an object that is guarded, the object of a method."""

    class Net(nn.Module):
        def __init__(self):
            self.scale = 2.0

        @sg.compile
        def forward(self, x, power):
            return x * self.scale**power

    net, other = Net(), Net()
    other.scale = 5.0
    step = Net.forward
    for _ in range(2):
        assert [4.0, 8.0] == net(X, 2).tolist()
    assert [4.0, 8.0] == takes(step, net, X, 2).tolist()
    for args in [(net, X, 3), (other, X, 2), (net, X, 2.0), (net, X), (X, net, 2)]:
        assert takes(step, *args) is None
    net.scale = 3.0
    assert takes(step, net, X, 2) is None
    assert [9.0, 18.0] == net(X, 2).tolist()
    assert [25.0, 50.0] == other(X, 2).tolist()


def test_a_list_as_an_argument_is_looked_into():
    """It is the same object with other numbers in it."""
    numbers = [2.0]
    step = sg.compile(lambda x, numbers: x * numbers[0])
    for k in (2.0, 3.0, 3.0, 2.0):
        numbers[0] = k
        assert [k, 2.0 * k] == step(X, numbers).tolist()
    assert 2 == step.traces


def test_what_python_looks_at_may_come_later():
    """A list in place of a number is asked about by native code, a set by Python."""
    box = types.SimpleNamespace(scale={3.0})
    step = sg.compile(lambda x: x * sum(box.scale))
    for held in ([3.0], {3.0}, [4.0], {3.0, 1.0}, {3.0}):
        box.scale = held
        expected = [sum(held), 2.0 * sum(held)]
        for _ in range(3):
            assert expected == step(X).tolist()
        before = RUNS[0]
        found = step.latest.step if step.latest.is_direct else step.latest.attempt
        assert expected == found((X,)).tolist()
        assert before + 1 == RUNS[0]
        assert step.latest.is_direct == isinstance(held, list)
