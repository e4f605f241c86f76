"""What a workload is: a model, its data, its first weights, and its two floors.

Everything is made from seeds by NumPy, under PyTorch's names and in its layouts, so
that every engine begins with the same numbers. The floors come from counting: no engine
can be faster than its multiplications, or than the bytes that it has to touch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Weights = dict[str, Array]

FLOAT = 4  # bytes


@dataclass(frozen=True)
class Workload:
    """One step of training, or one prediction, of a model of known sizes.

    ``products`` counts the floating-point operations of all matrix products and
    convolutions, two for each multiply-add; ``kept`` the numbers that the backward pass
    needs from the forward pass; ``inputs`` the numbers that arrive with each step.
    """

    name: str
    title: str
    architecture: str  # which model of an engine: mlp, cnn, lstm, gpt, scalar
    sizes: dict[str, Any]
    data: Callable[[], tuple[Array, Array]]
    weights: Callable[[], Weights]
    products: float
    kept: int
    inputs: int
    task: str = "training"

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum(array.size for array in self.weights().values())

    @property
    def has_floors(self) -> bool:
        """Whether operations and bytes count; single numbers are all overhead."""
        return self.architecture != "scalar"

    @property
    def bytes_moved(self) -> int:
        """The bytes that a step has to read and write, however well it is fused.

        The inputs are read. Training reads each weight going forward, reads and writes
        it and both moments of Adam in the update, and writes and reads what is kept for
        the backward pass. Gradients may stay in registers and are not counted.
        """
        per_weight, per_kept = (1 + 2 * 3, 2) if self.task == "training" else (1, 0)
        touched = per_weight * self.parameters + per_kept * self.kept + self.inputs
        return FLOAT * touched

    @property
    def footprint(self) -> int:
        """The bytes that a step comes back to each time: what a cache has to hold."""
        copies = 3 if self.task == "training" else 1
        return FLOAT * (copies * self.parameters + self.kept + self.inputs)


def uniform(random: np.random.Generator, fan_in: int, *shape: int) -> Array:
    """Weights between -1/sqrt(fan_in) and 1/sqrt(fan_in), as PyTorch begins."""
    reach = fan_in**-0.5
    return random.uniform(-reach, reach, shape).astype(np.float32)


def linear(
    random: np.random.Generator, name: str, inputs: int, outputs: int
) -> Weights:
    """The first weights of a linear layer: (out_features, in_features) and a bias."""
    return {
        f"{name}.weight": uniform(random, inputs, outputs, inputs),
        f"{name}.bias": uniform(random, inputs, outputs),
    }


def contradicting(x: Array, y: Array, classes: int) -> tuple[Array, Array]:
    """The first half of a batch twice, the second time with the next label.

    Nobody can learn that by heart, so the loss stays away from zero and no number
    becomes so small that a processor is slow with it, however long a timing lasts.
    """
    half = len(x) // 2
    again = (y[:half] + 1) % classes
    return np.concatenate([x[:half]] * 2), np.concatenate([y[:half], again])
