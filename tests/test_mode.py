"""no_grad and watching: nothing outside of them changes, whatever happens inside."""

import threading

import numpy as np
import pytest

import seegrad as sg
from seegrad.mode import mode, switched, watching


def needs_gradient():
    """Whether a result computed here and now would need one."""
    x = sg.Value(2.0)
    return (x * x).requires_grad


def test_no_grad_computes_without_remembering():
    """Results are plain leaves, on Values and on Tensors."""
    x = sg.ones(3, requires_grad=True)
    with sg.no_grad():
        assert not needs_gradient()
        out = (x * 2).sum()
    assert (6.0, None, ()) == (out.item(), out.op, out.inputs)
    assert needs_gradient()


def test_no_grad_nests():
    """The outer one is still on when the inner one ends."""
    with sg.no_grad():
        with sg.no_grad():
            pass
        assert not needs_gradient()
    assert needs_gradient()


def test_no_grad_ends_with_an_exception():
    """The mode is put back, and the exception goes on."""
    with pytest.raises(ZeroDivisionError), sg.no_grad():
        1 / 0
    assert needs_gradient()


def test_no_grad_decorates_a_function():
    """As in PyTorch: @sg.no_grad() above an evaluation, once for each call."""

    @sg.no_grad()
    def evaluate():
        return needs_gradient()

    assert [False, False] == [evaluate(), evaluate()]
    assert needs_gradient()


def test_no_grad_belongs_to_its_thread():
    """Another thread goes on recording, and differentiates meanwhile."""
    inside, done = threading.Event(), threading.Event()
    seen = {}

    def quiet():
        with sg.no_grad():
            inside.set()
            assert done.wait(30)
            seen["quiet"] = needs_gradient()

    thread = threading.Thread(target=quiet)
    thread.start()
    assert inside.wait(30)
    x = sg.Value(3.0)
    (x * x).backward()
    done.set()
    thread.join()
    assert (6.0, False) == (x.grad, seen["quiet"])
    assert [] == switched


def test_backward_works_inside_no_grad():
    """A graph that was made before is walked as ever."""
    x = sg.Value(3.0)
    out = x * x
    with sg.no_grad():
        out.backward()
    assert 6.0 == x.grad


def test_derivatives_of_functions_exist_inside_no_grad():
    """Who asks for a derivative gets it, and not a silent zero; no_grad goes on."""
    x = np.array([1.0, 2.0])
    with sg.no_grad():
        assert 6.0 == sg.grad(lambda x: x * x)(3.0).data
        assert 12.0 == sg.grad(sg.grad(lambda x: x * x * x))(2.0).data
        assert [[2.0, 0.0], [0.0, 4.0]] == sg.jacobian(lambda x: x * x)(x).tolist()
        assert [[2.0, 0.0], [0.0, 2.0]] == (
            sg.hessian(lambda x: (x * x).sum())(x).tolist()
        )
        sg.check.gradients(lambda x: x.exp(), 2.0)
        assert not needs_gradient()


def test_no_grad_inside_a_function_hides_that_part_of_it():
    """What was computed there is a constant, as in PyTorch."""

    def f(x):
        with sg.no_grad():
            constant = x * x
        return x * constant

    assert 9.0 == sg.grad(f)(3.0).data


def test_a_watcher_sees_every_operation_with_its_inputs_and_settings():
    """Also those that need no gradient, and those inside no_grad."""
    seen = []

    def watcher(out, op, inputs, settings):
        seen.append((op.name, out.shape, len(inputs), settings.get("dim")))

    x = sg.ones((2, 3))
    with watching(watcher):
        x.sum(dim=0)
        with sg.no_grad():
            x * 2.0
    x + 1.0
    assert [("sum", (3,), 1, (0,)), ("mul", (2, 3), 2, None)] == seen


def test_a_watcher_that_raises_does_not_stay():
    """Its error reaches the caller, and the next operation is not watched."""

    def watcher(*_):
        raise KeyError("seen enough")

    with pytest.raises(KeyError, match="seen enough"), watching(watcher):
        sg.Value(1.0) + 1.0
    assert mode.watcher is None
    assert 2.0 == (sg.Value(1.0) + 1.0).data
