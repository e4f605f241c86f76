"""Trainings with one mistake each: a run, a tape or a doctor that watched, by detector.

Each is as small as it can be and the same every time. What makes it ill stands alone in
its function; all else is what `tests/doctor/test_healthy.py` shows to be healthy.
"""

from functools import cache

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import NonFiniteError

PLANTED = {}


def planted_run(function):
    """Add a run; the name of the function is that of the detector."""
    PLANTED[function.__name__] = cache(function)
    return function


@pytest.fixture(scope="session")
def planted():
    """A function from the name of a detector to the training that was planted."""

    def find(name):
        assert name in PLANTED, f"no run is planted for the detector {name}"
        return PLANTED[name]()

    return find


def fitted(model, x, y, loss, optimizer=None, **settings):
    """A short run of fit; Adam at 0.01 unless told otherwise."""
    optimizer = optimizer or optim.Adam(model.parameters(), lr=0.01)
    arguments = {"epochs": 8, "batch_size": 16, "progress": False, "compile": False}
    return sg.fit(model, x, y, loss=loss, optimizer=optimizer, **arguments | settings)


def looped(model, x, y, loss, steps=12, optimizer=None, forget=True, beside=None):
    """A loop by hand on a tape; ``beside(model)`` comes after every update."""
    optimizer = optimizer or optim.Adam(model.parameters(), lr=0.01)
    with sg.recording(model) as tape:
        for _ in range(steps):
            value = loss(model(sg.tensor(x)), sg.tensor(y))
            if forget:
                optimizer.zero_grad()
            value.backward()
            optimizer.step()
            if beside is not None:
                beside(model)
    return tape


def moons(n=64):
    """Points in two classes."""
    return sg.data.moons(n, noise=0.1, seed=0)


def scaled(model, factor):
    """The model with larger or smaller weights."""
    for name, p in model.named_parameters():
        if name.endswith("weight"):
            p.assign(np.array(p.data) * np.float32(factor))
    return model


class Lambda(nn.Module):
    """A layer that is a function."""

    def __init__(self, function):
        self.function = function

    def forward(self, x):
        """What the function gives."""
        return self.function(x)


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
    """A logarithm of what may be negative."""
    model = nn.Sequential(
        nn.Linear(2, 4, seed=0), Lambda(sg.log), nn.Linear(4, 1, seed=1)
    )
    doctor = sg.Doctor()
    with pytest.raises(NonFiniteError), np.errstate(all="ignore"):
        fitted(model, *moons(), "bce_with_logits", callbacks=doctor)
    return doctor


@planted_run
def vanishing_gradients():
    """Twelve layers of sigmoids."""
    model = nn.MLP(2, [8] * 12, 1, activation="sigmoid", seed=0)
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


# Outputs ------------------------------------------------------------------------------


@planted_run
def wrong_output_for_loss():
    """Probabilities, given to a loss of logits."""
    model = nn.Sequential(*nn.MLP(2, [8], 1, activation="tanh", seed=0), nn.Sigmoid())
    return fitted(model, *moons(), "bce_with_logits")


@planted_run
def targets_out_of_reach():
    """Targets up to 4 for a tanh."""
    x, _ = moons()
    model = nn.Sequential(*nn.MLP(2, [8], 1, activation="tanh", seed=0), nn.Tanh())
    return fitted(model, x, 2.0 + 2.0 * np.sin(x[:, :1]), "mse")


@planted_run
def classes_as_amounts():
    """Three classes, and the squared error."""
    x, y = sg.data.blobs(64, seed=0)
    return fitted(nn.MLP(2, [8], 1, seed=0), x, y[:, None], "mse")


@planted_run
def labels_off_by_one():
    """Labels 1 to 3, and a fourth output to make it run."""
    x, y = sg.data.blobs(64, seed=0)
    return fitted(nn.MLP(2, [8], 4, seed=0), x, y + 1, "cross_entropy")


@planted_run
def constant_output():
    """A softmax over one output is 1, whatever it is given."""
    x, y = moons()
    model = nn.Sequential(*nn.MLP(2, [8], 1, activation="tanh", seed=0), nn.Softmax())
    return fitted(model, x, y[:, None].astype(np.float32), "mse")


# Data ---------------------------------------------------------------------------------


@planted_run
def overfitting():
    """A wide network, few rows, and labels of chance."""
    random = np.random.default_rng(0)
    x = random.normal(size=(80, 8)).astype(np.float32)
    y = random.integers(0, 2, 80)
    model = nn.MLP(8, [64], 1, seed=0)
    return fitted(
        model, x[:40], y[:40], "bce_with_logits", validation_data=(x[40:], y[40:]),
        epochs=25,
    )  # fmt: skip


@planted_run
def unscaled_inputs():
    """One feature in thousands."""
    x, y = moons()
    x = x * np.array([1.0, 3000.0], np.float32)
    model = nn.MLP(2, [8], 1, seed=0)
    return fitted(model, x, y, "bce_with_logits")


@planted_run
def constant_feature():
    """A third column that says 7 in every row."""
    x, y = moons(128)
    x = np.column_stack([x, np.full(len(x), 7.0)]).astype(np.float32)
    return fitted(nn.MLP(3, [8], 1, seed=0), x, y, "bce_with_logits")


@planted_run
def sorted_by_class():
    """One class after the other."""
    x, y = sg.data.blobs(96, seed=0)
    order = np.argsort(y, kind="stable")
    model = nn.MLP(2, [8], 3, seed=0)
    return fitted(model, x[order], y[order], "cross_entropy", shuffle=False)


@planted_run
def rare_class():
    """Two rows in two hundred are of class 1."""
    x, _ = moons(200)
    y = np.zeros(200, int)
    y[[17, 113]] = 1
    return fitted(nn.MLP(2, [8], 1, seed=0), x, y, "bce_with_logits", batch_size=32)


# The loop -----------------------------------------------------------------------------


@planted_run
def forgotten_zero_grad():
    """No zero_grad."""
    model = nn.MLP(2, [8], 1, activation="tanh", seed=0)
    return looped(model, *moons(), sg.losses.bce_with_logits, forget=False)


def dropping():
    """A network with dropout."""
    return nn.Sequential(
        nn.Linear(2, 16, seed=0), nn.Tanh(), nn.Dropout(0.3), nn.Linear(16, 1, seed=1)
    )


@planted_run
def trained_in_eval_mode():
    """eval() before an evaluation, and no train() after it."""
    return looped(dropping().eval(), *moons(), sg.losses.bce_with_logits)


@planted_run
def evaluated_in_train_mode():
    """no_grad without eval()."""
    x, y = moons()

    def evaluate(model):
        with sg.no_grad():
            model(sg.tensor(x))

    return looped(dropping(), x, y, sg.losses.bce_with_logits, beside=evaluate)


@planted_run
def batch_norm_on_few_rows():
    """Batches of two."""
    model = nn.Sequential(
        nn.Linear(2, 8, seed=0), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 1, seed=1)
    )
    return fitted(model, *moons(), "bce_with_logits", batch_size=2, epochs=2)
