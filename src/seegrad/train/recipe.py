"""How a run was made, so that it can be made again with one thing changed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seegrad.nn import Module
from seegrad.train.callback import Callback

Made = tuple[Module, Any, list[Callback]]  # a model, its optimizer, what is beside them

FIRST = 3  # epochs that are compared; later ones may differ by rounding alone
SAME = 0.02  # relative difference of losses that rounding may make


@dataclass(frozen=True, slots=True)
class Recipe:
    """What `fit` was given, and how everything that changes was when it began.

    ``callbacks`` are those of the run itself, ``first_callbacks`` copies from its
    beginning, of those that may be repeated.
    """

    x: Any
    y: Any
    validation_data: Any
    loss: Callable[..., Any]
    metrics: dict[str, Any]
    batch_size: int
    seed: int
    shuffle: bool
    epochs: int
    compile: bool
    callbacks: tuple[Callback, ...] = ()
    model_state: Any = None
    optimizer_state: Any = None
    first_callbacks: tuple[Callback, ...] = ()

    def begun(self, model: Module, optimizer: Any) -> Recipe:
        """The recipe of a run that is about to begin with these two."""
        whose = {id(model): model, id(optimizer): optimizer}  # are not copied
        return replace(
            self,
            model_state=model.state_dict(),
            optimizer_state=optimizer.state_dict(),
            first_callbacks=tuple(copy.deepcopy(repeatable(self.callbacks), whose)),
        )

    def begin(self, model: Module, optimizer: Any) -> Made:
        """Copies of all three as they were when the run began."""
        twins = twin(model, optimizer, self.first_callbacks)
        twins[0].load_state_dict(self.model_state)
        twins[1].load_state_dict(self.optimizer_state)
        return twins

    def go_on(self, model: Module, optimizer: Any) -> Made:
        """Copies of all three as they are."""
        return twin(model, optimizer, repeatable(self.callbacks))


def twin(model: Module, optimizer: Any, callbacks: Sequence[Callback] = ()) -> Made:
    """Copies that are tied to each other as the originals are."""
    memo: dict[int, Any] = {}
    return (
        copy.deepcopy(model, memo),
        copy.deepcopy(optimizer, memo),
        copy.deepcopy(list(callbacks), memo),
    )


def repeatable(callbacks: Sequence[Callback]) -> list[Callback]:
    """Those that say that they may be repeated."""
    return [callback for callback in callbacks if callback.repeatable]


def unlike(recipe: Recipe, records: Any, again: Any) -> list[str]:
    """What to say of a repetition that has other losses; nothing if it has the same."""
    pairs = list(zip(records.get("loss", ()), again.get("loss", ()), strict=False))
    if all(abs(a - b) <= SAME * max(abs(a), abs(b)) for a, b in pairs[:FIRST]):
        return []
    lost = [type(c).__name__ for c in recipe.callbacks if not c.repeatable]
    without = f" without {', '.join(lost)}" if lost else ""
    return [f"repeated{without}, the run has another loss"]
