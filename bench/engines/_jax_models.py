"""The models of the workloads in JAX, as functions of a dictionary of weights.

Weights keep PyTorch's layout (out_features, in_features); XLA chooses the order of its
products when it compiles.
"""

from __future__ import annotations

from typing import Any

import jax
from jax import lax
from jax import numpy as jnp

from bench.workloads.base import Workload


def linear(p: dict[str, Any], name: str, x: Any) -> Any:
    """x W^T + b."""
    return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]


def mlp(workload: Workload) -> Any:
    """Linear layers with a relu between each two."""
    layers = len(workload.sizes["sizes"]) - 1

    def forward(p: dict[str, Any], x: Any) -> Any:
        for i in range(layers - 1):
            x = jax.nn.relu(linear(p, str(2 * i), x))
        return linear(p, str(2 * (layers - 1)), x)

    return forward


def cnn(workload: Workload) -> Any:
    """Two convolutions with pooling, then a linear layer.

    Channels last, and pooling as a maximum over axes of two: the quickest of four ways
    that were measured, three times as quick as channels first and reduce_window.
    """
    last = ("NHWC", "HWIO", "NHWC")

    def convolution(p: dict[str, Any], name: str, x: Any) -> Any:
        kernel = p[f"{name}.weight"].transpose(2, 3, 1, 0)
        out = lax.conv_general_dilated(
            x, kernel, (1, 1), "SAME", dimension_numbers=last
        )
        out = jax.nn.relu(out + p[f"{name}.bias"])
        batch, height, width, channels = out.shape
        pairs = out.reshape(batch, height // 2, 2, width // 2, 2, channels)
        return pairs.max((2, 4))

    def forward(p: dict[str, Any], x: Any) -> Any:
        out = convolution(p, "3", convolution(p, "0", x.transpose(0, 2, 3, 1)))
        return linear(p, "7", out.transpose(0, 3, 1, 2).reshape(len(x), -1))

    return forward


def lstm(workload: Workload) -> Any:
    """Embedding, LSTM by lax.scan, and a linear layer at every step."""
    hidden = workload.sizes["hidden"]

    def forward(p: dict[str, Any], x: Any) -> Any:
        embedded = p["embedding.weight"][x].swapaxes(0, 1)
        bias = p["lstm.bias_ih_l0"] + p["lstm.bias_hh_l0"]
        gates = embedded @ p["lstm.weight_ih_l0"].T + bias

        def cell(state: Any, gate: Any) -> Any:
            h, c = state
            i, f, g, o = jnp.split(gate + h @ p["lstm.weight_hh_l0"].T, 4, -1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        zeros = jnp.zeros((len(x), hidden))
        _, out = lax.scan(cell, (zeros, zeros), gates)
        return linear(p, "head", out.swapaxes(0, 1))

    return forward


def gpt(workload: Workload) -> Any:
    """Embeddings, blocks with causal attention, a last normalisation and a head."""
    heads, width = workload.sizes["heads"], workload.sizes["width"]

    def norm(p: dict[str, Any], name: str, x: Any) -> Any:
        scaled = (x - x.mean(-1, keepdims=True)) * lax.rsqrt(
            x.var(-1, keepdims=True) + 1e-5
        )
        return scaled * p[f"{name}.weight"] + p[f"{name}.bias"]

    def attention(p: dict[str, Any], name: str, x: Any) -> Any:
        batch, length, _ = x.shape
        projected = x @ p[f"{name}.in_proj_weight"].T + p[f"{name}.in_proj_bias"]
        shape = (batch, length, 3, heads, width // heads)
        q, k, v = projected.reshape(shape).transpose(2, 0, 3, 1, 4)
        scores = q @ k.swapaxes(-1, -2) / (width // heads) ** 0.5
        causal = jnp.tril(jnp.ones((length, length), bool))
        out = jax.nn.softmax(jnp.where(causal, scores, -jnp.inf)) @ v
        return linear(p, f"{name}.out_proj", out.swapaxes(1, 2).reshape(x.shape))

    def forward(p: dict[str, Any], x: Any) -> Any:
        h = p["token.weight"][x] + p["position.weight"]
        for i in range(workload.sizes["blocks"]):
            name = f"blocks.{i}"
            h = h + attention(p, f"{name}.self_attn", norm(p, f"{name}.norm1", h))
            inner = linear(p, f"{name}.linear1", norm(p, f"{name}.norm2", h))
            h = h + linear(p, f"{name}.linear2", jax.nn.gelu(inner, approximate=False))
        return linear(p, "head", norm(p, "norm", h))

    return forward


MODELS = {"mlp": mlp, "cnn": cnn, "lstm": lstm, "gpt": gpt}


def loss_of(workload: Workload) -> Any:
    """The function from logits and targets to the loss."""
    if workload.name == "moons":
        return lambda logits, y: jnp.mean(jnp.logaddexp(0.0, logits) - logits * y)

    def cross_entropy(logits: Any, y: Any) -> Any:
        chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), y[..., None], -1)
        return -jnp.mean(chosen)

    return cross_entropy


def arrays(workload: Workload) -> tuple[Any, Any]:
    """The data on JAX's device; yes and no are a column of floats."""
    x, y = workload.data()
    if workload.name == "moons":
        return jnp.asarray(x), jnp.asarray(y[:, None], jnp.float32)
    return jnp.asarray(x), jnp.asarray(y, jnp.int32)
