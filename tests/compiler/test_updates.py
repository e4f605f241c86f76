"""What a step leaves behind: parameters written where they lie, and never too early.

Whoever still reads the old numbers comes first; where nobody can come first, as when
two parameters change places, the new numbers are kept aside. A step that is stopped, by
a position that does not exist, has changed nothing.
"""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import losses, nn, ops, optim
from seegrad.errors import DataError, IndexRangeError

HERE = Path(__file__).parent
AGREEMENT = SimpleNamespace(**runpy.run_path(str(HERE / "agreement.py")))


def swap(x, p, q, r):
    """Two change places."""
    p.assign(q.detach())
    q.assign(x - r.detach())
    return p.sum()


def swap_and_turn(x, p, q, r):
    """Two change places and are turned over."""
    old, other = p.detach(), q.detach()
    p.assign(other.T)
    q.assign(old.T + x)
    return old.sum()


def go_round(x, p, q, r):
    """Three in a ring, each moved in another way."""
    a, b, c = p.detach(), q.detach(), r.detach()
    p.assign(b[::-1])
    q.assign(c)
    r.assign(a.T)
    return (a * b * c).sum(0) + x


def turn_over(x, p, q, r):
    """A number is read at another place than where it is written."""
    p.assign(p.detach().T)
    return p.sum() + x


def shift(x, p, q, r):
    """Rows move up; a new one comes last."""
    old = p.detach()
    p.assign(sg.concatenate([old[1:], x[:1]]))
    return old


def smear(x, p, q, r):
    """Each number becomes one of its neighbours and of everything."""
    old = p.detach()
    p.assign(sg.pad(old, 1)[2:, 1:-1] + old.mean())
    return (old * x).sum(1)


def rows_and_columns(x, p, q, r):
    """Sums over both axes of what is written over."""
    old = p.detach()
    p.assign(old[::-1] * 2 - old.sum(0) + old.sum(1, keepdim=True))
    return old.sum() + x


def in_a_product(x, p, q, r):
    """A product that is written over its own factor."""
    p.assign((p.detach() @ x).tanh())
    return p * 2


def by_rows(x, p, q, r):
    """A softmax in place."""
    p.assign(sg.softmax(p.detach() + x, 1))
    return p.detach().sum(0)


def looked_up(x, p, q, r):
    """Rows of the old numbers, added up in the new ones."""
    index, old = sg.tensor(np.array([0, 0, 4])), p.detach()
    p.assign(old * 0.5 + ops.scatter_add(old[index] + x[:3], index, dim=0, length=5))
    return old[index]


def one_to_two(x, p, q, r):
    """The same new numbers for two parameters, and for the caller."""
    new = (x @ p.detach()).tanh()
    p.assign(new)
    q.assign(new)
    return new


def old_and_new(x, p, q, r):
    """The caller gets what was there, what is there now, and what it gave."""
    old = p.detach()
    p.assign(old + x)
    return old, p, p.detach(), x


def given(x, p, q, r):
    """What is given becomes the parameter."""
    old = p.detach() * 2
    p.assign(x)
    return old


def used_after(x, p, q, r):
    """A second look at the network, after its update."""
    ((x @ p) ** 2).sum().backward()
    p.assign(p.detach() - 0.1 * p.grad)
    p.grad = None
    q.assign(q.detach() * 0.9 + p.detach() * 0.1)
    return ((x @ p) ** 2).sum()


def twice(x, p, q, r):
    """Two updates in one step."""
    for _ in range(2):
        loss = ((x @ p) ** 2).sum()
        p.grad = None
        loss.backward()
        p.assign(p.detach() - 0.01 * p.grad)
    return loss


def clipped(x, p, q, r):
    """Nobody may be updated before the gradients of all are known."""
    loss = ((x @ p @ q) ** 2).sum()
    p.grad = q.grad = None
    loss.backward()
    norm = ((p.grad * p.grad).sum() + (q.grad * q.grad).sum()) ** 0.5
    p.assign(p.detach() - 0.1 * p.grad / norm)
    q.assign(q.detach() - 0.1 * q.grad / norm)
    return norm


STEPS = [swap, swap_and_turn, go_round, turn_over, shift, smear, rows_and_columns]
STEPS += [in_a_product, by_rows, looked_up, one_to_two, old_and_new, given]
STEPS += [used_after, twice, clipped]


