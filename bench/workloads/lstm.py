"""A recurrent network that predicts the next character, 32 of them at a time.

Embedding 32, one LSTM layer of 128, a linear layer to 65 characters; batch 32. The
steps depend on each other, so many small products follow one another.
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

BATCH, STEPS, VOCABULARY, EMBEDDING, HIDDEN = 32, 32, 65, 32, 128


def data() -> tuple[Array, Array]:
    """Characters at random: inputs and targets (batch, steps)."""
    random = np.random.default_rng(1)
    x, y = random.integers(0, VOCABULARY, (2, BATCH, STEPS))
    return contradicting(x, y, VOCABULARY)


def weights() -> Weights:
    """An embedding, an LSTM with its gates in the order i, f, g, o, and a head."""
    random = np.random.default_rng(0)
    drawn = random.standard_normal((VOCABULARY, EMBEDDING))
    return {
        "embedding.weight": drawn.astype(np.float32),
        "lstm.weight_ih_l0": uniform(random, HIDDEN, 4 * HIDDEN, EMBEDDING),
        "lstm.weight_hh_l0": uniform(random, HIDDEN, 4 * HIDDEN, HIDDEN),
        "lstm.bias_ih_l0": uniform(random, HIDDEN, 4 * HIDDEN),
        "lstm.bias_hh_l0": uniform(random, HIDDEN, 4 * HIDDEN),
        **linear(random, "head", HIDDEN, VOCABULARY),
    }


def products() -> float:
    """2 x characters x in x out for each product; backward twice that.

    The first step starts from a state of zeros, which needs no product.
    """
    count = 2.0 * BATCH * STEPS
    gates = EMBEDDING * 4 * HIDDEN + HIDDEN * 4 * HIDDEN * (STEPS - 1) / STEPS
    return 3 * count * (gates + HIDDEN * VOCABULARY)


WORKLOADS = [
    Workload(
        name="lstm",
        title=f"LSTM {EMBEDDING}-{HIDDEN}-{VOCABULARY}, {STEPS} steps, batch {BATCH}",
        architecture="lstm",
        sizes={"vocabulary": VOCABULARY, "embedding": EMBEDDING, "hidden": HIDDEN},
        data=data,
        weights=weights,
        products=products(),
        # the embedding, four gates, the cell and the state, and the logits
        kept=BATCH * STEPS * (EMBEDDING + 6 * HIDDEN + VOCABULARY),
        inputs=2 * BATCH * STEPS,
    )
]
