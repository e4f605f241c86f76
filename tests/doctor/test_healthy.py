"""Trainings that go well, of many kinds: the doctor has nothing to say about them."""

import runpy
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim

HEALTHY = []
TRAININGS = runpy.run_path(str(Path(__file__).parent / "trainings.py"))
fitted = partial(TRAININGS["fitted"], epochs=6, batch_size=32)


def healthy(function):
    """Add a training: a function that gives a run or a tape."""
    HEALTHY.append(function)
    return function


def sequences(n=96):
    """Whole numbers below 10 in rows of 6: is there more of 0 to 4 than of 5 to 9?"""
    x = np.random.default_rng(0).integers(0, 10, (n, 6))
    return x, (x < 5).sum(axis=1).clip(0, 5) // 2


class Reader(nn.Module):
    """An embedding, something that reads the sequence, and a linear layer."""

    def __init__(self, reads, width, pick):
        self.embed, self.reads = nn.Embedding(10, 8, seed=0), reads
        self.out, self.pick = nn.Linear(width, 3, seed=2), pick

    def forward(self, x):
        """Logits of three classes."""
        return self.out(self.pick(self.reads(self.embed(x))))


@healthy
def moons_with_tanh_and_sgd():
    """Momentum, two hidden layers."""
    x, y = sg.data.moons(200, noise=0.1, seed=0)
    model = nn.MLP(2, [16, 16], 1, activation="tanh", seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return fitted(model, x, y, "bce_with_logits", optimizer)


@healthy
def moons_with_relu_and_adam():
    """The first example of most tutorials."""
    x, y = sg.data.moons(200, noise=0.1, seed=1)
    return fitted(nn.MLP(2, [16, 16], 1, seed=0), x, y, "bce_with_logits")


@healthy
def circles_in_full_batches():
    """One step for each epoch."""
    x, y = sg.data.circles(128, seed=0)
    model = nn.MLP(2, [16], 1, seed=3)
    return fitted(model, x, y, "bce_with_logits", batch_size=128, epochs=30)


@healthy
def digits_with_validation():
    """Ten classes, and rows kept aside."""
    x, y = sg.data.digits()
    held_out = x[512:768], y[512:768]
    model = nn.MLP(64, [32], 10, seed=0)
    return fitted(
        model, x[:512], y[:512], "cross_entropy", validation_data=held_out, epochs=8
    )


@healthy
def digits_with_convolution():
    """Filters, pooling, and a linear layer."""
    x, y = sg.data.digits()
    x = x[:256].reshape(-1, 1, 8, 8)
    model = nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1, seed=0), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(96, 10, seed=1),
    )  # fmt: skip
    return fitted(model, x, y[:256], "cross_entropy", epochs=3)


@healthy
def regression():
    """A curve in three dimensions, squared errors."""
    x = np.random.default_rng(0).uniform(-2.0, 2.0, (200, 3)).astype(np.float32)
    y = np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:]
    return fitted(nn.MLP(3, [16], 1, activation="tanh", seed=0), x, y, "mse")


@healthy
def regression_through_a_sigmoid():
    """Targets that a sigmoid can reach."""
    x = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    y = 1.0 / (1.0 + np.exp(-x.sum(axis=1, keepdims=True)))
    model = nn.Sequential(nn.Linear(2, 1, seed=0), nn.Sigmoid())
    return fitted(model, x, y, "mse", optim.Adam(model.parameters(), lr=0.05))


@healthy
def a_linear_model_with_absolute_errors():
    """No activation at all."""
    x = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
    model = nn.Linear(4, 1, seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    return fitted(model, x, x @ np.ones((4, 1), np.float32), "l1", optimizer)


@healthy
def spirals_in_three_classes():
    """It is hard at first, and the loss stays for a while."""
    x, y = sg.data.spirals(240, classes=3, seed=0)
    return fitted(nn.MLP(2, [32, 32], 3, seed=0), x, y, "cross_entropy", epochs=10)


@healthy
def batch_norm_and_dropout():
    """Both switch between training and validation."""
    x, y = sg.data.moons(130, noise=0.1, seed=0)  # the last batch has two rows
    model = nn.Sequential(
        nn.Linear(2, 16, seed=0), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2),
        nn.Linear(16, 1, seed=1),
    )  # fmt: skip
    return fitted(model, x, y, "bce_with_logits", validation_data=(x, y), epochs=12)


@healthy
def an_lstm():
    """Gates are sigmoids, and may be far open."""
    reader = Reader(
        nn.LSTM(8, 8, batch_first=True, seed=1), 8, lambda out: out[0][:, -1]
    )
    return fitted(reader, *sequences(), "cross_entropy")


