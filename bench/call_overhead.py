"""What does it cost to call a compiled step? Steps that compute next to nothing.

Each step runs in blocks that take turns, and the median of the blocks is printed: what
is left beside the numbers themselves is the way from Python to native code and back.
Run: chrt -f 50 python bench/call_overhead.py [rounds]
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

import seegrad as sg
from seegrad import losses, nn, optim

CALLS = 300  # in a block
Step = Callable[[], Any]


def arguments(n: int) -> Step:
    """The sum of so many small arguments."""
    step = sg.compile(lambda *xs: sum(xs[1:], xs[0]))
    xs = [sg.tensor(np.full(3, float(k))) for k in range(n)]
    return lambda: step(*xs)


def parameters(n: int, make: Callable[[Any], Any]) -> Step:
    """A training step with so many small parameters."""
    ps = [nn.Parameter(np.ones(3)) for _ in range(n)]
    optimizer = make(ps)

    def function(x: Any) -> Any:
        loss = sum(((p * x).sum() for p in ps[1:]), (ps[0] * x).sum())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    step, x = sg.compile(function), sg.tensor(np.full(3, 0.001))
    return lambda: step(x)


def sample() -> Step:
    """One sample through a network of two layers."""
    step, x = sg.compile(nn.MLP(64, [128], 10, seed=0)), sg.rand(1, 64, seed=0)
    return lambda: step(x)


def sample_by_hand() -> Step:
    """The same, written in NumPy."""
    model, x = nn.MLP(64, [128], 10, seed=0), sg.rand(1, 64, seed=0).data
    w, b, v, c = [np.array(p.data) for p in model.parameters()]
    w, v = w.T.copy(), v.T.copy()
    return lambda: np.maximum(x @ w + b, 0.0) @ v + c


def moons() -> Step:
    """A training step of MLP 2-16-16-1 on 100 points."""
    x, y = sg.data.moons(100, noise=0.1, seed=0)
    model = nn.MLP(2, [16, 16], 1, activation="tanh", seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    @sg.compile
    def step(x: Any, y: Any) -> Any:
        loss = losses.bce_with_logits(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    xs, ys = sg.tensor(x), sg.tensor(y)
    return lambda: step(xs, ys)


STEPS: dict[str, Callable[[], Step]] = {
    "1 argument": lambda: arguments(1),
    "10 arguments": lambda: arguments(10),
    "10 parameters, SGD": lambda: parameters(10, lambda ps: optim.SGD(ps, lr=0.1)),
    "10 parameters, Adam": lambda: parameters(10, lambda ps: optim.Adam(ps, lr=0.1)),
    "one sample, MLP 64-128-10": sample,
    "the same in NumPy by hand": sample_by_hand,
    "moons MLP 2-16-16-1, batch 100, SGD": moons,
}


def measured(rounds: int) -> dict[str, float]:
    """Microseconds of a call of each step."""
    steps = {name: make() for name, make in STEPS.items()}
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            begin = perf_counter()
            for _ in range(CALLS):
                step()
            times[name].append((perf_counter() - begin) / CALLS)
    return {name: 1e6 * statistics.median(found) for name, found in times.items()}


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    for name, microseconds in measured(rounds).items():
        print(f"{name:<40}{microseconds:8.2f} us")


if __name__ == "__main__":
    main()
