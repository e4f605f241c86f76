"""Compiled equals eager, for every optimizer under every kind of setting.

Five steps, parameters and memory; and the memory can be taken from a compiled training
into an eager one and back, because it lies in the same plain arrays.
"""

import inspect
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim

HERE = Path(__file__).parent
AGREEMENT = SimpleNamespace(**runpy.run_path(str(HERE / "agreement.py")))
NAMES = sorted(optim.OPTIMIZERS)
SHAPES = [(3, 5), (17,), (), (0, 3), (2, 1, 4)]
CHANGES = {  # other settings than the usual ones, for whoever has a setting so called
    "momentum": 0.8,
    "weight_decay": 0.05,
    "nesterov": True,
    "dampening": 0.1,  # no number of float32: one that was rounded to it shows
    "amsgrad": True,
    "centered": True,
    "maximize": True,
    "betas": (0.8, 0.95),
    "eps": 1e-3,
    "alpha": 0.9,
}


def settings_of(name):
    """The usual settings, each one changed alone, and all changed together."""
    known = inspect.signature(optim.get(name)).parameters
    changes = {key: value for key, value in CHANGES.items() if key in known}
    yield {}
    for key, value in changes.items():
        alone = key not in ("nesterov", "dampening")  # they act on a momentum
        yield {key: value} if alone else {key: value, "momentum": 0.8}
    if "nesterov" in changes:
        changes.pop("dampening", None)  # these two exclude each other
    yield changes


EVERY = [
    pytest.param(name, settings, id=f"{name}-{settings}")
    for name in NAMES
    for settings in settings_of(name)
]


def network(dtype):
    """Parameters of all shapes, one that is frozen and one that no gradient reaches."""
    parameters = [
        nn.Parameter(sg.randn(shape, dtype=dtype, seed=k).data)
        for k, shape in enumerate([*SHAPES, (4,), (4,)])
    ]
    parameters[-1].requires_grad = False
    return parameters


def training(name, settings, dtype, lr=0.03):
    """A step for these parameters, and the optimizer."""
    parameters = network(dtype)
    optimizer = optim.get(name)(parameters, lr=lr, **settings)

    def step(x):
        loss = (x * 0.0).sum()
        for k, p in enumerate(parameters[:-2]):
            loss = loss + ((p * p + 1.0).sqrt() * (1.0 + k)).sum() * x.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return parameters, optimizer, step


def batch(number, dtype):
    """What a step is given: another slope each time, once a broken one."""
    return sg.tensor(np.linspace(0.5, 1.5 + number, 5).astype(dtype))


def everything(parameters, optimizer):
    """All that a training leaves behind; gradients that were used up are not kept."""
    return [[p.data for p in parameters], optimizer.state_dict()["states"]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "settings"), EVERY)
def test_five_steps_are_the_eager_ones(name, settings, dtype):
    """Also when the learning rate changes on the way, without compiling again."""
    one, mine, eager = training(name, settings, dtype)
    other, yours, step = training(name, settings, dtype)
    compiled = sg.compile(step)
    with AGREEMENT.native_runs(4):
        for number in range(5):
            x = batch(number, dtype)
            AGREEMENT.same(eager(x), compiled(x))
            mine.lr = yours.lr = 0.03 / (1 + number)
    assert 1 == compiled.traces
    AGREEMENT.same(everything(one, mine), everything(other, yours))
    counts = [[type(v) is int for v in s.values()] for s in mine.states]
    assert counts == [[type(v) is int for v in s.values()] for s in yours.states]


@pytest.mark.parametrize("name", NAMES)
def test_a_memory_moves_from_compiled_to_eager_and_back(name):
    """Two compiled steps, two eager ones, two compiled ones: as six eager ones."""
    settings = list(settings_of(name))[-1]
    whole, mine, eager = training(name, settings, "float64")
    for number in range(6):
        eager(batch(number, "float64"))
    saved = None
    for number in range(0, 6, 2):
        parameters, optimizer, step = training(name, settings, "float64", lr=0.5)
        if saved is not None:
            for p, data in zip(parameters, saved[0], strict=True):
                p.assign(data)
            optimizer.load_state_dict(saved[1])
        else:
            optimizer.lr = 0.03
        run = step if number == 2 else sg.compile(step)
        for k in (number, number + 1):
            run(batch(k, "float64"))
        saved = [p.data for p in parameters], optimizer.state_dict()
    AGREEMENT.same([p.data for p in whole], saved[0])
    AGREEMENT.same(mine.state_dict()["states"], saved[1]["states"])


@pytest.mark.parametrize("name", NAMES)
def test_a_memory_loaded_on_the_way_is_used_by_the_same_compiled_step(name):
    """Going back to an earlier point: the same numbers again, to the last bit."""
    parameters, optimizer, step = training(name, {}, "float32")
    compiled = sg.compile(step)
    for number in range(3):
        compiled(batch(number, "float32"))
    saved = [p.data.copy() for p in parameters], optimizer.state_dict()
    expected = [compiled(batch(k, "float32")).item() for k in range(3)]
    for p, data in zip(parameters, saved[0], strict=True):
        p.assign(data)
    optimizer.load_state_dict(saved[1])
    assert expected == [compiled(batch(k, "float32")).item() for k in range(3)]


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_gradient_breaks_the_same_weights(name):
    """NaN and infinity go where the eager step lets them go."""
    one, mine, eager = training(name, {}, "float64")
    other, yours, step = training(name, {}, "float64")
    compiled = sg.compile(step)
    for x in ([1.0, 2.0], [np.nan, 1.0], [1.0, 1.0], [np.inf, 1.0]):
        AGREEMENT.same(eager(sg.tensor(np.array(x))), compiled(sg.tensor(np.array(x))))
    AGREEMENT.same(everything(one, mine), everything(other, yours))


def test_numbers_that_others_hold_are_not_written_over():
    """Whoever kept p.data, p.grad or a state from before keeps it as it was."""
    parameters, optimizer, step = training("Adam", {}, "float32")
    compiled = sg.compile(step)
    compiled(batch(0, "float32"))
    compiled(batch(1, "float32"))
    held = [p.data for p in parameters] + [
        v for state in optimizer.states for v in state.values() if hasattr(v, "shape")
    ]
    before = [x.copy() for x in held]
    compiled(batch(2, "float32"))
    assert all(np.array_equal(x, y) for x, y in zip(before, held, strict=True))
    assert not np.array_equal(held[0], parameters[0].data)
