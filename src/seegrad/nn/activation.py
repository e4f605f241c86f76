"""Between two linear layers stands a bend, or the two would be one linear layer.

An activation is an op; the classes here only give it a place in a network. To add one,
write its op, then a class of two lines below, its line in `ACTIVATIONS`, and its name
in the list of the package.
"""

from __future__ import annotations

from typing import Any, ClassVar

from seegrad import ops
from seegrad.errors import unknown_name
from seegrad.nn.base import as_tensor
from seegrad.nn.module import Module
from seegrad.op import Op


class Activation(Module):
    """An op without parameters or settings, as a layer: each number by itself."""

    op: ClassVar[Op]

    def forward(self, x: Any) -> Any:
        return self.op(as_tensor(x))


class ReLU(Activation):
    """max(x, 0): lets what is positive through (Nair and Hinton 2010)."""

    op = ops.relu


class Tanh(Activation):
    """tanh(x): squeezes numbers between -1 and 1."""

    op = ops.tanh


class Sigmoid(Activation):
    """1 / (1 + exp(-x)): squeezes numbers between 0 and 1, into probabilities."""

    op = ops.sigmoid


class GELU(Activation):
    """x Phi(x), with Phi the area under the bell curve (Hendrycks and Gimpel 2016).

    ``approximate="tanh"`` takes a tanh of a cubic for Phi. Raises ArgumentError for
    another word.

    >>> GELU("tanh")
    GELU(approximate='tanh')
    """

    op = ops.gelu

    def __init__(self, approximate: str = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise unknown_name("approximation", approximate, ["none", "tanh"])
        self.approximate = approximate

    def forward(self, x: Any) -> Any:
        return self.op(as_tensor(x), approximate=self.approximate)

    def describe(self) -> str:
        return f"approximate={self.approximate!r}"


class SiLU(Activation):
    """x sigmoid(x), also called swish (Elfwing et al. 2018)."""

    op = ops.silu


ACTIVATIONS: dict[str, type[Activation]] = {
    "gelu": GELU,
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "silu": SiLU,
    "tanh": Tanh,
}


def activation(name: str) -> Activation:
    """A new layer for the activation of this name.

    >>> activation("tanh")
    Tanh()
    """
    if name not in ACTIVATIONS:
        raise unknown_name("activation", name, ACTIVATIONS)
    return ACTIVATIONS[name]()


for layer in ACTIVATIONS.values():
    layer.sample((5, 3))
    layer.sample(())
    layer.sample((0, 3))
GELU.sample((5, 3), approximate="tanh")
