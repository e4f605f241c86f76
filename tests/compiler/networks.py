"""Not a test: a small network, its optimizers, and its step, eager and compiled."""

import numpy as np

import seegrad as sg
from seegrad import nn, optim

X = sg.tensor(np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]]))


MAKERS = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.05, momentum=0.9),
    "adam": lambda p: optim.Adam(p, lr=0.05),
}


def network():
    """Two layers with a buffer between them."""
    return nn.Sequential(
        nn.Linear(2, 4, seed=0, dtype="float64"),
        nn.BatchNorm1d(4, dtype="float64"),
        nn.Tanh(),
        nn.Linear(4, 1, seed=1, dtype="float64"),
    )


def training(model, optimizer):
    """One step of a training as a function."""

    def step(x):
        loss = (model(x) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def made(kind="adam"):
    """A model, its optimizer, and its step, eager and compiled."""
    model = network()
    optimizer = MAKERS[kind](model.parameters())
    step = training(model, optimizer)
    return model, optimizer, step, sg.compile(step)


def close(one, other):
    """Two models agree to rounding."""
    for a, b in zip(
        one.state_dict().values(), other.state_dict().values(), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)


def everything():
    """A network with a buffer, noise, gradients and memories; its state as bytes."""
    model = nn.Sequential(
        nn.Linear(2, 3, seed=0),
        nn.BatchNorm1d(3),
        nn.Dropout(0.5),
        nn.Linear(3, 1, seed=1),
    )
    opt = optim.Adam(model.parameters(), lr=0.1)
    for p in model.parameters():
        p.grad = np.ones(p.shape)

    def state():
        arrays = [*model.state_dict().values()]
        arrays += [p.grad for p in model.parameters()]
        arrays += [np.asarray(v) for s in opt.states for v in s.values()]
        born = [t.born for t in [*model.parameters(), *model.buffers()]]
        return [a.tobytes() for a in arrays], born, sg.random.state(), opt.lr

    return model, opt, state
