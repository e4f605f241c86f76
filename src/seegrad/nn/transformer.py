"""The block that large language models are a stack of.

Twice the same pattern: normalize, compute, and add the result to what came in. First
the positions of the sequence talk to each other (attention), then each thinks by itself
(a small multilayer perceptron). Because both only add, a deep stack still learns.
"""

from __future__ import annotations

from typing import Any

from seegrad.nn._inputs import fitting
from seegrad.nn.activation import activation as activation_layer
from seegrad.nn.attention import MultiheadAttention
from seegrad.nn.dropout import Dropout
from seegrad.nn.layer_norm import LayerNorm
from seegrad.nn.linear import Linear
from seegrad.nn.module import Module
from seegrad.random import derive, key_from


class TransformerBlock(Module):
    """x + attention(norm1(x)), and then x + mlp(norm2(x)), on (batch, time, embed_dim).

    The perceptron has one layer of ``hidden`` numbers, 4 * embed_dim unless given. If
    ``causal``, no position sees those after it. Names and numbers are PyTorch's, of a
    TransformerEncoderLayer(norm_first=True, batch_first=True) (Vaswani et al. 2017;
    Xiong et al. 2020).

    >>> import numpy as np
    >>> TransformerBlock(8, num_heads=2, seed=0)(np.zeros((3, 5, 8))).shape
    (3, 5, 8)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        hidden: int | None = None,
        dropout: float = 0.0,
        causal: bool = True,
        activation: str = "gelu",
        *,
        seed: int | None = None,
        dtype: Any = "float32",
    ) -> None:
        key = key_from(seed, where="TransformerBlock")
        keys = [derive(name, key) for name in ("attention", "linear1", "linear2")]
        self.causal = bool(causal)
        self.self_attn = MultiheadAttention(
            embed_dim, num_heads, dropout, batch_first=True, seed=keys[0], dtype=dtype
        )
        width = 4 * embed_dim if hidden is None else hidden
        self.linear1 = Linear(embed_dim, width, seed=keys[1], dtype=dtype)
        self.activation = activation_layer(activation)
        self.linear2 = Linear(width, embed_dim, seed=keys[2], dtype=dtype)
        self.norm1 = LayerNorm(embed_dim, dtype=dtype)
        self.norm2 = LayerNorm(embed_dim, dtype=dtype)
        self.dropout = Dropout(dropout)

    def forward(
        self, x: Any, attn_mask: Any = None, key_padding_mask: Any = None
    ) -> Any:
        x = fitting(x, self.linear1.weight, "TransformerBlock")
        seen, _ = self.self_attn(
            self.norm1(x),
            key_padding_mask=key_padding_mask,
            need_weights=False,
            attn_mask=attn_mask,
            is_causal=self.causal,
        )
        x = x + self.dropout(seen)
        thought = self.dropout(self.activation(self.linear1(self.norm2(x))))
        return x + self.dropout(self.linear2(thought))

    def describe(self) -> str:
        return "causal" if self.causal else "not causal"


TransformerBlock.sample((2, 3, 4), 4, num_heads=2, seed=0)
TransformerBlock.sample((2, 3, 4), 4, 1, 6, causal=False, activation="relu", seed=1)