@healthy
def a_gru():
    """The other recurrent layer with gates."""
    reader = Reader(
        nn.GRU(8, 8, batch_first=True, seed=1), 8, lambda out: out[0][:, -1]
    )
    return fitted(reader, *sequences(), "cross_entropy")


@healthy
def a_transformer_block():
    """Its mask is made of infinities."""
    block = nn.TransformerBlock(8, 2, seed=1)
    return fitted(
        Reader(block, 8, lambda out: out.mean(dim=1)), *sequences(), "cross_entropy"
    )


@healthy
def a_deep_network_of_relus():
    """Seven layers."""
    x, y = sg.data.blobs(120, seed=0)
    return fitted(nn.MLP(2, [16] * 6, 3, seed=0), x, y, "cross_entropy")


@healthy
def a_fit_that_goes_on_at_its_best():
    """The weights are the best there are, and hardly move."""
    random = np.random.default_rng(0)
    x = random.normal(size=(128, 3)).astype(np.float32)
    y = x @ np.ones((3, 1), np.float32) + random.normal(size=(128, 1))
    model = nn.Linear(3, 1, seed=0)
    best = np.linalg.lstsq(np.column_stack([x, np.ones(128)]), y, rcond=None)[0]
    model.weight.assign(best[:3].T.astype(np.float32))
    model.bias.assign(best[3].astype(np.float32))
    optimizer = optim.SGD(model.parameters(), lr=1e-4)
    return fitted(model, x, y, "mse", optimizer, batch_size=128, epochs=20)


@healthy
def a_long_run():
    """Longer than the doctor looks."""
    x, y = sg.data.moons(32, noise=0.1, seed=0)
    model = nn.MLP(2, [8], 1, activation="tanh", seed=0)
    return fitted(model, x, y, "bce_with_logits", epochs=450)


@healthy
def a_loop_by_hand():
    """With eval() and train() where they belong."""
    x, y = sg.data.moons(64, noise=0.1, seed=0)
    model = nn.Sequential(
        nn.Linear(2, 16, seed=0), nn.Tanh(), nn.Dropout(0.1), nn.Linear(16, 1, seed=1)
    )
    optimizer = optim.AdamW(model.parameters(), lr=0.01)
    with sg.recording(model) as tape:
        for _ in range(3):
            model.train()
            for xb, yb in sg.data.batches(x, y, size=16, seed=0):
                loss = sg.losses.bce_with_logits(model(xb), yb)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            model.eval()
            with sg.no_grad():
                sg.losses.bce_with_logits(model(x), sg.tensor(y))
    return tape


@healthy
def gradients_added_up_on_purpose():
    """Two small batches for each update."""
    x, y = sg.data.moons(64, noise=0.1, seed=0)
    model = nn.MLP(2, [8], 1, activation="tanh", seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    with sg.recording(model) as tape:
        for _ in range(12):
            optimizer.zero_grad()
            for part in (slice(0, 32), slice(32, 64)):
                (sg.losses.bce_with_logits(model(x[part]), y[part]) / 2.0).backward()
            optimizer.step()
    return tape


@healthy
def a_loop_without_layers():
    """Tensors alone, and an update by hand."""
    random = np.random.default_rng(0)
    x = random.normal(size=(32, 3)).astype(np.float32)
    y = x @ np.array([[1.0], [-2.0], [0.5]], np.float32)
    w = sg.tensor(np.zeros((3, 1), np.float32), requires_grad=True)
    with sg.recording() as tape:
        for _ in range(20):
            error = sg.tensor(x) @ w - sg.tensor(y)
            loss = (error * error).mean()
            w.zero_grad()
            loss.backward()
            w.assign(w.data - 0.1 * w.grad)
    return tape


@healthy
def single_numbers():
    """A line through four points, one Value at a time."""
    w, b = (
        sg.Value(0.1, requires_grad=True, name="w"),
        sg.Value(0.0, requires_grad=True, name="b"),
    )
    with sg.recording() as tape:
        for _ in range(30):
            loss = (
                sum((w * x + b - y) ** 2 for x, y in ((0, 1), (1, 3), (2, 5), (3, 7)))
                / 4
            )
            w.zero_grad(), b.zero_grad()
            loss.backward()
            w.assign(w.data - 0.05 * w.grad)
            b.assign(b.data - 0.05 * b.grad)
    return tape


@pytest.mark.parametrize("training", HEALTHY, ids=lambda f: f.__name__)
def test_a_healthy_training_has_no_finding(training):
    """Not a single one."""
    assert [] == sg.doctor(training()).names
