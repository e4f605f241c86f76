"""The moons once more, one number at a time, as micrograd does it.

2-16-16-1 with relu, a batch of ten, the hinge loss and plain gradient descent, which is
what micrograd's own demo has.
"""

from __future__ import annotations

from dataclasses import replace

from bench.workloads import moons
from bench.workloads._perceptron import perceptron
from bench.workloads.base import Array, Workload

BATCH, LEARNING_RATE = 10, 0.01


def scalars() -> Workload:
    """The moons, ten of them, with labels -1 and +1."""
    plain = perceptron("scalars", [2, 16, 16, 1], BATCH, moons.source)

    def data() -> tuple[Array, Array]:
        x, y = moons.source(BATCH)
        return x, 2 * y - 1

    title = f"MLP 2-16-16-1 of single numbers, batch {BATCH}"
    return replace(plain, title=title, architecture="scalar", data=data)


WORKLOADS = [scalars()]
