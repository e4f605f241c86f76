"""Layers one after the other: each gets what the one before it gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self, overload

from seegrad.errors import IndexRangeError, InputTypeError
from seegrad.nn.base import as_tensor, is_data
from seegrad.nn.module import Module


class Sequential(Module):
    """layer_n(... layer_1(layer_0(x))). The parameters are called "0.weight" and so on.

    It has a length, can be iterated over, indexed and sliced; `append` adds a layer.

    >>> from seegrad import nn
    >>> model = Sequential(nn.Linear(2, 3, seed=0), nn.Tanh())
    >>> model.append(nn.Linear(3, 1, seed=1))
    Sequential(
      (0): Linear(2 -> 3)
      (1): Tanh()
      (2): Linear(3 -> 1)
    )
    """

    def __init__(self, *layers: Module) -> None:
        self.layers: list[Module] = []
        for layer in layers:
            self.append(layer)

    def append(self, layer: Module) -> Self:
        """Add a layer at the end; gives the network itself back."""
        if not isinstance(layer, Module):
            raise InputTypeError(
                f"a layer is a Module, not {_described(layer)}",
                where=f"layer {len(self.layers)} of {type(self).__name__}",
                hint="Sequential(Linear(2, 16), Tanh()), layers separated by commas",
            )
        self.layers.append(layer)
        return self

    def forward(self, x: Any) -> Any:
        if is_data(x):  # read in the network's own dtype
            x = as_tensor(x, next((t.dtype for _, t in self._tensors()), None))
        for layer in self.layers:
            x = layer(x)
        return x

    def parts(self) -> Mapping[str, Any]:
        others = {name: part for name, part in vars(self).items() if name != "layers"}
        return {str(i): layer for i, layer in enumerate(self.layers)} | others

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...
    def __getitem__(self, index: int | slice) -> Module:
        if isinstance(index, slice):
            return Sequential(*self.layers[index])
        try:
            return self.layers[index]
        except IndexError:
            raise IndexRangeError(
                f"there is no layer {index}; there are {len(self)}",
                where=type(self).__name__,
            ) from None


def _described(layer: object) -> str:
    """What was given instead of a layer; a class was perhaps meant to be called."""
    if isinstance(layer, type) and issubclass(layer, Module):
        return f"the class {layer.__name__} ({layer.__name__}() makes one)"
    return type(layer).__name__


Sequential.sample((5, 3))
