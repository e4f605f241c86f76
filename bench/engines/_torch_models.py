"""The models of the workloads in PyTorch, with its fused attention and its own LSTM."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from bench.workloads.base import Workload


def mlp(workload: Workload) -> nn.Module:
    """Linear layers with a relu between each two."""
    layers: list[nn.Module] = []
    for before, after in pairwise(workload.sizes["sizes"]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cnn(workload: Workload) -> nn.Module:
    """Two convolutions with pooling, then a linear layer.

    The channels come last in memory: PyTorch's kernels were measured to be quicker so.
    """
    layers = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 10),
    )
    return layers.to(memory_format=torch.channels_last)


class Characters(nn.Module):
    """Embedding, LSTM, and a linear layer at every step."""

    def __init__(self, vocabulary: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(self, x: Any) -> Any:
        return self.head(self.lstm(self.embedding(x))[0])


class Attention(nn.Module):
    """Causal self-attention by the fused kernel, with nn.MultiheadAttention's names."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Any) -> Any:
        batch, length, width = x.shape
        projected = functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        shape = (batch, length, 3, self.heads, width // self.heads)
        q, k, v = projected.view(shape).permute(2, 0, 3, 1, 4)
        out = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out_proj(out.transpose(1, 2).reshape(batch, length, width))


class Block(nn.Module):
    """A transformer block that normalises first, as nn.TransformerEncoderLayer can."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.linear1, self.linear2 = (
            nn.Linear(width, 4 * width),
            nn.Linear(4 * width, width),
        )
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x: Any) -> Any:
        x = x + self.self_attn(self.norm1(x))
        return x + self.linear2(functional.gelu(self.linear1(self.norm2(x))))


class GPT(nn.Module):
    """Embeddings, blocks, a last normalisation and a head."""

    def __init__(
        self, vocabulary: int, width: int, heads: int, length: int, blocks: int
    ) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary)

    def forward(self, x: Any) -> Any:
        h = self.token(x) + self.position.weight
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))


def model(workload: Workload) -> nn.Module:
    """The model of a workload, with its first weights."""
    makers: dict[str, Any] = {
        "mlp": lambda: mlp(workload),
        "cnn": lambda: cnn(workload),
        "lstm": lambda: Characters(**workload.sizes),
        "gpt": lambda: GPT(**workload.sizes),
    }
    made: nn.Module = makers[workload.architecture]()
    state = {name: torch.tensor(w) for name, w in workload.weights().items()}
    made.load_state_dict(state)
    return made


def loss_of(workload: Workload) -> Any:
    """The function from logits and targets to the loss."""
    if workload.name == "moons":
        return functional.binary_cross_entropy_with_logits
    if workload.architecture in ("lstm", "gpt"):
        return lambda logits, y: functional.cross_entropy(
            logits.flatten(0, 1), y.flatten()
        )
    return functional.cross_entropy


def tensors(workload: Workload) -> tuple[Any, Any]:
    """The data as tensors; yes and no are a column of floats."""
    x, y = map(torch.tensor, workload.data())
    if workload.architecture == "cnn":
        x = x.to(memory_format=torch.channels_last)
    return x, y.float()[:, None] if workload.name == "moons" else y
