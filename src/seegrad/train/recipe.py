"""How a run was made, so that it can be made again with one thing changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seegrad.nn import Module


@dataclass(frozen=True, slots=True)
class Recipe:
    """What `fit` was given, and the state of model and optimizer when it began."""

    x: Any
    y: Any
    validation_data: Any
    loss: Callable[..., Any]
    metrics: tuple[Any, ...]
    batch_size: int
    seed: int
    shuffle: bool
    epochs: int
    model_state: dict[str, Any]
    optimizer_state: dict[str, Any]

    def begin(self, model: Module, optimizer: Any) -> tuple[Module, Any]:
        """Copies of both as they were when the run began."""
        twins = twin(model, optimizer)
        twins[0].load_state_dict(self.model_state)
        twins[1].load_state_dict(self.optimizer_state)
        return twins


def twin(model: Module, optimizer: Any) -> tuple[Module, Any]:
    """Copies of a model and of the optimizer of its parameters, tied to each other."""
    memo: dict[int, Any] = {}
    return copy.deepcopy(model, memo), copy.deepcopy(optimizer, memo)
