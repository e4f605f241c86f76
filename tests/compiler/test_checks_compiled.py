"""A check that fails, now or in a later run, is the eager error and changes nothing."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import losses, nn, optim
from seegrad.errors import (
    DataError,
    IndexRangeError,
    NonFiniteError,
)

NETWORKS = SimpleNamespace(**runpy.run_path(str(Path(__file__).parent / "networks.py")))
everything = NETWORKS.everything
X = sg.tensor(np.array([1.0, 2.0]))


def labels(y):
    """The labels of a batch."""
    return sg.tensor(np.array(y))


CHECKS = {
    "labels": (
        lambda model, x, y: losses.cross_entropy(model(x), y),
        labels([0, 1]),
        labels([0, 7]),
        DataError,
    ),
    "targets": (
        lambda model, x, y: losses.mse(model(x), y),
        sg.tensor(np.ones((2, 3), np.float32)),
        sg.tensor(np.full((2, 3), np.nan, np.float32)),
        DataError,
    ),
    "lookup": (
        lambda model, x, y: (model(x) * sg.ones(4, 3)[y]).mean(),
        labels([0, 3]),
        labels([0, 4]),
        IndexRangeError,
    ),
    "norm": (
        lambda model, x, y: (model(x) * y).sum(),
        sg.tensor(np.ones((2, 3), np.float32)),
        sg.tensor(np.full((2, 3), np.inf, np.float32)),
        NonFiniteError,
    ),
}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("later", [True, False])
def test_a_failed_check_raises_the_eager_error_and_changes_nothing(name, later):
    """While tracing and natively; the random stream stands where it stood."""
    loss_of, good, bad, error = CHECKS[name]
    model, opt, _ = everything()
    model.layers[3] = nn.Linear(3, 3, seed=1)
    opt.params[:] = model.parameters()

    def function(x, y):
        loss = loss_of(model, x, y)
        opt.zero_grad()
        loss.backward()
        optim.clip_grad_norm(opt.params, 1.0, error_if_nonfinite=True)
        opt.step()
        return loss

    opt = optim.Adam(model.parameters(), lr=0.1)
    step = sg.compile(function)
    x = sg.tensor(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    if later:
        step(x, good)
        step(x, good)
    for p in model.parameters():
        p.zero_grad()
    words = []
    for call in (step, function):
        model_before, stream = model.state_dict(), sg.random.state()
        states = [dict(s) for s in opt.states]
        with pytest.raises(error) as caught_error:
            call(x, bad)
        words.append(str(caught_error.value))
        if call is step and name != "norm":
            assert all(p.grad is None for p in model.parameters())
        for key, array in model.state_dict().items():
            if "running" not in key and "tracked" not in key:
                np.testing.assert_array_equal(model_before[key], array)
        assert str(states) == str(opt.states)
        sg.random.set_state(stream)
    assert words[0] == words[1]
    assert np.isfinite(float(step(x, good)))


def test_a_failed_check_draws_no_keys_twice():
    """The eager run that raises the error takes the same keys as the native one."""
    step = sg.compile(
        lambda x, y: losses.cross_entropy(nn.Dropout(0.5)(x) + sg.rand(2, 3), y)
    )
    x = sg.ones(2, 3)
    step(x, labels([0, 1]))
    step(x, labels([0, 1]))
    sg.manual_seed(3)
    with pytest.raises(DataError):
        step(x, labels([0, 9]))
    native = sg.random.state()
    sg.manual_seed(3)
    with pytest.raises(DataError):
        step.function(x, labels([0, 9]))
    assert native == sg.random.state()
