"""A neuron, a layer and a network of single numbers: the micrograd of A. Karpathy.

The same network that the rest of this folder computes with matrices, written one number
at a time. It is slow and has nothing to hide: every weight is a `Value` that can be
looked at and drawn. With the same ``random.seed`` it begins with micrograd's numbers.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from seegrad.errors import ShapeError
from seegrad.random import whole_number
from seegrad.value import Value


class ScalarModule:
    """What neurons, layers and networks of Values have in common."""

    def parameters(self) -> list[Value]:
        """Every weight and bias; none, unless a subclass has some."""
        return []

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter."""
        for p in self.parameters():
            p.zero_grad()


class Neuron(ScalarModule):
    """relu(w1 x1 + ... + wn xn + b), or without the relu where ``nonlin`` is False.

    >>> Neuron(2)([1.0, -2.0]).data >= 0.0
    True
    """

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        count = whole_number("nin", nin, least=1, where="Neuron")
        self.w = [Value(random.uniform(-1, 1)) for _ in range(count)]
        self.b = Value(0.0)
        self.nonlin = nonlin

    def __call__(self, x: Sequence[Any]) -> Value:
        if len(x) != len(self.w):
            raise ShapeError(
                f"{len(self.w)} weights cannot be paired with {len(x)} inputs",
                where=repr(self),
                hint=f"Neuron({len(x)}), or an x of {len(self.w)} numbers",
            )
        out = self.b
        for w, each in zip(self.w, x, strict=True):
            out = out + w * each
        return out.relu() if self.nonlin else out

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(ScalarModule):
    """Several neurons that look at the same x; gives a list, or the one number of one.

    >>> len(Layer(2, 3)([1.0, -2.0]))
    3
    """

    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        count = whole_number("nout", nout, least=1, where="Layer")
        self.neurons = [Neuron(nin, nonlin) for _ in range(count)]

    def __call__(self, x: Sequence[Any]) -> Any:
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        return [p for neuron in self.neurons for p in neuron.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"


class ScalarMLP(ScalarModule):
    """Layers of neurons, all with relu except the last; micrograd calls it MLP.

    >>> model = ScalarMLP(3, [4, 4, 1])
    >>> len(model.parameters())
    41
    """

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        sizes = [nin, *nouts]
        last = len(nouts) - 1
        self.layers = [
            Layer(sizes[i], sizes[i + 1], nonlin=i != last) for i in range(len(nouts))
        ]

    def __call__(self, x: Sequence[Any]) -> Any:
        out: Any = x
        for layer in self.layers:
            out = layer(out if isinstance(out, Sequence) or out is x else [out])
        return out

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"
