#!/usr/bin/env python3
"""Make tests/reference/conv.npz, pool.npz and norm.npz with PyTorch's layers.

For each layer and several settings: the state it begins with, an input, the output, a
gradient arriving, the gradients of input and parameters, the buffers afterwards, and
the output in eval mode. Layers with buffers take three steps, because they remember.
Everything is float64, and the name of each entry begins with how the layer is made, as
JSON. The same versions of everything give the same files. Needs the group `reference`.

    python scripts/make_layer_reference.py
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from make_digits import archive

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "reference"

# Each: the layer, its arguments, its settings, the shape of an input.
CONV = [
    ("Conv2d", [1, 2, 3], {}, (2, 1, 5, 6)),
    ("Conv2d", [3, 4, 1], {"bias": False}, (2, 3, 3, 2)),
    ("Conv2d", [2, 3, 3], {"stride": 2, "padding": 1}, (2, 2, 6, 5)),
    ("Conv2d", [2, 3, [3, 2]], {"stride": [1, 3], "padding": [2, 0]}, (1, 2, 4, 7)),
    ("Conv2d", [2, 2, 2], {"dilation": [1, 2], "stride": 2}, (2, 2, 5, 6)),
    ("Conv2d", [4, 6, 3], {"groups": 2, "padding": 1}, (2, 4, 4, 4)),
    ("Conv2d", [3, 3, 3], {"groups": 3, "stride": 2, "padding": 2}, (2, 3, 5, 5)),
    ("Conv2d", [2, 2, [3, 4]], {"padding": "same"}, (1, 2, 4, 5)),
    ("Conv2d", [1, 2, 2], {"padding": "same", "dilation": 3}, (1, 1, 5, 4)),
    ("Conv2d", [1, 2, 2], {"padding": "valid"}, (1, 1, 3, 3)),
    ("Conv2d", [2, 3, 2], {}, (2, 4, 3)),
]
POOL = [
    ("MaxPool2d", [2], {}, (2, 2, 4, 6)),
    ("MaxPool2d", [2], {}, (1, 2, 5, 7)),
    ("MaxPool2d", [[3, 2]], {}, (2, 1, 6, 5)),
    ("MaxPool2d", [3], {"stride": 2, "padding": 1}, (2, 2, 6, 7)),
    ("MaxPool2d", [3], {"stride": [1, 2]}, (1, 2, 5, 6)),
    ("MaxPool2d", [2], {"padding": 1}, (1, 2, 4, 5)),
    ("MaxPool2d", [[2, 3]], {"stride": 1, "dilation": [2, 1]}, (1, 2, 5, 5)),
    ("MaxPool2d", [2], {}, (2, 4, 4)),
    ("AvgPool2d", [2], {}, (2, 2, 5, 6)),
    ("AvgPool2d", [3], {"stride": 2, "padding": 1}, (2, 2, 6, 7)),
    (
        "AvgPool2d",
        [3],
        {"stride": 2, "padding": 1, "count_include_pad": False},
        (2, 2, 6, 7),
    ),
    ("AvgPool2d", [[2, 3]], {"stride": 1}, (1, 2, 4, 5)),
    ("AvgPool2d", [2], {"padding": 1, "count_include_pad": False}, (2, 4, 4)),
]
NORM = [
    ("BatchNorm1d", [3], {}, (5, 3)),
    ("BatchNorm1d", [2], {"momentum": None, "eps": 0.01}, (3, 2, 4)),
    ("BatchNorm1d", [3], {"affine": False}, (4, 3)),
    ("BatchNorm2d", [3], {}, (2, 3, 4, 3)),
    ("BatchNorm2d", [2], {"momentum": 0.3, "eps": 1e-3}, (1, 2, 3, 3)),
    ("BatchNorm2d", [2], {"momentum": None, "affine": False}, (2, 2, 2, 3)),
    ("BatchNorm2d", [2], {"track_running_stats": False}, (3, 2, 2, 2)),
    ("LayerNorm", [4], {}, (3, 4)),
    ("LayerNorm", [[3, 4]], {"eps": 1e-3}, (2, 3, 4)),
    ("LayerNorm", [5], {"bias": False}, (2, 3, 5)),
    ("LayerNorm", [4], {"elementwise_affine": False}, (4,)),
]
FILES = {"conv": CONV, "pool": POOL, "norm": NORM}
STEPS = 3  # of layers that remember; the others take one


def references(cases: list) -> dict:
    """All cases of one file, each under its own name."""
    arrays = {}
    for number, (name, arguments, settings, shape) in enumerate(cases):
        torch.manual_seed(number)
        layer = getattr(torch.nn, name)(*arguments, **settings).double()
        with torch.no_grad():
            for p in layer.parameters():  # no ones and zeros, behind which errors hide
                p.copy_(torch.randn_like(p))
        case = json.dumps([number, name, arguments, settings])
        for key, tensor in steps(layer, shape):
            arrays[f"{case}/{key}"] = tensor.detach().numpy().copy()
    return arrays


def steps(layer: torch.nn.Module, shape: tuple):
    """Everything to compare in some steps of training and one prediction."""
    for key, tensor in layer.state_dict().items():
        yield f"state/{key}", tensor
    for step in range(STEPS if list(layer.buffers()) else 1):
        x = 2 * torch.randn(shape, dtype=torch.float64)
        if "Pool" in type(layer).__name__:
            x = x.round()  # so that many are equal
        x.requires_grad_()
        layer.zero_grad()
        out = layer(x)
        g = torch.randn_like(out)
        out.backward(g)
        named = {"x": x, "out": out, "g": g, "gradient/x": x.grad}
        named.update({f"gradient/{key}": p.grad for key, p in layer.named_parameters()})
        named.update({f"buffer/{key}": b for key, b in layer.named_buffers()})
        for key, tensor in named.items():
            yield f"{step}/{key}", tensor
    yield "predicted", layer.eval()(x)


def main() -> int:
    """Write the three files and say how large they are."""
    torch.set_num_threads(1)
    for name, cases in FILES.items():
        target = FOLDER / f"{name}.npz"
        target.write_bytes(archive(references(cases)))
        print(f"{target}: {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
