"""Kernels are timed, and afterwards everything is as it was before."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import losses, nn, optim
from seegrad.compiler.machine.roofline import roof
from seegrad.errors import DataError


def test_measuring_leaves_no_trace():
    """Parameters, the optimizer's memory and random numbers are as they were."""
    model = nn.MLP(2, [4], 1, activation="tanh", seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.01)

    def train_step(x, y):
        out = losses.bce_with_logits(model(x), y)
        optimizer.zero_grad()
        out.backward()
        optimizer.step()
        return out

    x, y = sg.data.moons(20, noise=0.1, seed=0)
    step = sg.compile(train_step)
    step(x, y)
    native = step.latest.native
    before = [array.copy() for array in native.bound]
    explanation = step.explain(measure=True)

    for old, array in zip(before, native.bound, strict=True):
        np.testing.assert_array_equal(old, array)
    assert all(row["seconds"] > 0.0 for row in explanation.table)
    assert "of best" in explanation.text
    assert np.isfinite(step(x, y).item())


def test_measuring_a_step_leaves_its_checks_in_place():
    """A label that is out of range is refused afterwards as before."""
    step = sg.compile(losses.bce_with_logits)
    x, y = sg.ones(2), sg.tensor([0.0, 1.0])
    step(x, y)
    step.explain(measure=True)

    with pytest.raises(DataError):
        step(x, sg.tensor([0.0, 3.0]))


def test_random_numbers_are_not_used_up_by_measuring():
    """The next run draws what it would have drawn."""
    layer = nn.Dropout(0.5)
    step = sg.compile(layer)
    x = sg.ones(64)
    sg.manual_seed(0)
    step(x)
    expected = step(x).data.copy()
    sg.manual_seed(0)
    step(x)
    step.explain(measure=True)

    np.testing.assert_array_equal(expected, step(x).data)


def test_the_roof_of_this_machine_is_plausible():
    """Arithmetic and memory both have a speed, and a roof is the slower of the two."""
    best = roof()

    assert best.flops > 1e8
    assert all(speed > 1e7 for _, speed in best.speeds)
    assert best.least(best.flops, 0, 1) == (pytest.approx(1.0), "compute")
    far = 1 << 40  # bytes that no cache holds, so more threads are no faster
    assert best.least(0, far, 2) == (pytest.approx(far / best.speeds[-1][1]), "memory")