@pytest.mark.parametrize("function", STEPS, ids=lambda f: f.__name__)
def test_what_is_written_over_was_read_before(function):
    """Four steps leave the same parameters as eagerly, and return the same."""

    def made():
        states = [sg.randn((5, 5), dtype="float64", seed=k).data for k in range(3)]
        states = [sg.tensor(x, requires_grad=True) for x in states]
        return states, lambda x: function(x, *states)

    mine, eager = made()
    yours, step = made()
    compiled = sg.compile(step)
    with np.errstate(all="ignore"), AGREEMENT.native_runs(3):
        for seed in range(4):
            x = sg.randn((5, 5), dtype="float64", seed=10 + seed).data
            expected = AGREEMENT.numbers(eager(sg.tensor(x)))
            AGREEMENT.same(expected, compiled(sg.tensor(x)))
            AGREEMENT.same(mine, yours)
    assert 1 == compiled.traces


def test_gradients_are_added_to_those_that_are_there():
    """Without zero_grad, step after step, and into the very leaf."""
    p = sg.tensor(np.arange(3.0), requires_grad=True)

    def step(x):
        (x * p * p).sum().backward()
        return p.grad

    compiled = sg.compile(step)
    for count in (1, 2, 3):
        out = compiled(sg.tensor(np.ones(3)))
        assert (2.0 * count * np.arange(3.0)).tolist() == p.grad.tolist()
        assert p.grad.tolist() == out.tolist()


def test_a_position_that_does_not_exist_stops_the_step_before_it_writes():
    """In the table, in its gradient, and in the memory of the optimizer."""
    table = nn.Embedding(7, 4, seed=0)
    optimizer = optim.Adam(table.parameters(), lr=0.1)

    def step(index):
        loss = (table(index) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    compiled = sg.compile(step)
    good, bad = (sg.tensor(np.array([[0, 1], [3, k]])) for k in (-7, 7))
    compiled(good)
    compiled(good)
    before = AGREEMENT.numbers([table.weight, optimizer.state_dict()])
    with pytest.raises(IndexRangeError, match="7"):
        compiled(bad)
    AGREEMENT.same(before, [table.weight, optimizer.state_dict()])
    compiled(good)
    assert 1 == compiled.traces


def test_a_check_is_made_where_nothing_is_updated_too():
    """A loss of a target that is not finite is no number but an error."""
    compiled = sg.compile(losses.mse)
    x = sg.randn((3, 2), seed=0)
    compiled(x, x + 1.0)
    with AGREEMENT.native_runs():
        compiled(x, x * 2.0)
    with pytest.raises(DataError, match="nan"):
        compiled(x, x * np.nan)
    assert 1 == compiled.traces


@pytest.mark.parametrize("wrong", [6, -7])
def test_a_lookup_inside_of_an_update_is_checked_before_any_update(wrong):
    """The kernel that would write is not started."""
    p = sg.tensor(np.arange(6.0))
    q = sg.tensor(np.arange(6.0))

    def step(index):
        new = q.detach()[index]
        p.assign(p.detach() + 1.0)
        q.assign(new)
        return ops.scatter_add(new, index, dim=0, length=6)

    compiled = sg.compile(step)
    compiled(sg.tensor(np.array([5, 4, 3, 2, 1, 0])))
    compiled(sg.tensor(np.array([5, 4, 3, 2, 1, -6])))
    before = AGREEMENT.numbers([p, q])
    with pytest.raises(IndexRangeError):
        compiled(sg.tensor(np.array([5, 4, 3, 2, 1, wrong])))
    AGREEMENT.same(before, [p, q])


def test_the_same_array_may_be_given_twice_and_be_the_parameter():
    """Arrays that are read and the one that is written never share memory."""
    p = sg.tensor(np.arange(25.0).reshape(5, 5) / 10)

    def step(x, y):
        p.assign(x @ y.T / 9 + p.detach())
        return x + y

    compiled = sg.compile(step)
    x = sg.randn((5, 5), dtype="float64", seed=3)
    for first, second in ((x, x), (p, x), (p.detach(), p), (x, p.detach())):
        for _ in range(2):
            a, b, old = first.data.copy(), second.data.copy(), p.data.copy()
            compiled(first, second)
            np.testing.assert_allclose(p.data, a @ b.T / 9 + old)


def test_single_values_are_compiled_too():
    """A scalar network learns the same numbers."""
    inputs = [sg.Value(0.5), sg.Value(-1.0)]

    def made():
        weights = [sg.Value(0.3), sg.Value(0.7)]

        def step(a, b):
            out = (a * weights[0] + b * weights[1]).tanh() * 2.0**0.5
            for w in weights:
                w.zero_grad()
            out.backward()
            for w in weights:
                w.assign(w.data - 0.1 * w.grad)
            return out

        return weights, step

    mine, eager = made()
    yours, step = made()
    compiled = sg.compile(step)
    with AGREEMENT.native_runs(3):
        for _ in range(4):
            assert eager(*inputs).data == pytest.approx(compiled(*inputs).data, 1e-12)
    assert [w.data for w in mine] == pytest.approx([w.data for w in yours], 1e-12)
