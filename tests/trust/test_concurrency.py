"""Threads, processes and interruptions: each graph is its maker's own business."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import seegrad as sg
from seegrad.op import elementwise


def work(seed):
    """A graph of its own, sometimes without recording; its numbers as bytes."""
    x = sg.randn(4, 4, seed=seed)
    x.requires_grad = True
    y = x
    for i in range(20):
        y = sg.tanh(y @ x) + y * 0.5
        if i % 5 == 0:
            with sg.no_grad():
                y.sum()
    y.sum().backward()
    v = sg.Value(float(seed))
    (v * v + v.sin()).backward()
    return x.grad.tobytes() + np.float64(v.grad).tobytes()


def test_threads_compute_the_same_bits_as_one():
    """48 graphs on 8 threads that are switched at every opportunity."""
    expected = [work(seed) for seed in range(48)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert expected == list(pool.map(work, range(48)))
    finally:
        sys.setswitchinterval(interval)


def test_a_shared_leaf_may_be_read_by_many_threads():
    """grad() stores nothing, so threads do not meet."""
    x = sg.tensor(np.array([1.0, 2.0]), requires_grad=True)
    f = sg.grad(lambda x: (x * x * x).sum())
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: f(x).tolist(), range(100)))
    assert [[3.0, 12.0]] * 100 == found
    assert x.grad is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_graph_can_be_differentiated_in_a_forked_child():
    """Built before the fork, walked after it."""
    x = sg.tensor(np.array([1.0, 2.0]), requires_grad=True)
    out = (x * x).sum()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        out.backward()
        os.write(writing, x.grad.tobytes())
        os._exit(0)
    os.waitpid(child, 0)
    assert [2.0, 4.0] == np.frombuffer(os.read(reading, 100)).tolist()
    os.close(reading)
    os.close(writing)
    assert x.grad is None


@pytest.mark.usefixtures("own_ops")
@pytest.mark.parametrize("make", [sg.Value, lambda x: sg.tensor(x, requires_grad=True)])
def test_an_interruption_inside_backward_poisons_nothing(make):
    """No gradient was stored, and the next backward is right."""

    @elementwise(at=(1.0,))
    def interrupted(xp, x, /):
        """x"""
        return x * 1.0

    def rule(g, out, x):
        raise KeyboardInterrupt

    interrupted.derivatives(x=rule)
    x = make(3.0)
    with pytest.raises(KeyboardInterrupt):
        (x * interrupted(x * 2.0)).backward()
    assert x.grad is None
    (x * x).backward()
    assert 6.0 == float(x.grad)


def test_a_failed_product_is_followed_by_a_right_one():
    """(2, 3) @ (2, 3) is refused with both shapes; then all is as before."""
    x = sg.ones(2, 3, requires_grad=True)
    with pytest.raises(sg.errors.ShapeError) as caught:
        x @ x
    assert "cannot multiply (2, 3) by (2, 3)" in caught.value.what
    assert "x.T or y.T" in caught.value.hint
    (x @ x.T).sum().backward()
    assert (np.full((2, 3), 4.0) == x.grad).all()


def test_no_grad_in_one_thread_leaves_backward_in_another_alone():
    """While one is quiet, the other records and differentiates."""
    inside, done = threading.Event(), threading.Event()

    def quiet():
        with sg.no_grad():
            inside.set()
            done.wait(30)

    thread = threading.Thread(target=quiet)
    thread.start()
    assert inside.wait(30)
    try:
        assert 12.0 == sg.grad(sg.grad(lambda x: x * x * x))(2.0).data
    finally:
        done.set()
        thread.join()
