"""The models of the workloads in seegrad, written as a person would write them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import seegrad as sg
from bench.workloads.base import Workload
from seegrad import losses, nn


def mlp(workload: Workload) -> Any:
    """Linear layers with a relu between each two."""
    layers: list[Any] = []
    for before, after in pairwise(workload.sizes["sizes"]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cnn(workload: Workload) -> Any:
    """Two convolutions with pooling, then a linear layer."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 10),
    )


def lstm(workload: Workload) -> Any:
    """Embedding, LSTM, and a linear layer at every step."""
    sizes = workload.sizes

    class Characters(nn.Module):
        def __init__(self) -> None:
            self.embedding = nn.Embedding(sizes["vocabulary"], sizes["embedding"])
            self.lstm = nn.LSTM(sizes["embedding"], sizes["hidden"], batch_first=True)
            self.head = nn.Linear(sizes["hidden"], sizes["vocabulary"])

        def forward(self, x: Any) -> Any:
            hidden, _ = self.lstm(self.embedding(x))
            return self.head(hidden)

    return Characters()


def gpt(workload: Workload) -> Any:
    """Embeddings, blocks, a last normalisation and a head."""
    sizes = workload.sizes
    width, length = sizes["width"], sizes["length"]

    class GPT(nn.Module):
        def __init__(self) -> None:
            self.token = nn.Embedding(sizes["vocabulary"], width)
            self.position = nn.Embedding(length, width)
            self.blocks = [
                nn.TransformerBlock(width, sizes["heads"], causal=True)
                for _ in range(sizes["blocks"])
            ]
            self.norm = nn.LayerNorm(width)
            self.head = nn.Linear(width, sizes["vocabulary"])

        def forward(self, x: Any) -> Any:
            h = self.token(x) + self.position.weight
            for block in self.blocks:
                h = block(h)
            return self.head(self.norm(h))

    return GPT()


def model(workload: Workload) -> Any:
    """The model of a workload, with its first weights."""
    makers = {"mlp": mlp, "cnn": cnn, "lstm": lstm, "gpt": gpt}
    made = makers[workload.architecture](workload)
    made.load_state_dict(workload.weights())
    return made


def loss_of(workload: Workload) -> Any:
    """The function from logits and targets to the loss."""
    if workload.name == "moons":
        return losses.bce_with_logits
    if workload.architecture in ("lstm", "gpt"):
        classes = workload.sizes["vocabulary"]
        return lambda logits, y: losses.cross_entropy(
            logits.reshape(-1, classes), y.reshape(-1)
        )
    return losses.cross_entropy


def tensors(workload: Workload) -> tuple[Any, Any]:
    """The data as tensors; yes and no are floats."""
    x, y = workload.data()
    return sg.tensor(x), sg.tensor(y.astype(x.dtype) if workload.name == "moons" else y)
