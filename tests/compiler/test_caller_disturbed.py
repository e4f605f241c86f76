"""A native call in the middle of other things: threads, Ctrl-C, the garbage collector.

It runs while Python waits, and whatever may run Python's own code comes before the look
at what has to be as it was.
"""

import gc
import itertools
import os
import signal
import threading

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim

X = sg.tensor(np.array([1.0, 2.0]))


def among_finalizers(step):
    """What 200 calls give, and what the finalizers gave that ran in their middle.

    Each call may collect garbage whose finalizer calls the very same step.
    """
    nested, outs = [], []

    class Finalized:
        def __init__(self):
            self.itself = self

        def __del__(self):
            nested.append(step(X * 10.0))

    threshold = gc.get_threshold()
    try:
        for k in range(200):
            gc.set_threshold(1000)
            Finalized()
            gc.set_threshold(1 + k % 9)  # the moment differs
            outs.append(step(X))
    finally:
        gc.set_threshold(*threshold)
    gc.collect()
    return outs, nested


def test_python_that_runs_while_a_result_is_made_is_harmless():
    """A collection of garbage in the very moment, whose finalizer calls the step."""
    p = sg.tensor(np.zeros(2))

    def function(x):
        p.assign(p.detach() + x)
        return p.detach() * 1.0, *(x * k for k in (2.0, 3.0, 4.0))

    step = sg.compile(function)
    for _ in range(2):
        step(X)
    outs, nested = among_finalizers(step)
    assert [[20.0, 40.0]] * 200 == [out[1].tolist() for out in nested]
    for _, *rest in outs:
        assert [[2.0, 4.0], [3.0, 6.0], [4.0, 8.0]] == [out.tolist() for out in rest]
        assert 1 == len({out.born for out in rest})
    assert [2202.0, 4404.0] == p.tolist()


def test_threads_of_python_take_turns():
    """Short and long calls of one step, which update the same parameter."""
    p = sg.tensor(np.zeros(()))

    def function(x):
        p.assign(p.detach() + x.sum())
        return p.detach() * 1.0

    step = sg.compile(function)
    inputs = [sg.ones(1, dtype="float64"), sg.ones(1_000_000, dtype="float64")]
    for x in inputs:
        step(x)
        step(x)
    assert [True, True] == [t.is_simple for ts in step.known.values() for t in ts]
    assert {0, 1} == {
        t.native.tables.call.long for ts in step.known.values() for t in ts
    }
    p.assign(np.zeros(()))
    failures = []

    def work(number):
        try:
            for k in range(40):
                step(inputs[(number + k) % 2])
        except BaseException as error:  # a thread has nobody to tell
            failures.append(error)

    workers = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [] == failures
    assert 80 * 1_000_001.0 == p.item()


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent with a signal")
def test_ctrl_c_leaves_a_whole_step():
    """However often and whenever: parameter and memory have taken the same steps."""
    p = nn.Parameter(np.zeros(1))
    optimizer = optim.SGD([p], lr=1.0, momentum=0.5)
    q = sg.tensor(np.zeros(1))

    def function(x):
        optimizer.zero_grad()
        (p * x).sum().backward()
        optimizer.step()
        q.assign(q.detach() + 1.0)

    step, x = sg.compile(function), sg.tensor(np.array([-1.0]))
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    step(x)
    interrupted = 0
    try:
        for _ in range(20):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.002)
                for _ in itertools.count():
                    step(x)
            except KeyboardInterrupt:
                interrupted += 1
                n = q.item()
                expected = 2.0 * n - 2.0 * (1.0 - 0.5**n)
                assert expected == pytest.approx(p.item(), rel=1e-9)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert 20 == interrupted


def test_a_finalizer_may_call_a_step_that_prepares_its_run():
    """One that draws random numbers; inside of itself it runs eagerly."""
    drop = nn.Dropout(0.5)
    step = sg.compile(lambda x: drop(x) * 0.0 + x)
    step(X)
    outs, nested = among_finalizers(step)
    assert [[10.0, 20.0]] * 200 == [out.tolist() for out in nested]
    assert all([1.0, 2.0] == out.tolist() for out in outs)


def test_a_turn_that_an_interruption_left_open_is_closed_by_the_next():
    """The step goes on natively, and nobody is at work when it is over."""
    step = sg.compile(lambda x: x * 2.0)
    for _ in range(2):
        step(X)
    step.function = None  # calling it would fail
    step.turn.busy[0] = 1  # Ctrl-C came before it was set back
    assert [2.0, 4.0] == step(X).tolist()
    assert 0 == step.turn.busy[0]
    assert [2.0, 4.0] == step(X).tolist()
