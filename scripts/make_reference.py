#!/usr/bin/env python3
"""Make tests/reference/*.npz: what PyTorch computes where seegrad must agree.

A network with its gradients, every loss with its gradient (also at logits of 10,000),
and every optimizer over 20 steps under several settings, in float32 and float64. The
inputs are stored beside the results, so the tests need neither PyTorch nor this file.
The same versions of everything give the same files. Needs the group `reference`.

    python scripts/make_reference.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from make_digits import archive

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "reference"
DTYPES = {"float32": torch.float32, "float64": torch.float64}
STEPS = 20
KEPT = (1, 2, 5, 20)  # the steps whose parameters are stored

OPTIMIZERS = {
    "SGD": [
        {},
        {"weight_decay": 0.1},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
        {"momentum": 0.8, "dampening": 0.3},
    ],
    "RMSprop": [
        {},
        {"alpha": 0.9, "eps": 1e-4},
        {"momentum": 0.9, "weight_decay": 0.1},
        {"centered": True},
        {"centered": True, "momentum": 0.5, "alpha": 0.5},
    ],
    "Adam": [
        {},
        {"betas": [0.5, 0.9], "eps": 1e-3},
        {"weight_decay": 0.1},
        {"amsgrad": True},
        {"amsgrad": True, "weight_decay": 0.01, "betas": [0.0, 0.5]},
    ],
    "AdamW": [
        {},
        {"weight_decay": 0.5},
        {"weight_decay": 0.0, "betas": [0.8, 0.99]},
        {"amsgrad": True},
    ],
}


def hinge(x, t, reduction):
    """max(0, 1 - t x), which PyTorch has only for other uses."""
    values = torch.clamp(1 - t * x, min=0)
    return values if reduction == "none" else getattr(values, reduction)()


LOSSES = {
    "mse": torch.nn.functional.mse_loss,
    "l1": torch.nn.functional.l1_loss,
    "bce_with_logits": torch.nn.functional.binary_cross_entropy_with_logits,
    "hinge": hinge,
    "cross_entropy": torch.nn.functional.cross_entropy,
}


def loss_inputs(draw):
    """For each loss, cases of a prediction and a target: ordinary ones and extremes."""
    x, hard = draw.normal(size=(6, 3)), np.array([1e4, -1e4, 1e4, -1e4, 0.0, 50.0])
    bits, signs = draw.integers(0, 2, (6, 3)), 1 - 2 * draw.integers(0, 2, (6, 3))
    rows = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4], [0.0, 0.0, 0.0], [90.0, 1, 2]])
    return {
        "mse": [(x, draw.normal(size=(6, 3))), (hard, np.zeros(6))],
        "l1": [
            (x, draw.normal(size=(6, 3))),
            (hard, hard + np.array([0, 0, 1, -1, 0, 3])),
        ],
        "bce_with_logits": [
            (x, bits),
            (x, draw.uniform(size=(6, 3))),
            (hard, np.array([1, 0, 0, 1, 1, 0])),
        ],
        "hinge": [(x, signs), (hard, np.array([1, -1, -1, 1, 1, -1]))],
        "cross_entropy": [
            (x, draw.integers(0, 3, 6)),
            (rows, np.array([0, 0, 1, 2])),
            (rows, np.array([1, 2, 0, 1])),
        ],
    }


def losses() -> dict:
    """Inputs, results for each reduction, and the gradient of the mean."""
    arrays = {}
    for name, cases in loss_inputs(np.random.default_rng(1)).items():
        for i, (x, t) in enumerate(cases):
            for dtype, kind in DTYPES.items():
                key = f"{name}/{i}/{dtype}"
                p = torch.tensor(x, dtype=kind, requires_grad=True)
                whole = name == "cross_entropy"
                target = torch.tensor(t, dtype=torch.int64 if whole else kind)
                for reduction in ("none", "sum", "mean"):
                    out = LOSSES[name](p, target, reduction=reduction)
                    arrays[f"{key}/{reduction}"] = out.detach().numpy()
                out.backward()
                arrays[f"{key}/prediction"] = p.detach().numpy()
                arrays[f"{key}/target"] = np.asarray(t)
                arrays[f"{key}/gradient"] = p.grad.numpy()
    return arrays


def network() -> dict:
    """Linear, Tanh, Linear: the state, an input, and every gradient for a given one."""
    arrays = {}
    for dtype, kind in DTYPES.items():
        torch.manual_seed(0)
        layers = torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2)
        model = torch.nn.Sequential(*layers).to(kind)
        x = torch.randn(4, 3, dtype=kind, requires_grad=True)
        out = model(x)
        g = torch.randn(4, 2, dtype=kind)
        out.backward(g)
        for name, p in model.named_parameters():
            arrays[f"{dtype}/state/{name}"] = p.detach().numpy()
            arrays[f"{dtype}/gradient/{name}"] = p.grad.numpy()
        named = {"x": x, "out": out, "g": g, "gradient/x": x.grad}
        for name, tensor in named.items():
            arrays[f"{dtype}/{name}"] = tensor.detach().numpy()
    return arrays


def optimizers() -> dict:
    """Parameters after some of 20 steps along the same gradients of uneven size."""
    draw = np.random.default_rng(2)
    start = draw.normal(size=(3, 4))
    gradients = draw.normal(size=(STEPS, 3, 4)) * 10.0 ** draw.integers(-3, 2, (3, 4))
    gradients[:, 0, 0] = 0.0  # a weight that never gets a gradient
    gradients[7] = 0.0  # a step on which nobody does
    arrays = {"start": start, "gradients": gradients, "kept": np.array(KEPT)}
    for name, several in OPTIMIZERS.items():
        for settings in several:
            for dtype, kind in DTYPES.items():
                key = json.dumps([name, dtype, {"lr": 0.01, **settings}])
                arrays[key] = trajectory(name, settings, kind, start, gradients)
    return arrays


def trajectory(name, settings, kind, start, gradients) -> np.ndarray:
    """The parameters after each of the steps that are kept."""
    p = torch.nn.Parameter(torch.tensor(start, dtype=kind))
    optimizer = getattr(torch.optim, name)([p], lr=0.01, foreach=False, **settings)
    kept = []
    for step, g in enumerate(gradients, 1):
        p.grad = torch.tensor(g, dtype=kind)
        optimizer.step()
        if step in KEPT:
            kept.append(p.detach().numpy().copy())
    return np.array(kept)


def main() -> int:
    """Write the three files and say how large they are."""
    torch.set_num_threads(1)
    for make in (losses, network, optimizers):
        target = FOLDER / f"{make.__name__}.npz"
        target.write_bytes(archive(make()))
        print(f"{target}: {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
