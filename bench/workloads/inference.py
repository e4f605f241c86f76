"""One sample at a time, forward only: what a model costs once it is in use."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from bench.workloads import digits, mnist_large
from bench.workloads.base import Array, Workload


def of(trained: Workload) -> Workload:
    """The prediction of one sample by the perceptron of another workload."""
    sizes = trained.sizes["sizes"]

    def data() -> tuple[Array, Array]:
        x, y = trained.data()
        return x[:1], y[:1]

    return replace(
        trained,
        name=f"predict_{trained.name}",
        title=f"One prediction of MLP {'-'.join(map(str, sizes))}",
        sizes={"sizes": sizes, "batch": 1},
        data=data,
        products=2.0 * sum(a * b for a, b in pairwise(sizes)),
        kept=0,
        inputs=sizes[0],
        task="prediction",
    )


WORKLOADS = [of(digits.WORKLOADS[0]), of(mnist_large.WORKLOADS[0])]
