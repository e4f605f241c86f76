"""A copy of a model whose parameters are one long vector.

Whoever asks how the loss looks elsewhere must go there. The copy goes, in evaluation
mode and without a graph; the model itself is not touched.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from seegrad import losses
from seegrad.draw.inputs import Floats, floats
from seegrad.errors import ArgumentError, DataError, InputTypeError, ShapeError
from seegrad.mode import no_grad
from seegrad.nn import Module


class ModelTwin:
    """The loss of a model on data (x, y) anywhere; ``start`` is where the model is."""

    def __init__(
        self, model: Any, x: Any, y: Any, loss: str | Callable[..., Any], where: str
    ) -> None:
        if not isinstance(model, Module):
            raise InputTypeError(
                f"the loss of a Module is drawn, not of a {type(model).__name__}",
                where=where,
                hint="a model, its data and a loss: (model, x, y, 'mse')",
            )
        self.where, self.x, self.y = where, x, y
        self.loss = losses.get(loss)
        self.model = copy.deepcopy(model).eval()
        self.named = self.model.named_parameters()
        if not self.named:
            raise DataError("the model has no parameter to move along", where=where)
        self.start = self.vector({name: p.data for name, p in self.named})

    def vector(self, given: Any) -> Floats:
        """Numbers by name (a state_dict), or all of them in one array, as a vector."""
        if isinstance(given, Module):
            given = given.state_dict()
        if isinstance(given, Mapping):
            missing = [name for name, _ in self.named if name not in given]
            if missing:
                raise ArgumentError(
                    f"there is nothing for {', '.join(missing)}",
                    where=self.where,
                    hint="an array for every parameter, as model.state_dict() has it",
                )
            parts = [
                floats(name, given[name], self.where, axes=(p.ndim,)).reshape(-1)
                for name, p in self.named
            ]
            flat = np.concatenate(parts)
        else:
            flat = floats("a vector of parameters", given, self.where, axes=(1,))
        size = sum(p.size for _, p in self.named)
        if flat.size != size:
            raise ShapeError(
                f"the model has {size} parameters, and {flat.size} numbers are given",
                where=self.where,
                hint="model.state_dict(), or all parameters in one array",
            )
        return flat

    def move(self, vector: Floats) -> None:
        """Give the copy these parameters."""
        begin = 0
        for _, p in self.named:
            part = vector[begin : begin + p.size].reshape(p.shape)
            p.assign(part.astype(p.dtype))
            begin += p.size

    def loss_here(self) -> float:
        """The loss where the copy stands; NaN where it is not a number."""
        with no_grad(), np.errstate(all="ignore"):
            out = self.loss(self.model(self.x), self.y)
        value = float(getattr(out, "data", out))
        return value if math.isfinite(value) else math.nan

    def loss_at(self, vector: Floats) -> float:
        """The loss with these parameters."""
        self.move(vector)
        return self.loss_here()

    def like_the_weights(self, direction: Floats) -> Floats:
        """A direction in which each filter is as long as the filter it moves.

        A row of a matrix, or a filter of a convolution, gets the length of its weights;
        a bias as a whole gets its own. So a step of 1 changes small and large layers
        alike (Li et al. 2018).
        """
        scaled, begin = direction.copy(), 0
        for _, p in self.named:
            part = slice(begin, begin + p.size)
            rows = p.shape[0] if p.ndim > 1 else 1
            d, w = (v[part].reshape(rows, -1) for v in (direction, self.start))
            lengths = np.linalg.norm(d, axis=1, keepdims=True)
            wanted = np.linalg.norm(w, axis=1, keepdims=True)
            scaled[part] = (d * wanted / np.maximum(lengths, 1e-300)).reshape(-1)
            begin += p.size
        return scaled
