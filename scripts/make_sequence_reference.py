#!/usr/bin/env python3
"""Make tests/reference/sequence.npz: what PyTorch computes for layers of sequences.

Embeddings, recurrent layers, attention and a transformer block: the state, the inputs,
the outputs and every gradient for given ones, in float64 under several settings; and
the learning rates of every schedule over 50 steps. Needs the group `reference`.

    python scripts/make_sequence_reference.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from make_digits import archive
from torch.optim import lr_scheduler

TARGET = Path(__file__).parents[1] / "tests" / "reference" / "sequence.npz"
STEPS = 50

RECURRENT = [
    ("RNN", {}, "batch", True),
    ("RNN", {"nonlinearity": "relu", "num_layers": 2}, "batch", False),
    ("RNN", {"bidirectional": True, "bias": False}, "one", False),
    ("LSTM", {}, "batch", False),
    ("LSTM", {"num_layers": 2, "bidirectional": True}, "batch", True),
    ("LSTM", {"batch_first": True, "bias": False}, "batch", True),
    ("LSTM", {"bidirectional": True}, "one", True),
    ("GRU", {}, "batch", False),
    ("GRU", {"num_layers": 2, "bidirectional": True}, "batch", True),
    ("GRU", {"batch_first": True, "bias": False}, "batch", False),
    ("GRU", {"num_layers": 2}, "one", True),
]
ATTENTION = [
    ({}, {}, "self"),
    ({"batch_first": True}, {"average_attn_weights": False}, "self"),
    ({"batch_first": True}, {"attn_mask": "bool"}, "cross"),
    ({"bias": False}, {"attn_mask": "float", "key_padding_mask": "bool"}, "cross"),
    ({"batch_first": True}, {"attn_mask": "heads", "need_weights": False}, "self"),
    ({}, {"key_padding_mask": "float"}, "self"),
    ({}, {"attn_mask": "bool"}, "one"),
]
BLOCKS = [
    {"hidden": 16, "activation": "gelu", "causal": True},
    {"hidden": 5, "activation": "relu", "causal": False},
]
SCHEDULES = [
    ["ConstantLR", {}],
    ["ConstantLR", {"factor": 0.5, "total_iters": 7}],
    ["LinearLR", {}],
    ["LinearLR", {"start_factor": 0.1, "end_factor": 0.8, "total_iters": 20}],
    ["StepLR", {"step_size": 7}],
    ["StepLR", {"step_size": 3, "gamma": 0.7}],
    ["ExponentialLR", {"gamma": 0.9}],
    ["CosineAnnealingLR", {"T_max": 50}],
    ["CosineAnnealingLR", {"T_max": 20, "eta_min": 0.01}],
]


def random(*shape: int) -> torch.Tensor:
    """Numbers for an input, which needs its gradient."""
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def told(layer: torch.nn.Module, inputs: dict, outs: dict) -> dict:
    """The state, the inputs, the outputs, and all gradients if cosines arrive there."""
    arriving = [torch.arange(out.numel()).double().cos() for out in outs.values()]
    shaped = [g.view(out.shape) for g, out in zip(arriving, outs.values(), strict=True)]
    torch.autograd.backward(list(outs.values()), shaped)
    found = {}
    for name, p in layer.named_parameters():
        found |= {f"state/{name}": p, f"gradient/state/{name}": p.grad}
    for name, x in inputs.items():
        found[f"input/{name}"] = x
        if x.requires_grad:
            found[f"gradient/input/{name}"] = x.grad
    found |= {f"out/{name}": out for name, out in outs.items()}
    return {name: tensor.detach().numpy() for name, tensor in found.items()}


def recurrent(kind: str, settings: dict, shape: str, given: bool) -> dict:
    """A recurrent layer on one sequence or a batch, with a first state or without."""
    layer = getattr(torch.nn, kind)(3, 4, dtype=torch.float64, **settings)
    batch = () if shape == "one" else (2,)
    first = batch and settings.get("batch_first")
    inputs = {"x": random(*((2, 5, 3) if first else (5, *batch, 3)))}
    count = settings.get("num_layers", 1) * (1 + settings.get("bidirectional", False))
    states = [random(count, *batch, 4) for _ in range(2 if kind == "LSTM" else 1)]
    if given:
        inputs |= dict(zip("hc", states, strict=False))
    state = (tuple(states) if kind == "LSTM" else states[0]) if given else None
    out, last = layer(inputs["x"], state)
    outs = dict(zip("hc", last if kind == "LSTM" else [last], strict=False))
    return told(layer, inputs, {"out": out} | outs)


def attention(settings: dict, call: dict, shape: str) -> dict:
    """Attention of a sequence to itself or to another, under masks."""
    layer = torch.nn.MultiheadAttention(6, 2, dtype=torch.float64, **settings)
    for p in layer.parameters():  # biases begin at 0, where mistakes do not show
        torch.nn.init.normal_(p, std=0.5)
    to, source, batch = 4, 5 if shape == "cross" else 4, 3

    def sequence(length: int) -> torch.Tensor:
        if shape == "one":
            return random(length, 6)
        first = settings.get("batch_first")
        return random(*((batch, length) if first else (length, batch)), 6)

    inputs = {"query": sequence(to)}
    if shape == "cross":
        inputs |= {"key": sequence(source), "value": sequence(source)}
    masks = {name: mask(name, kind, to, source, batch) for name, kind in call.items()}
    masks = {name: made for name, made in masks.items() if made is not None}
    query = inputs["query"]
    rest = call | masks
    out, weights = layer(
        query, inputs.get("key", query), inputs.get("value", query), **rest
    )
    outs = {"out": out} | ({} if weights is None else {"weights": weights})
    return told(layer, inputs | masks, outs)


def mask(name: str, kind: object, to: int, source: int, batch: int) -> object:
    """A mask of the kind that a case asks for; everybody may look at the first."""
    if not isinstance(kind, str):
        return None
    shape = (batch, source) if name == "key_padding_mask" else (to, source)
    if kind == "heads":
        shape = (batch * 2, to, source)
    if kind == "float":
        return torch.randn(*shape, dtype=torch.float64)
    forbidden = torch.rand(*shape) < 0.4
    forbidden[..., 0] = False
    return forbidden


def block(settings: dict) -> dict:
    """A transformer block that normalizes first."""
    layer = torch.nn.TransformerEncoderLayer(
        6,
        2,
        settings["hidden"],
        0.0,
        settings["activation"],
        batch_first=True,
        norm_first=True,
        dtype=torch.float64,
    )
    for p in layer.parameters():
        torch.nn.init.normal_(p, std=0.5)
    x = random(2, 5, 6)
    ahead = None
    if settings["causal"]:
        ahead = torch.nn.Transformer.generate_square_subsequent_mask(5).double()
    return told(layer, {"x": x}, {"out": layer(x, ahead)})


def embedding(padding_idx: int | None) -> dict:
    """Rows of a table, some of them more than once, and a padding."""
    layer = torch.nn.Embedding(7, 3, padding_idx, dtype=torch.float64)
    x = torch.tensor([[1, 2, 2, 0], [6, 1, 0, 0]])
    return told(layer, {"x": x}, {"out": layer(x)})


def activations() -> dict:
    """GELU, in both forms, and SiLU, far out too."""
    found = {}
    makers = {
        "GELU": torch.nn.GELU(),
        "GELU/tanh": torch.nn.GELU("tanh"),
        "SiLU": torch.nn.SiLU(),
    }
    for name, layer in makers.items():
        x = torch.linspace(-9.0, 9.0, 37, dtype=torch.float64, requires_grad=True)
        out = layer(x)
        out.sum().backward()
        found |= {f"{name}/x": x, f"{name}/out": out, f"{name}/gradient": x.grad}
    return {name: tensor.detach().numpy() for name, tensor in found.items()}


def clipping() -> dict:
    """Gradients, and what is left of them under each norm."""
    found: dict = {}
    start = [np.random.default_rng(3).normal(size=shape) for shape in [(3, 4), (5,)]]
    found |= {f"gradient/{i}": g for i, g in enumerate(start)}
    for norm_type in (1.0, 2.0, 3.0, np.inf):
        for max_norm in (0.5, 100.0):
            ps = [torch.nn.Parameter(torch.zeros(g.shape).double()) for g in start]
            for p, g in zip(ps, start, strict=True):
                p.grad = torch.tensor(g)
            total = torch.nn.utils.clip_grad_norm_(ps, max_norm, norm_type)
            key = f"{norm_type}/{max_norm}"
            found[f"{key}/norm"] = total.numpy()
            found |= {f"{key}/{i}": p.grad.numpy() for i, p in enumerate(ps)}
    return found


def rates(make) -> np.ndarray:
    """The learning rate before each of the steps."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    schedule, found = make(optimizer), []
    for _ in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return np.array(found)


