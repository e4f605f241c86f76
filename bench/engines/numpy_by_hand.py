"""Plain NumPy, forward and backward written out by hand, without any library between.

The weights, their gradients and Adam's moments lie in one long array each, so that the
update is a handful of calls whatever the number of layers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.engines.base import BETAS, EPSILON, LEARNING_RATE, Engine, Step
from bench.workloads.base import Array, Workload


class Adam:
    """Adam on one flat array, with no array made anew (Kingma and Ba 2015)."""

    def __init__(self, size: int) -> None:
        self.m, self.v, self.t = np.zeros((3, size), np.float32)
        self.count = 0

    def step(self, p: Array, g: Array) -> None:
        """Change the parameters in place."""
        self.count += 1
        m, v, t = self.m, self.v, self.t
        m *= BETAS[0]
        m += np.multiply(g, 1 - BETAS[0], out=t)
        v *= BETAS[1]
        np.multiply(g, g, out=t)
        t *= 1 - BETAS[1]
        v += t
        np.multiply(v, 1 / (1 - BETAS[1] ** self.count), out=t)
        np.sqrt(t, out=t)
        t += EPSILON
        np.divide(m, t, out=t)
        t *= LEARNING_RATE / (1 - BETAS[0] ** self.count)
        p -= t


def views(flat: Array, shapes: list[tuple[int, ...]]) -> list[Array]:
    """Arrays of these shapes that lie one after the other in a flat one."""
    found, start = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        found.append(flat[start : start + size].reshape(shape))
        start += size
    return found


def logit_gradient(z: Array, y: Array) -> tuple[Any, Array]:
    """The loss, and its gradient with respect to the logits."""
    if z.shape[1] == 1:
        t = y[:, None]
        loss = (np.logaddexp(0, z) - z * t).mean()
        return loss, (1 / (1 + np.exp(-z)) - t) / np.float32(len(z))
    rows = np.arange(len(z))
    z = z - z.max(1, keepdims=True)
    e = np.exp(z)
    total = e.sum(1, keepdims=True)
    loss = (np.log(total[:, 0]) - z[rows, y]).mean()
    e /= total
    e[rows, y] -= 1
    e /= len(z)
    return loss, e


class NumpyByHand(Engine):
    """The perceptrons only: convolutions and the rest are what libraries are for."""

    title = "NumPy by hand"
    packages = ("numpy",)

    def training_mlp(self, workload: Workload) -> Step:
        """One step with Adam."""
        weights = list(workload.weights().values())
        shapes = [w.shape for w in weights]
        p = np.concatenate([w.ravel() for w in weights])
        g = np.empty_like(p)
        ps, gs, adam = views(p, shapes), views(g, shapes), Adam(p.size)
        layers = list(zip(ps[::2], ps[1::2], gs[::2], gs[1::2], strict=True))
        x, y = workload.data()
        if layers[-1][0].shape[0] == 1:
            y = y.astype(np.float32)

        def step() -> Any:
            kept = [x]
            for w, b, _, _ in layers:
                z = kept[-1] @ w.T
                z += b
                kept.append(np.maximum(z, 0, out=z) if w is not layers[-1][0] else z)
            loss, arriving = logit_gradient(kept[-1], y)
            for i in range(len(layers) - 1, -1, -1):
                w, _, gw, gb = layers[i]
                np.matmul(arriving.T, kept[i], out=gw)
                arriving.sum(0, out=gb)
                if i:
                    arriving = arriving @ w
                    arriving *= kept[i] > 0
            adam.step(p, g)
            return loss

        return step

    def prediction_mlp(self, workload: Workload) -> Step:
        """The logits of one sample."""
        weights = list(workload.weights().values())
        layers = list(zip(weights[::2], weights[1::2], strict=True))
        x, _ = workload.data()

        def step() -> Any:
            out = x
            for w, b in layers[:-1]:
                out = np.maximum(out @ w.T + b, 0)
            w, b = layers[-1]
            return out @ w.T + b

        return step

    def number(self, result: Any) -> float:
        return float(np.abs(result).sum())


ENGINE = NumpyByHand
