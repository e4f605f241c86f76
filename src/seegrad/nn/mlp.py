"""The multilayer perceptron: linear layers with a bend between each two.

It is nothing but a `Sequential`, put together from sizes. With one hidden layer that is
wide enough it can already approximate any continuous function (Cybenko 1989).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from seegrad.errors import InputTypeError
from seegrad.nn.activation import activation as activation_layer
from seegrad.nn.linear import Linear
from seegrad.nn.sequential import Sequential
from seegrad.random import derive, key_from


class MLP(Sequential):
    """Linear and activation in turn; the last layer is linear, so it gives logits.

    ``hidden`` lists the widths of the hidden layers. The same seed gives the same
    weights. Raises ArgumentError for an unknown activation or a size below 1.

    >>> MLP(2, [16, 16], 1, activation="tanh", seed=0)
    MLP(
      (0): Linear(2 -> 16)
      (1): Tanh()
      (2): Linear(16 -> 16)
      (3): Tanh()
      (4): Linear(16 -> 1)
    )
    """

    def __init__(
        self,
        in_features: int,
        hidden: Sequence[int],
        out_features: int,
        activation: str = "relu",
        *,
        seed: int | None = None,
        dtype: str = "float32",
    ) -> None:
        if not isinstance(hidden, list | tuple):
            raise InputTypeError(
                f"hidden lists the widths of the hidden layers, and is {hidden!r}",
                where="MLP",
                hint=f"MLP({in_features}, [{hidden}], {out_features})",
            )
        super().__init__()
        key = key_from(seed, where="MLP")
        sizes = [in_features, *hidden, out_features]
        for i, (before, after) in enumerate(pairwise(sizes)):
            if i:
                self.append(activation_layer(activation))
            layer_seed = derive("layer", key, i)
            self.append(Linear(before, after, seed=layer_seed, dtype=dtype))


MLP.sample((5, 3), 3, [4, 4], 2, activation="tanh", seed=0)
MLP.sample((5, 3), 3, [4], 1, activation="sigmoid", seed=0)
MLP.sample((5, 3), 3, [], 2, seed=0)
