"""A convolutional network on images of 28 x 28, in the manner of LeNet.

Two convolutions of 5 x 5 with relu and pooling, then a linear layer; batch 64.
"""

from __future__ import annotations

import numpy as np

from bench.workloads.base import Array, Weights, Workload, contradicting, uniform
from bench.workloads.base import linear as linear_layer

BATCH, CHANNELS, KERNEL, SIDE, CLASSES = 64, (1, 16, 32), 5, 28, 10
FEATURES = CHANNELS[2] * (SIDE // 4) ** 2


def data() -> tuple[Array, Array]:
    """Noise in the shape of images, with labels at random."""
    random = np.random.default_rng(1)
    x = random.random((BATCH, 1, SIDE, SIDE), dtype=np.float32)
    return contradicting(x, random.integers(0, CLASSES, BATCH), CLASSES)


def weights() -> Weights:
    """Two convolutions ("0" and "3") and a linear layer ("7") of a Sequential."""
    random = np.random.default_rng(0)
    found: Weights = {}
    for name, inputs, outputs in (("0", 1, 16), ("3", 16, 32)):
        fan_in = inputs * KERNEL**2
        shape = (outputs, inputs, KERNEL, KERNEL)
        found[f"{name}.weight"] = uniform(random, fan_in, *shape)
        found[f"{name}.bias"] = uniform(random, fan_in, outputs)
    return found | linear_layer(random, "7", FEATURES, CLASSES)


def products() -> float:
    """2 x places x outputs x inputs x 25 for each convolution; backward twice that.

    The first convolution needs no gradient of its inputs.
    """
    first = 2.0 * BATCH * SIDE**2 * 16 * 1 * KERNEL**2
    second = 2.0 * BATCH * (SIDE // 2) ** 2 * 32 * 16 * KERNEL**2
    last = 2.0 * BATCH * FEATURES * CLASSES
    return 2 * first + 3 * second + 3 * last


def kept() -> int:
    """What comes out of each relu and each pooling, and the logits."""
    first, second = 16 * SIDE**2, 32 * (SIDE // 2) ** 2
    return BATCH * (first + first // 4 + second + second // 4 + CLASSES)


WORKLOADS = [
    Workload(
        name="cnn",
        title=f"CNN 16c5-p-32c5-p-10 on {SIDE} x {SIDE}, batch {BATCH}",
        architecture="cnn",
        sizes={"batch": BATCH},
        data=data,
        weights=weights,
        products=products(),
        kept=kept(),
        inputs=BATCH * SIDE**2,
    )
]
