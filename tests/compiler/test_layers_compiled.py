"""Compiled equals eager, for every sample of every layer, in training and at rest.

Also what a layer remembers: running statistics after several steps, gradients that are
left on parameters, and random draws that are the same ones in the same order.
"""

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import SeegradError

HERE = Path(__file__).parent
AGREEMENT = SimpleNamespace(**runpy.run_path(str(HERE / "agreement.py")))
LOOKING_UP = {nn.Embedding}  # what they are given are whole numbers


def told(sample):
    """The name of a sample in the report of the tests."""
    return f"{sample.layer.__name__}-{sample.shape}-{sample.settings}"


@pytest.fixture(params=nn.Module.samples, ids=told)
def sample(request):
    """Each sample of each layer."""
    return request.param


def made(sample, dtype, mode):
    """The layer in this dtype, in training or not."""
    layer = sample.make()
    getattr(layer, mode)()
    for p in [*layer.parameters(), *layer.buffers()]:
        if p.data.dtype.kind == "f":
            p._data = p.freeze(p.data.astype(dtype))
    return layer


def inputs(sample, dtype, seed):
    """Numbers for the layer, and an uneven gradient to arrive at its result."""
    if sample.layer in LOOKING_UP:
        whole = np.random.default_rng(seed).integers(0, 5, sample.shape)
        return sg.tensor(whole)
    x = sg.randn(sample.shape, dtype=dtype, seed=seed).data
    return sg.tensor(x, requires_grad=True)


def steps_of(layer, compiled, sample, dtype):
    """Three steps with different numbers: all that each gives and leaves behind."""

    def step(x):
        out = layer(x)
        several = out if isinstance(out, tuple) else (out,)
        loss = 0.0
        for part in AGREEMENT.tensors(several):
            weights = np.linspace(-1.0, 1.0, part.size, dtype=dtype)
            loss = loss + (part * weights.reshape(part.shape)).sum()
        layer.zero_grad()
        if loss.requires_grad:
            loss.backward()
        return out, x.grad

    if compiled:
        step = sg.compile(step)
    sg.manual_seed(7)
    results = []
    for seed in (1, 2, 3):
        results += AGREEMENT.numbers(step(inputs(sample, dtype, seed)))
        results += [p.grad for p in layer.parameters()]
        results += AGREEMENT.numbers([p.data for p in layer.buffers()])
    return results, step


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_layer_computes_and_learns_the_same(sample, dtype, mode):
    """Results, gradients of the input and of the parameters, and buffers."""
    layer = made(sample, dtype, mode)
    twin = made(sample, dtype, mode)
    twin.load_state_dict(layer.state_dict())
    try:
        expected, _ = steps_of(layer, False, sample, dtype)
    except SeegradError as error:  # no batch has a spread if it is empty
        with pytest.raises(type(error), match=re.escape(error.what)):
            steps_of(twin, True, sample, dtype)
        return
    with AGREEMENT.native_runs(2):
        found, step = steps_of(twin, True, sample, dtype)
    AGREEMENT.same(expected, found)
    assert 1 == step.traces
    AGREEMENT.same(layer.state_dict(), twin.state_dict())


@pytest.mark.parametrize("end", ["last", "squares"])
def test_a_long_sequence_is_not_unrolled_into_code(end):
    """Also where each time takes its own slice of a gradient that is computed."""
    model, times = nn.LSTM(2, 3, seed=0, dtype="float64"), 20

    def loss(x):
        out, _ = model(x)
        value = ((out[-1] if end == "last" else out) ** 2).mean()
        value.backward()
        return value, [p.grad for p in model.parameters()]

    step = sg.compile(loss)
    step(np.random.default_rng(0).standard_normal((times, 2, 2)))
    table = step.explain().table
    assert 2 * times < len(table)
    assert times > len({row["function"] for row in table})
