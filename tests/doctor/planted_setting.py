"""Trainings that are ill around the network: in the loss, the data, the loop.

Each is as small as it can be and the same every time. What makes it ill stands in its
function; all else is what `test_healthy` shows to be healthy.
"""

import runpy
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import seegrad as sg
from seegrad import nn

PLANTED = {}
HERE = Path(__file__).parent
TRAININGS = SimpleNamespace(**runpy.run_path(str(HERE / "trainings.py")))
fitted, looped, moons = TRAININGS.fitted, TRAININGS.looped, TRAININGS.moons


def planted_run(function):
    """Add a run; the name of the function is that of the detector."""
    PLANTED[function.__name__] = cache(function)
    return function


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
def unscaled_targets():
    """Amounts of about two hundred."""
    x, _ = moons()
    y = 200.0 + 30.0 * x[:, :1]
    return fitted(nn.MLP(2, [16], 1, activation="tanh", seed=0), x, y, "mse")


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
