"""The same troubles in other dress, and healthy trainings that look like trouble."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim

TRAININGS = SimpleNamespace(
    **runpy.run_path(str(Path(__file__).parent / "trainings.py"))
)
fitted, looped, moons = TRAININGS.fitted, TRAININGS.looped, TRAININGS.moons


def digits(n=320):
    """Handwritten digits, in the order of their classes."""
    x, y = sg.data.digits()
    order = np.argsort(y[:n], kind="stable")
    return x[order], y[order]


@pytest.mark.parametrize("size", [32, 64])
def test_batches_of_a_few_classes_are_sorted_too(size):
    """Two or three of ten in each, not one."""
    model = nn.MLP(64, [16], 10, seed=0)
    run = fitted(
        model, *digits(), "cross_entropy", shuffle=False, batch_size=size, epochs=2
    )
    (finding,) = sg.doctor(run)
    assert "sorted_by_class" == finding.name
    assert "of 10 classes" in finding.evidence


@pytest.mark.parametrize("size", [2, 4, 32])
def test_shuffled_batches_are_not_sorted(size):
    """However small they are."""
    model = nn.MLP(64, [16], 10, seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.02)
    run = fitted(
        model, *digits(128), "cross_entropy", optimizer, batch_size=size, epochs=1
    )
    assert [] == sg.doctor(run).names


def test_inputs_that_are_too_small_are_not_scaled():
    """Everything below a hundredth."""
    x, y = moons()
    run = fitted(nn.MLP(2, [8], 1, seed=0), x * 1e-4, y, "bce_with_logits")
    assert ["unscaled_inputs"] == sg.doctor(run).names


def test_rare_ones_are_not_small():
    """Columns that are nearly always 0, as words are in a text."""
    x = np.eye(60, dtype=np.float32)[np.random.default_rng(0).integers(0, 60, 96)]
    y = (x[:, :30].sum(axis=1) > 0).astype(int)
    run = fitted(nn.MLP(60, [8], 1, seed=0), x, y, "bce_with_logits", epochs=4)
    assert [] == sg.doctor(run).names


def test_a_gradient_that_is_always_zero_is_none():
    """A part of the network, multiplied by 0."""

    class Gated(nn.Module):
        def __init__(self):
            self.open = nn.MLP(2, [8], 1, activation="tanh", seed=0)
            self.shut = nn.MLP(2, [8], 1, activation="tanh", seed=1)

        def forward(self, x):
            return self.open(x) + 0.0 * self.shut(x)

    (finding,) = sg.doctor(fitted(Gated(), *moons(), "bce_with_logits"))
    assert "no_gradient" == finding.name
    assert "shut.0.weight only receives gradients of 0" == finding.title


@pytest.mark.parametrize(("every", "found"), [(8, True), (1, False)])
def test_gradients_that_are_forgotten_now_and_then(every, found):
    """Once an epoch is too seldom."""
    x, y = moons()
    model = nn.MLP(2, [8], 1, activation="tanh", seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    with sg.recording(model) as tape:
        for k in range(24):
            rows = slice(8 * (k % 8), 8 * (k % 8) + 8)
            loss = sg.losses.bce_with_logits(model(x[rows]), y[rows])
            if k % every == 0:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert (["forgotten_zero_grad"] if found else []) == sg.doctor(tape).names


@pytest.mark.parametrize("switches", [True, False])
def test_predictions_with_gradients_that_nobody_asks_for(switches):
    """Without no_grad: fine in evaluation mode, a mistake in training mode."""
    x, y = moons()
    model = nn.Sequential(
        nn.Linear(2, 8, seed=0), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.3),
        nn.Linear(8, 1, seed=1),
    )  # fmt: skip

    def look(model):
        if switches:
            model.eval()
        float(sg.losses.bce_with_logits(model(sg.tensor(x)), sg.tensor(y)).item())
        model.train()

    tape = looped(model, x, y, sg.losses.bce_with_logits, beside=look)
    assert ([] if switches else ["evaluated_in_train_mode"]) == sg.doctor(tape).names
