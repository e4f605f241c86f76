"""Attention: every position looks at every other and takes what it finds useful.

A position asks with a query, the others answer with a key each, and how well the two
fit decides how much of each value is taken. All heads do so at the same time, because a
stack of matrices is multiplied in one product.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad.dtypes import is_float
from seegrad.errors import ArgumentError, DtypeError, ShapeError
from seegrad.nn._inputs import fitting
from seegrad.nn.base import as_tensor
from seegrad.nn.dropout import dropped, probability
from seegrad.nn.init import xavier_uniform, zeros
from seegrad.nn.linear import Linear
from seegrad.nn.module import Module
from seegrad.nn.parameter import Parameter
from seegrad.ops import (
    amax,
    detach,
    eq,
    exp,
    mean,
    permute,
    reshape,
    sum,
    transpose,
    where,
)
from seegrad.random import derive, key_from, whole_number
from seegrad.tensor import Tensor


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
) -> Any:
    """softmax(query @ key^T / sqrt(d) + mask) @ value, over any axes before the two.

    query is (..., to, d), key (..., from, d), value (..., from, e). A boolean mask is
    True where a position may be looked at, floats are added; with ``is_causal`` nobody
    looks ahead. Who may look at nothing gets 0 (Vaswani et al. 2017).

    >>> import seegrad as sg
    >>> x = sg.randn((2, 5, 4), seed=0)
    >>> scaled_dot_product_attention(x, x, x, is_causal=True).shape
    (2, 5, 4)
    """
    query, key, value = as_tensor(query), as_tensor(key), as_tensor(value)
    mask = None if attn_mask is None else as_tensor(attn_mask, query.dtype)
    weights = _weights(query, key, [mask], is_causal)
    return dropped(weights, probability(dropout_p, "attention")) @ value


def _weights(query: Any, key: Any, masks: list[Any], is_causal: bool) -> Any:
    """How much each query takes of each value: (..., to, from), rows that sum to 1."""
    scores = (query * query.shape[-1] ** -0.5) @ transpose(key, -2, -1)
    if is_causal:
        masks = [*masks, Tensor(np.tri(*scores.shape[-2:], dtype=bool))]
    for mask in masks:
        if mask is not None and mask.dtype.kind == "b":
            scores = where(mask, scores, -math.inf)
        elif mask is not None:
            scores = scores + mask
    return _softmax(scores)


def _softmax(scores: Any) -> Any:
    """The softmax of each row; zeros where nothing may be looked at, instead of NaN."""
    top = detach(amax(scores, -1, True))
    e = exp(scores - where(top == -math.inf, 0.0, top))
    total = sum(e, -1, True)
    return e / where(total == 0.0, 1.0, total)


class MultiheadAttention(Module):
    """Attention by several heads, each in its own part of the features.

    query is (to, batch, embed_dim), key and value (from, batch, embed_dim); (batch, to,
    ...) with ``batch_first``, and without batch for one sequence. Gives the output and
    the weights (batch, to, from), or None without ``need_weights``. As in PyTorch, a
    boolean mask is True where a position must *not* be looked at. Key and value may be
    left out: they are the query then (Vaswani et al. 2017).

    >>> import numpy as np
    >>> layer = MultiheadAttention(8, 2, batch_first=True, seed=0)
    >>> out, weights = layer(np.zeros((3, 5, 8)))
    >>> out.shape, weights.shape
    ((3, 5, 8), (3, 5, 5))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        batch_first: bool = False,
        seed: int | None = None,
        dtype: Any = "float32",
    ) -> None:
        name = "MultiheadAttention"
        self.embed_dim = whole_number("embed_dim", embed_dim, least=1, where=name)
        self.num_heads = whole_number("num_heads", num_heads, least=1, where=name)
        self.head_dim, rest = divmod(self.embed_dim, self.num_heads)
        if rest:
            raise ArgumentError(
                f"{embed_dim} features cannot be shared evenly by {num_heads} heads",
                where=name,
                hint="an embed_dim that is a multiple of num_heads",
            )
        self.dropout, self.batch_first = probability(dropout, name), bool(batch_first)
        key = key_from(seed, where=name)
        n = self.embed_dim
        start = xavier_uniform((3 * n, n), seed=derive("in", key), dtype=dtype)
        self.in_proj_weight = Parameter(start)
        self.in_proj_bias: Parameter | None = None
        if bias:
            self.in_proj_bias = Parameter(zeros(3 * n, dtype=dtype))
        self.out_proj = Linear(n, n, bias, seed=derive("out", key), dtype=dtype)
        if self.out_proj.bias is not None:
            self.out_proj.bias.assign(zeros(n, dtype=dtype))

    def forward(
        self,
        query: Any,
        key: Any = None,
        value: Any = None,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> Any:
        query, key, value = self._three(query, key, value)
        batched = query.ndim == 3
        q, k, v = (self._heads(x) for x in self._projected(query, key, value))
        masks = [
            self._allowed(attn_mask, "attn_mask", q, k),
            self._allowed(key_padding_mask, "key_padding_mask", q, k),
        ]
        weights = _weights(q, k, masks, is_causal)
        if self.training:
            weights = dropped(weights, self.dropout)
        out = self.out_proj(self._joined(weights @ v, batched))
        if not need_weights:
            return out, None
        if average_attn_weights:
            weights = mean(weights, 1)
        return out, weights if batched else reshape(weights, weights.shape[1:])

    def _three(self, query: Any, key: Any, value: Any) -> tuple[Any, Any, Any]:
        """The three inputs as tensors of one kind, or an error that says what fits."""
        read: list[Any] = []
        for x, before in ((query, None), (key, query), (value, key)):
            same = read and (x is None or x is before)
            read.append(read[-1] if same else self._read(x))
        for name, x in zip(("query", "key", "value"), read, strict=True):
            if x.ndim not in (2, 3) or x.shape[-1] != self.embed_dim:
                raise ShapeError(
                    f"{name} has shape {x.shape}, and its last axis must be the "
                    f"{self.embed_dim} features",
                    hint=self._order(),
                )
            if x.ndim != read[0].ndim:
                raise ShapeError(
                    f"query has {read[0].ndim} axes and {name} has {x.ndim}",
                    hint=self._order(),
                )
        return read[0], read[1], read[2]

    def _read(self, x: Any) -> Any:
        return fitting(x, self.in_proj_weight, type(self).__name__)

    def _order(self) -> str:
        order = "batch, time" if self.batch_first else "time, batch"
        return f"({order}, {self.embed_dim}), or (time, {self.embed_dim}) for one"

    def _projected(self, query: Any, key: Any, value: Any) -> list[Any]:
        """Queries, keys and values; one product where they come from one tensor."""
        n, weight, bias = self.embed_dim, self.in_proj_weight, self.in_proj_bias
        parts = [slice(i * n, (i + 1) * n) for i in range(3)]
        if query is key is value:
            out = query @ weight.T
            out = out if bias is None else out + bias
            return [out[..., part] for part in parts]
        outs = []
        for x, part in zip((query, key, value), parts, strict=True):
            out = x @ weight[part].T
            outs.append(out if bias is None else out + bias[part])
        return outs

    def _heads(self, x: Any) -> Any:
        """(time, batch, features) to (batch, heads, time, features of a head)."""
        split = reshape(x, (*x.shape[:-1], self.num_heads, self.head_dim))
        if split.ndim == 3:
            split = reshape(split, (1, *split.shape))
        elif not self.batch_first:
            return permute(split, (1, 2, 0, 3))
        return permute(split, (0, 2, 1, 3))

    def _joined(self, x: Any, batched: bool) -> Any:
        """The heads side by side again, in the order of the input."""
        batch, _, time, _ = x.shape
        first = self.batch_first or not batched
        x = permute(x, (0, 2, 1, 3) if first else (2, 0, 1, 3))
        order = (batch, time) if first else (time, batch)
        return reshape(x, (*(order if batched else (time,)), self.embed_dim))

    def _allowed(self, mask: Any, name: str, q: Any, k: Any) -> Any:
        """A mask as scores have it: True where allowed; floats stay what is added."""
        if mask is None:
            return None
        mask = as_tensor(mask, q.dtype)
        (batch, heads, to, _), source = q.shape, k.shape[2]
        shapes: dict[tuple[int, ...], tuple[int, ...]] = {(to, source): (to, source)}
        shapes[(batch * heads, to, source)] = (batch, heads, to, source)
        if name == "key_padding_mask":
            shapes = {(batch, source): (batch, 1, 1, source)}
            shapes |= {(source,): (1, 1, 1, source)} if batch == 1 else {}
        if mask.shape not in shapes:
            raise ShapeError(
                f"{name} has shape {mask.shape} where "
                f"{' or '.join(map(str, shapes))} was expected",
                hint="one entry for each pair that may or may not look at each other",
            )
        if not (mask.dtype.kind == "b" or is_float(mask.dtype)):
            raise DtypeError(
                f"{name} is {mask.dtype}, neither a choice nor something to add",
                hint=f"{name}.to(sg.bool_), True where nobody may look",
            )
        mask = reshape(mask, shapes[mask.shape])
        return eq(mask, False) if mask.dtype.kind == "b" else mask

    def describe(self) -> str:
        words = [f"{self.embed_dim}, heads={self.num_heads}"]
        words += [f"dropout={self.dropout}"] if self.dropout else []
        words += ["bias=False"] if self.in_proj_bias is None else []
        words += ["batch_first=True"] if self.batch_first else []
        return ", ".join(words)


MultiheadAttention.sample((2, 4, 6), 6, 2, batch_first=True, seed=0)
MultiheadAttention.sample((3, 4), 4, 1, bias=False, seed=1)
