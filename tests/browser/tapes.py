"""The tapes that are played in the browser: made once, read by many tests."""

import functools

import seegrad as sg
from seegrad import nn, optim


@functools.cache
def moons():
    """Three steps of a 2-4-1 network on eight moons."""
    x, y = sg.data.moons(200, noise=0.1, seed=0)
    model = nn.MLP(2, [4], 1, activation="tanh", seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    return sg.record(
        *(model, x[:8], y[:8]), loss="bce_with_logits", optimizer=optimizer, steps=3
    )


@functools.cache
def digits():
    """One step of a 64-128-10 network on eight handwritten digits."""
    x, y = sg.data.digits()[:2]
    model = nn.MLP(64, [128], 10, activation="relu", seed=0)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    return sg.record(model, x[:8], y[:8], loss="cross_entropy", optimizer=optimizer)


@functools.cache
def expression():
    """A formula of single numbers, without a layer."""
    with sg.recording() as tape:
        a, b = sg.Value(2.0, name="a"), sg.Value(-3.0, name="b")
        (a * b + 10.0).tanh().backward()
    return tape


@functools.cache
def watched():
    """Two steps of a small network, with an accuracy beside each."""
    x, y = (sg.tensor(data) for data in sg.data.moons(8, noise=0.1, seed=0))
    model = nn.MLP(2, [3], 1, activation="tanh", seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    with sg.recording(model) as tape:
        for _ in range(2):
            out = model(x)
            loss = sg.losses.bce_with_logits(out, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            (out > 0.0).to(sg.float32).mean()
    return tape
