"""The multilayer perceptrons of the benchmarks: sizes in, a workload out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from bench.workloads.base import Array, Weights, Workload, contradicting, linear


def perceptron(
    name: str,
    sizes: list[int],
    batch: int,
    source: Callable[[int], tuple[Array, Array]],
) -> Workload:
    """Linear layers with a relu between each two; one output means yes or no.

    Operations of the products, with B rows: 2 B in out going forward, as many for the
    gradient of the weights, and as many for the gradient of the inputs, which the first
    layer does not need.
    """
    pairs = list(pairwise(sizes))
    first = sizes[0] * sizes[1]
    products = 2.0 * batch * (3 * sum(a * b for a, b in pairs) - first)
    return Workload(
        name=name,
        title=f"MLP {'-'.join(map(str, sizes))}, batch {batch}",
        architecture="mlp",
        sizes={"sizes": sizes, "batch": batch},
        data=lambda: contradicting(*source(batch), classes=max(2, sizes[-1])),
        weights=lambda: weights(sizes),
        products=products,
        kept=batch * sum(sizes[1:]),
        inputs=batch * sizes[0],
    )


def weights(sizes: list[int]) -> Weights:
    """The first weights, under the names that a Sequential of PyTorch has."""
    random = np.random.default_rng(0)
    found: Weights = {}
    for i, (before, after) in enumerate(pairwise(sizes)):
        found |= linear(random, str(2 * i), before, after)
    return found


def synthetic(features: int, classes: int) -> Callable[[int], tuple[Array, Array]]:
    """Numbers from 0 to 1 in the shape of images, with labels at random."""

    def source(batch: int) -> tuple[Array, Array]:
        random = np.random.default_rng(1)
        x = random.random((batch, features), dtype=np.float32)
        return x, random.integers(0, classes, batch)

    return source
