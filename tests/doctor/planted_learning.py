"""Trainings that are ill inside: in their units, their gradients, their steps.

Each is as small as it can be and the same every time. What makes it ill stands in its
function; all else is what `test_healthy` shows to be healthy.
"""

import runpy
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import NonFiniteError

PLANTED = {}
HERE = Path(__file__).parent
TRAININGS = SimpleNamespace(**runpy.run_path(str(HERE / "trainings.py")))
fitted, looped, moons = TRAININGS.fitted, TRAININGS.looped, TRAININGS.moons
scaled, Lambda = TRAININGS.scaled, TRAININGS.Lambda


def planted_run(function):
    """Add a run; the name of the function is that of the detector."""
    PLANTED[function.__name__] = cache(function)
    return function


# Units --------------------------------------------------------------------------------


@planted_run
def dead_units():
    """A relu layer whose biases lie far below zero."""
    model = nn.MLP(2, [16], 1, seed=0)
    model[0].bias.assign(np.full(16, -20.0, np.float32))
    return fitted(model, *moons(), "bce_with_logits")


@planted_run
def saturated_units():
    """First weights a hundred times too large for tanh."""
    model = nn.MLP(2, [16, 16], 1, activation="tanh", seed=0)
    scaled(model[0], 100.0)
    scaled(model[2], 30.0)
    return fitted(model, *moons(), "bce_with_logits")


@planted_run
def identical_rows():
    """A zero start."""
    x, y = sg.data.blobs(64, seed=0)
    model = nn.MLP(2, [8], 3, activation="sigmoid", seed=0)
    for p in model.parameters():
        p.assign(np.zeros(p.shape, np.float32))
    return fitted(model, x, y, "cross_entropy")


# Gradients ----------------------------------------------------------------------------


@planted_run
def nonfinite_numbers():
    """An exponential whose weights grow from step to step."""
    x, y = moons()
    model = nn.Sequential(
        nn.Linear(2, 4, seed=0), Lambda(sg.exp), nn.Linear(4, 1, seed=1)
    )
    optimizer, doctor = optim.SGD(model.parameters(), lr=0.5), sg.Doctor()
    with pytest.raises(NonFiniteError), np.errstate(all="ignore"):
        fitted(model, x, 3.0 * y[:, None], "mse", optimizer, callbacks=doctor)
    return doctor


@planted_run
def vanishing_gradients():
    """Seven layers of sigmoids."""
    model = nn.MLP(2, [8] * 7, 1, activation="sigmoid", seed=0)
    return fitted(model, *moons(), "bce_with_logits", epochs=3)


@planted_run
def exploding_gradients():
    """A linear memory that multiplies by more than one at every moment."""
    random = np.random.default_rng(0)
    x = random.normal(size=(16, 20, 2)).astype(np.float32)
    y = x[:, -1, :1]

    class Memory(nn.Module):
        def __init__(self):
            self.into, self.on = nn.Linear(2, 6, seed=0), nn.Linear(6, 6, seed=1)
            self.out = nn.Linear(6, 1, seed=2)
            scaled(self.on, 3.0)

        def forward(self, x):
            state = self.into(x[:, 0])
            for t in range(1, x.shape[1]):
                state = self.on(state) + self.into(x[:, t])
            return self.out(state)

    return looped(Memory(), x, y, sg.losses.mse)


@planted_run
def no_gradient():
    """A layer that is never called."""

    class Model(nn.Module):
        def __init__(self):
            self.body, self.spare = nn.MLP(2, [8], 1, seed=0), nn.Linear(2, 1, seed=1)

        def forward(self, x):
            return self.body(x)

    return fitted(Model(), *moons(), "bce_with_logits")


# Rates --------------------------------------------------------------------------------


@planted_run
def learning_rate_too_high():
    """Steps that are twice as long as the valley is wide."""
    x, y = moons()
    model = nn.Linear(2, 1, seed=0)
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    return fitted(model, x, y[:, None], "mse", optimizer, epochs=4)


@planted_run
def loss_rises_again():
    """A hand from outside turns the last weights round, and the rest is too short."""

    class Turn(sg.train.Callback):
        repeatable = True

        def before_epoch(self, trainer):
            if trainer.epoch == 20:
                scaled(trainer.model[2], -1.0)

    x, y = moons()
    model = nn.MLP(2, [8], 1, activation="tanh", seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    scaled(model, 2.0)
    return fitted(
        model, x, y, "bce_with_logits", optimizer, epochs=22, callbacks=Turn()
    )


@planted_run
def learning_rate_too_low():
    """Plain descent in steps of a millionth."""
    model = nn.MLP(2, [16], 1, seed=0)
    optimizer = optim.SGD(model.parameters(), lr=1e-5)
    return fitted(model, *moons(), "bce_with_logits", optimizer)


@planted_run
def updates_too_large():
    """Weights that batch norm makes harmless, however far they are thrown."""
    model = nn.Sequential(
        nn.Linear(2, 16, seed=0),
        nn.BatchNorm1d(16),
        nn.Tanh(),
        nn.Linear(16, 1, seed=1),
    )
    optimizer = optim.SGD(model.parameters(), lr=3.0)
    return fitted(model, *moons(), "bce_with_logits", optimizer)


@planted_run
def never_updated():
    """An optimizer that knows only the last layer."""
    model = nn.MLP(2, [8], 1, seed=0)
    optimizer = optim.Adam(model[2].parameters(), lr=0.01)
    return looped(model, *moons(), sg.losses.bce_with_logits, optimizer=optimizer)
