"""The scalar workload in seegrad, and in micrograd, whose names are the same."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from bench.workloads.base import Workload
from bench.workloads.scalars import LEARNING_RATE


def step(
    workload: Workload, package: str = "seegrad.micrograd"
) -> tuple[Callable[[Any, Any], Any], tuple[Any, Any]]:
    """A training step on rows of numbers, and those rows with their targets."""
    value = import_module(f"{package}.engine").Value
    sizes = workload.sizes["sizes"]
    model = import_module(f"{package}.nn").MLP(sizes[0], sizes[1:])
    load(model, workload)
    parameters = model.parameters()

    def train_step(x: Any, y: Any) -> Any:
        scores = [model([value(each) for each in row]) for row in x]
        hinges = [(1 + -t * s).relu() for t, s in zip(y, scores, strict=True)]
        loss = sum(hinges) * (1.0 / len(hinges))
        model.zero_grad()
        loss.backward()
        for p in parameters:
            p.data -= LEARNING_RATE * p.grad
        return loss

    x, y = workload.data()
    return train_step, (x.tolist(), [float(t) for t in y])


def load(model: Any, workload: Workload) -> None:
    """Give every neuron its row of weights and its bias."""
    weights = workload.weights()
    for i, layer in enumerate(model.layers):
        weight, bias = weights[f"{2 * i}.weight"], weights[f"{2 * i}.bias"]
        for neuron, row, b in zip(layer.neurons, weight, bias, strict=True):
            for w, each in zip(neuron.w, row.tolist(), strict=True):
                w.data = each
            neuron.b.data = float(b)
