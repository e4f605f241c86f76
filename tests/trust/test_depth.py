"""Graphs as deep and as wide as memory allows: no recursion anywhere."""

import sys
import threading

import numpy as np
import pytest

import seegrad as sg

DEPTHS = [10_000, 100_000, pytest.param(1_000_000, marks=pytest.mark.slow)]
LEAVES = {
    "Value": lambda: sg.Value(1.0),
    "Tensor": lambda: sg.tensor([1.0], requires_grad=True),
}


def chain(x, length):
    """x + 0 + 0 + ...: every node made of the one before."""
    for _ in range(length):
        x = x + 0.0
    return x


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("make", LEAVES.values(), ids=LEAVES)
def test_a_long_chain_differentiates_and_frees_itself(make, depth):
    """Forward, backward, then dropped; Python's recursion limit is left alone."""
    limit = sys.getrecursionlimit()
    x = make()
    out = chain(x, depth)
    out.backward()
    assert 1.0 == float(np.asarray(x.grad).sum())
    del out
    assert limit == sys.getrecursionlimit()
    x.zero_grad()
    (x * 2.0).backward()
    assert 2.0 == float(np.asarray(x.grad).sum())


@pytest.mark.parametrize("make", LEAVES.values(), ids=LEAVES)
def test_a_long_chain_is_dropped_without_backward(make):
    """The destructors do not recurse either."""
    out = chain(make(), 100_000)
    assert out.requires_grad
    del out


@pytest.mark.parametrize("make", LEAVES.values(), ids=LEAVES)
def test_a_small_stack_is_enough(make):
    """50,000 nodes in a thread that has 256 KiB of stack."""
    found = []

    def work():
        x = make()
        out = chain(x, 50_000)
        out.backward()
        found.append(float(np.asarray(x.grad).sum()))
        del out

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert [1.0] == found


@pytest.mark.parametrize("make", LEAVES.values(), ids=LEAVES)
def test_a_ladder_of_diamonds_takes_linear_time(make):
    """y = (y + y) / 2, 200 times: 2^200 paths, 400 nodes, gradient 1."""
    x = y = make()
    for _ in range(200):
        y = (y + y) / 2.0
    y.backward()
    assert 1.0 == float(np.asarray(x.grad).sum())


@pytest.mark.parametrize("make", LEAVES.values(), ids=LEAVES)
def test_a_leaf_may_be_used_very_often(make):
    """20,000 uses after the first: gradient 20,001."""
    x = make()
    out = x * 1.0
    for _ in range(20_000):
        out = out + x
    out.backward()
    assert 20_001.0 == float(np.asarray(x.grad).sum())


def test_a_sum_of_many_values_is_one_wide_graph():
    """Python's sum of 50,000 products."""
    xs = [sg.Value(float(i % 7)) for i in range(50_000)]
    sum(x * x for x in xs).backward()
    assert all(2.0 * x.data == x.grad for x in xs)


def test_the_second_derivative_of_a_long_chain_exists():
    """The gradient's own graph is as deep, and as harmless."""
    second = sg.grad(sg.grad(lambda x: chain(x * x, 5_000)))
    assert 2.0 == second(3.0).data


@pytest.mark.parametrize("make", LEAVES.values(), ids=LEAVES)
def test_printing_the_end_of_a_deep_graph_is_short(make):
    """A node shows itself, not its history."""
    assert len(repr(chain(make(), 100_000))) < 200
