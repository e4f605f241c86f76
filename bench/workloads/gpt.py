"""A small transformer that predicts the next character: two blocks, 64 wide.

Learned positions, normalisation before each part, four heads of causal attention, a
feed-forward part of 256 with gelu, a last normalisation, an untied head; batch 16.
"""

from __future__ import annotations

import numpy as np

from bench.workloads.base import (
    Array,
    Weights,
    Workload,
    contradicting,
    linear,
    uniform,
)

BATCH, LENGTH, VOCABULARY, WIDTH, HEADS, BLOCKS = 16, 64, 65, 64, 4, 2


def data() -> tuple[Array, Array]:
    """Characters at random: inputs and targets (batch, length)."""
    random = np.random.default_rng(1)
    x, y = random.integers(0, VOCABULARY, (2, BATCH, LENGTH))
    return contradicting(x, y, VOCABULARY)


def normalisation(name: str) -> Weights:
    """The first weights of a layer normalisation: ones and zeros."""
    ones = np.ones(WIDTH, np.float32)
    return {f"{name}.weight": ones, f"{name}.bias": np.zeros_like(ones)}


def weights() -> Weights:
    """The names within a block are those of PyTorch's TransformerEncoderLayer."""
    random = np.random.default_rng(0)
    found: Weights = {}
    for name, count in (("token", VOCABULARY), ("position", LENGTH)):
        drawn = 0.02 * random.standard_normal((count, WIDTH))
        found[f"{name}.weight"] = drawn.astype(np.float32)
    for i in range(BLOCKS):
        block = f"blocks.{i}"
        attention = f"{block}.self_attn"
        found |= normalisation(f"{block}.norm1")
        found[f"{attention}.in_proj_weight"] = uniform(random, WIDTH, 3 * WIDTH, WIDTH)
        found[f"{attention}.in_proj_bias"] = np.zeros(3 * WIDTH, np.float32)
        found |= linear(random, f"{attention}.out_proj", WIDTH, WIDTH)
        found |= normalisation(f"{block}.norm2")
        found |= linear(random, f"{block}.linear1", WIDTH, 4 * WIDTH)
        found |= linear(random, f"{block}.linear2", 4 * WIDTH, WIDTH)
    return found | normalisation("norm") | linear(random, "head", WIDTH, VOCABULARY)


def products() -> float:
    """2 x characters x in x out for each product; backward twice that.

    A block has 12 width^2 of weights. Causal attention looks at (length + 1) / 2 places
    on average, once for the scores and once for the sum.
    """
    count = 2.0 * BATCH * LENGTH
    attention = 2 * WIDTH * (LENGTH + 1) / 2
    block = 12 * WIDTH**2 + attention
    return 3 * count * (BLOCKS * block + WIDTH * VOCABULARY)


WORKLOADS = [
    Workload(
        name="gpt",
        title=f"GPT {BLOCKS} x {WIDTH}, {HEADS} heads, length {LENGTH}, batch {BATCH}",
        architecture="gpt",
        sizes={
            "vocabulary": VOCABULARY,
            "width": WIDTH,
            "heads": HEADS,
            "length": LENGTH,
            "blocks": BLOCKS,
        },
        data=data,
        weights=weights,
        products=products(),
        # in each block: two normalised inputs, q k v, the heads, 256 before and after
        # gelu, and two sums; then the last normalisation and the logits
        kept=BATCH * LENGTH * (BLOCKS * 16 * WIDTH + WIDTH + VOCABULARY),
        inputs=2 * BATCH * LENGTH,
    )
]
