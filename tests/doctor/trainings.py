"""Ways to train something small, which the tests of the doctor share."""

import numpy as np

import seegrad as sg
from seegrad import nn, optim


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
