"""How fast is an eager step? An MLP 64-128-10, batch 64, Adam: seegrad and PyTorch.

A step is forward, loss, backward and update. Both run eagerly, in turn, on one thread
and then on as many as they like. Run: python bench/tensor_against_torch.py [steps]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
BLOCK = 50  # steps that are timed together


def ours(x: Any, y: Any) -> Callable[[], Any]:
    """One training step of seegrad."""
    import seegrad
    from seegrad import losses, nn, optim

    model = nn.MLP(64, [128], 10, seed=0)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    xs, ys = seegrad.tensor(x), seegrad.tensor(y)

    def step() -> Any:
        loss = losses.cross_entropy(model(xs), ys)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def theirs(x: Any, y: Any, fused: bool | None = None) -> Callable[[], Any]:
    """One training step of PyTorch."""
    import torch
    from torch import nn

    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=fused)
    xs, ys = torch.tensor(x), torch.tensor(y)
    measure = nn.CrossEntropyLoss()

    def step() -> Any:
        loss = measure(model(xs), ys)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def compare(steps: int, threads: str) -> None:
    """Print one row for each, for the threads that the environment allows."""
    from seegrad import data

    x, y = data.digits()
    contenders = {
        "seegrad": ours(x[:64], y[:64]),
        "torch": theirs(x[:64], y[:64]),
        "torch, fused Adam": theirs(x[:64], y[:64], fused=True),
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for step in contenders.values():
        for _ in range(BLOCK):
            step()  # the first steps pay for what the later ones find ready
    for _ in range(max(1, steps // BLOCK)):
        for name, step in contenders.items():
            start = perf_counter()
            for _ in range(BLOCK):
                step()
            times[name].append((perf_counter() - start) / BLOCK)
    fastest = statistics.median(times["torch"])
    for name, found in times.items():
        median = statistics.median(found)
        ratio = median / fastest
        print(f"{threads:<9}{name:<20}{1e6 * median:10.0f}{ratio:8.2f}", flush=True)


def main() -> None:
    """Measure in a fresh process for each number of threads."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(f"MLP 64-128-10, batch 64, Adam, medians over {steps} steps, microseconds")
    print(f"{'threads':<9}{'library':<20}{'step':>10}{'ratio':>8}", flush=True)
    for threads in ("1", "all"):
        limit = dict.fromkeys(THREADS, "1") if threads == "1" else {}
        command = [sys.executable, __file__, str(steps), threads]
        subprocess.run(command, check=True, env={**os.environ, **limit})


if __name__ == "__main__":
    if len(sys.argv) == 3:
        compare(int(sys.argv[1]), sys.argv[2])
    else:
        main()