def schedules() -> dict:
    """Every schedule, and a warm-up followed by half a wave of the cosine."""
    found = {
        json.dumps([name, settings]): rates(
            lambda o, n=name, s=settings: getattr(lr_scheduler, n)(o, **s)
        )
        for name, settings in SCHEDULES
    }

    def warm(optimizer):
        first = lr_scheduler.LinearLR(optimizer, 0.1, 1.0, 10)
        then = lr_scheduler.CosineAnnealingLR(optimizer, 40)
        return lr_scheduler.SequentialLR(optimizer, [first, then], [10])

    return found | {"warm-up and cosine": rates(warm)}


def main() -> int:
    """Write the file and say how large it is."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    cases = {
        "embedding": [(embedding, [None]), (embedding, [0])],
        "recurrent": [(recurrent, case) for case in RECURRENT],
        "attention": [(attention, case) for case in ATTENTION],
        "block": [(block, [settings]) for settings in BLOCKS],
    }
    groups = {
        "activations": activations(),
        "clipping": clipping(),
        "schedules": schedules(),
    }
    for family, several in cases.items():
        for i, (make, case) in enumerate(several):
            groups[f"{family}{i}"] = make(*case)
    told_cases = {f: [case for _, case in several] for f, several in cases.items()}
    arrays = {
        f"{group}|{name}": array
        for group, found in groups.items()
        for name, array in found.items()
    }
    arrays["cases"] = np.array(json.dumps(told_cases))
    TARGET.write_bytes(archive(arrays))
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
