"""What melts into what: the kernels of well-known steps, and the rules behind them.

These are facts about plans, not about numbers: a change of the planner that costs a
training step a walk through memory is seen here, and so is one that would compute a
number twice that has to be computed once.
"""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import losses, nn, ops, optim
from seegrad.compiler.planning.memory import ARENA, Layout, Place
from seegrad.compiler.planning.schedule import schedule
from seegrad.compiler.planning.table import block, meet
from seegrad.compiler.programs.program import Goal, Program, Term, leaf
from seegrad.compiler.programs.simplify import simplify
from seegrad.op import REGISTRY, contraction

HERE = Path(__file__).parent
AGREEMENT = SimpleNamespace(**runpy.run_path(str(HERE / "agreement.py")))


def native(function, *arguments):
    """The native code of a function, after it has run once."""
    step = sg.compile(function)
    step(*arguments)
    return step.latest.native


def kernels(function, *arguments):
    """The kernels of a function, each with the names of what it computes, in words."""
    found = native(function, *arguments).schedule.kernels
    return [f"{k.kind}: {' '.join(str(i.term.op) for i in k.items)}" for k in found]


def test_a_bias_and_an_activation_melt_into_the_product():
    """One kernel; only the last of the three is written to memory."""
    layer = nn.Linear(4, 8, seed=0)
    found = native(lambda x: layer(x).relu(), sg.ones(16, 4)).schedule.kernels
    assert ["product 16 x 8: matmul add relu*"] == list(map(str, found))


def test_reading_far_numbers_is_work_as_well():
    """A product with one row has few additions, and waits for its large factor."""
    weight = sg.ones(300, 200)
    (row,) = native(lambda x: x @ weight, sg.ones(1, 300)).assembly.rows
    assert row.work > 4 * 300 * 200


def test_a_softmax_is_three_walks_along_each_row():
    """The largest, the sum of what is left, and the division, in one kernel."""
    found = native(lambda x: sg.softmax(x * 2.0, 1), sg.ones(8, 40)).schedule.kernels
    (kernel,) = found
    phases = [(str(i.term.op), i.phase) for i in kernel.items]
    assert [("amax", 0), ("exp", 1), ("sum", 1), ("div", 2)] == phases


