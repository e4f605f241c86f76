"""How fast is Value? micrograd's own demo, on micrograd and on seegrad, in turn.

Both run the same lines on the same numbers; the losses are compared, so that nobody is
fast by being wrong. Rounds alternate, because machines change their pace.
Run: python bench/value_against_micrograd.py [rounds]
"""

from __future__ import annotations

import gc
import importlib
import random
import statistics
import sys
from time import perf_counter
from typing import Any

from seegrad import data

PACKAGES = ("micrograd", "seegrad.micrograd")


class Demo:
    """The moons demo on the Value and the MLP of one package."""

    def __init__(self, package: str) -> None:
        self.Value = importlib.import_module(f"{package}.engine").Value
        random.seed(1337)
        self.model = importlib.import_module(f"{package}.nn").MLP(2, [16, 16, 1])
        x, y = data.moons(100, noise=0.1, seed=0)
        self.x, self.y = x.tolist(), (y * 2 - 1).tolist()

    def loss(self) -> Any:
        """Forward propagation, as the demo writes it."""
        inputs = [list(map(self.Value, row)) for row in self.x]
        scores = list(map(self.model, inputs))
        hinge = [(1 + -y * s).relu() for y, s in zip(self.y, scores, strict=True)]
        penalty = 1e-4 * sum(p * p for p in self.model.parameters())
        return sum(hinge) * (1.0 / len(hinge)) + penalty

    def step(self) -> tuple[float, float, float]:
        """Seconds forward, seconds backward, and the loss."""
        start = perf_counter()
        loss = self.loss()
        middle = perf_counter()
        self.model.zero_grad()
        loss.backward()
        end = perf_counter()
        for p in self.model.parameters():
            p.data -= 0.1 * p.grad
        return middle - start, end - middle, float(loss.data)


def measure(rounds: int) -> list[list[tuple[float, float]]]:
    """For each package the (forward, backward) seconds of every round."""
    demos = [Demo(package) for package in PACKAGES]
    times: list[list[tuple[float, float]]] = [[] for _ in demos]
    for number in range(rounds):
        losses = []
        for i in (0, 1) if number % 2 else (1, 0):
            gc.collect()
            forward, backward, loss = demos[i].step()
            times[i].append((forward, backward))
            losses.append(loss)
        assert abs(losses[0] - losses[1]) < 1e-6 * abs(losses[0]), losses
    return times


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(f"moons demo of micrograd, medians of {rounds} rounds, milliseconds")
    head = f"{'collector':<10}{'package':<20}{'forward':>9}{'backward':>9}{'both':>9}"
    print(head + f"{'ratio':>8}")
    for collector in ("on", "off"):
        (gc.enable if collector == "on" else gc.disable)()
        baseline = 0.0
        for package, rows in zip(PACKAGES, measure(rounds), strict=True):
            columns = [*zip(*rows, strict=True), [sum(row) for row in rows]]
            f, b, both = (1e3 * statistics.median(c) for c in columns)
            baseline = baseline or both
            line = f"{collector:<10}{package:<20}{f:9.1f}{b:9.1f}{both:9.1f}"
            print(line + f"{both / baseline:8.2f}")
    gc.enable()


if __name__ == "__main__":
    main()