def test_an_update_melts_into_the_product_that_gives_its_gradient():
    """Adam's moments and the new weights are written as each sum is finished."""
    layer = nn.Linear(4, 8, bias=False, seed=0)
    optimizer = optim.Adam(layer.parameters())

    def step(x):
        loss = (layer(x) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    found = native(step, sg.ones(16, 4)).schedule
    last = str(found.kernels[-1])
    assert last.startswith("product ")
    assert last.endswith("sub*")
    assert [False] * found.first_update == [
        k.updates for k in found.kernels[: found.first_update]
    ]


def test_checks_and_positions_come_before_every_update():
    """Labels, and whether there are such classes, are looked at first."""
    layer = nn.Linear(4, 3, seed=0)
    optimizer = optim.SGD(layer.parameters(), lr=0.1)

    def step(x, y):
        loss = losses.cross_entropy(layer(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    found = native(step, sg.ones(6, 4), sg.tensor(np.arange(6) % 3)).schedule
    checking = [
        k
        for k, kernel in enumerate(found.kernels)
        for t in found.checks
        if any(item.term is t for item in kernel.items)
    ]
    assert len(found.checks) == len(checking) == 2
    assert max(checking) < found.first_update
    assert all(k.updates for k in found.kernels[found.first_update :])


def test_a_lookup_without_updates_is_not_checked_beforehand():
    """What it reads instead is thrown away."""
    table = sg.randn((5, 3), seed=0)
    found = native(lambda i: table[i] * 2.0, sg.tensor(np.array([0, -1])))
    assert [] == found.schedule.checks


def test_two_that_change_places_are_kept_aside_and_turned_ones_too():
    """Where both can be read before both are written, nothing is copied."""
    p, q = (sg.randn((4, 4), seed=k) for k in range(2))

    def swap(x):
        old = p.detach()
        p.assign(q.detach() + x)
        q.assign(old)

    def turn(x):
        p.assign(p.detach().T + x)

    assert ["loop: alias add"] == kernels(swap, sg.ones(4, 4))
    assert ["loop: add", "loop: alias"] == kernels(turn, sg.ones(4, 4))


@pytest.mark.parametrize("also", ["another reader of a part", "nothing"])
def test_a_number_that_is_compared_with_its_own_extreme_is_computed_once(also):
    """Rounded in two ways it would not be found again, and nobody would have won."""

    def function(a, b, c, d):
        part = a * b
        whole = part + c * d
        top = whole.amax((0, 1))
        loss = (top * top).sum()
        if also != "nothing":
            loss = loss + (part * part).sum()
        loss.backward()
        return loss, c.grad

    def arguments(seed):
        return [
            sg.tensor(sg.randn((64, 33), seed=seed + k).data, requires_grad=True)
            for k in range(4)
        ]

    step = sg.compile(function)
    for seed in range(0, 40, 4):
        _, gradient = step(*arguments(seed))
        assert np.isfinite(gradient.data).all()
        assert 1 == (gradient.data != 0).sum()
    stored = [
        item.stored
        for kernel in step.latest.native.schedule.kernels
        for item in kernel.items
        if str(item.term.op) == "add" and item.term.shape == (64, 33)
    ]
    assert stored[0]


def test_the_largest_in_a_window_of_a_normalised_image_is_found_again():
    """A batch norm before a max pooling: every gradient goes to one pixel."""
    norm = nn.BatchNorm2d(3, dtype="float32")

    def function(x):
        out = sg.max_pool2d(norm(x), 2)
        out.sum().backward()
        return norm.bias.grad

    step = sg.compile(function)
    for seed in range(3):
        norm.zero_grad()
        x = sg.tensor(sg.randn((4, 3, 16, 16), seed=seed).data, requires_grad=True)
        assert [256.0] * 3 == step(x).tolist()


def test_sums_over_axes_of_length_one_are_no_sums():
    """Nor are extremes and truths; the dtype is that of the sum all the same."""
    x = leaf(1, (3, 1), "bool")
    for name, dtype in (("sum", "int64"), ("any", "bool"), ("amax", "bool")):
        settings = {"dim": (1,), "keepdim": False}
        term = Term(REGISTRY[name], (x,), settings, (3,), np.dtype(dtype))
        (found,) = simplify(Program(results=[term])).results
        assert (3,) == found.shape
        assert dtype == found.dtype
        assert all(t.kind != "reduction" for t in Program(results=[found]).ordered())


def test_the_same_positions_are_checked_once():
    """Two lookups with the same positions in axes of one length are one check."""
    x, i = leaf(1, (5, 2), "f8"), leaf(2, (4,), "i8")
    taken = Term(ops.take, (x, i), {"dim": 0}, (4, 2), x.dtype)
    put = Term(
        REGISTRY["scatter_add"], (taken, i), {"dim": 0, "length": 5}, (5, 2), x.dtype
    )
    program = Program(results=[taken], updates=[Goal(put, leaf(3, (5, 2), "f8"))])
    once = simplify(program)
    assert 1 == len(once.checks)
    assert 1 == len(simplify(once).checks)


def test_one_number_for_many_places_has_one_home():
    """What is returned twice, or assigned and returned, is computed once."""
    p = sg.randn((4,), seed=0)

    def step(x):
        new = x.exp()
        p.assign(new)
        return new, new + 1.0, new

    found = [name for k in kernels(step, sg.ones(4)) for name in k.split()[1:]]
    assert 1 == found.count("exp")
    assert schedule(simplify(Program())).kernels == []


def test_what_is_turned_over_and_framed_is_read_within_its_bounds():
    """A number beside the frame is not read, and one that lies further back is."""

    def function(x, y, z):
        framed = sg.pad(x[::-1], ((2, 1), (0, 0))) + y
        joined = sg.concatenate([z[::-1], z[::-1][:2], x[::-1]], 0) * y[:1]
        return framed, joined, sg.pad(x.T[:, ::-1], ((0, 0), (1, 2))) @ y

    def arguments(seed):
        shapes = (7, 1), (10, 16), (4, 1)
        return [sg.randn(shape, dtype="float64", seed=seed) for shape in shapes]

    AGREEMENT.agree(function, lambda: arguments(1), lambda: arguments(2))


def test_states_are_joined_as_they_are_for_the_gradient_of_their_weight():
    """Turned over one by one, from a state of zeros on, they would be written apart."""
    layer = nn.LSTM(3, 8, seed=0)
    optimizer = optim.SGD(layer.parameters(), lr=0.1)

    def step(x):
        loss = (layer(x)[0] ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    found = native(step, sg.ones(6, 4, 3)).schedule.kernels
    items = [item for kernel in found for item in kernel.items]
    joined = [str(item.index) for item in items if str(item.term.op) == "alias"]
    assert ["(i0, i1)"] * 6 == joined


def test_a_part_of_a_whole_meets_whatever_lies_there_later():
    """It may be spread over all of it; but beside another part nobody has to wait."""
    whole, later = leaf(0, (4, 6), "f8"), leaf(1, (4, 2), "f8")
    top, bottom = (leaf(k, (2, 6), "f8") for k in (2, 3))
    layout = Layout(
        places={
            whole: Place(ARENA, 0),
            top: Place(ARENA, 0),
            bottom: Place(ARENA, 96),
            later: Place(ARENA, 128),
        },
        wholes={top: whole, bottom: whole},
    )
    first, second, after = ([block(x, layout)] for x in (top, bottom, later))
    assert not meet(first, second)
    assert meet(first, after)
    assert meet(second, after)


def test_code_with_an_op_of_the_user_is_not_found_by_its_description():
    """Also where it is summed up: tomorrow the same name may mean something else."""
    facts = ops.matmul.facts

    @contraction(product=facts.product)
    def own_product(xp, x, y, /):
        """x @ y"""
        return xp.matmul(x, y)

    del REGISTRY["own_product"]
    x = sg.ones(3, 4, 5), sg.ones(3, 5, 2)
    known = native(lambda x, y: ops.matmul(x, y).sum(0), *x)
    own = native(lambda x, y: own_product(x, y).sum(0), *x)
    assert "matmul" == known.program.results[0].op.name
    assert "own_product" == own.program.results[0].op.name
    assert known.assembly.description is not None
    assert own.assembly.description is None
