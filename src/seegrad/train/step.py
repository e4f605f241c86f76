"""One batch as one native function: forward, backward and update, compiled as a whole.

`Trainer.one_batch` is traced once for each shape of batch, and only then does its
Python run. Where it cannot be compiled, because somebody wants to see the middle of it
or because it reads its own numbers, it runs as it is written, and ``trainer.eager``
says why.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from seegrad.borrow import LENDERS, borrow
from seegrad.errors import TraceError
from seegrad.tensor import Tensor

if TYPE_CHECKING:
    from seegrad.train.trainer import Trainer

INSIDE = ("after_loss", "after_backward")  # the moments in the middle of a step
MOST_TRACES = 8  # a step that is traced more often changes itself, and never settles


class Step:
    """`one_batch` of a trainer: compiled where that can be, else as it is."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer, self.function = trainer, Function(trainer)
        self.compiled: Any = None
        trainer.eager = why_eager(trainer)
        if trainer.eager is None:
            self.compiled = borrow("Trainer", "compile")(self.function)

    def __call__(self, x: Any, y: Any) -> None:
        """Learn from the batch, and show its prediction and loss to the trainer."""
        trainer = self.trainer
        if self.compiled is None or _learned(x) or _learned(y):
            trainer.one_batch(x, y)
            return
        self.function.look()
        try:
            trainer.prediction, trainer.loss, grads = self.compiled(x, y)
        except TraceError as error:
            self._give_up(f"{error.what} ({error.where})")
            trainer.one_batch(x, y)
            return
        _keep(grads, trainer.optimizer.params)
        if self.compiled.reason:
            trainer.eager, self.compiled = self.compiled.reason, None
        elif self.compiled.traces > MOST_TRACES:
            self._give_up(
                f"it was traced {MOST_TRACES} times, because the shape of the batch or "
                "a setting of the model, the loss or the optimizer keeps changing (at "
                f"{trainer.where()})"
            )

    def _give_up(self, reason: str) -> None:
        self.trainer.eager, self.compiled = reason, None
        warnings.warn(f"the step of fit runs eagerly: {reason}", stacklevel=6)


class Function:
    """What is compiled: one batch, as a function of x and y.

    What else it depends on is watched by the compiler, which traces it anew after a
    change. The trainer is not: its epoch changes all the time, and changes nothing.
    """

    def __init__(self, trainer: Trainer) -> None:
        self.__name__ = "the step of fit"
        self.trainer = trainer
        self.look()

    def look(self) -> None:
        """See what the trainer uses by now."""
        trainer = self.trainer
        self.model, self.optimizer = trainer.model, trainer.optimizer
        self.loss = trainer.loss_function

    def depends_on(self) -> list[Any]:
        """What the compiler has to watch."""
        traceable = [c for c in self.trainer.callbacks if c.traceable]
        return [self.model, self.optimizer, self.loss, *traceable]

    def __call__(self, x: Any, y: Any) -> Any:
        """The prediction, the loss, and the gradients, which one may want to see."""
        trainer = self.trainer
        trainer.one_batch(x, y)
        grads = [p.grad for p in trainer.optimizer.params]
        return trainer.prediction, trainer.loss, grads


def why_eager(trainer: Trainer) -> str | None:
    """Why the steps of a training cannot be compiled, or None."""
    if not trainer.compile:
        return "compile=False"
    if "Trainer.compile" not in LENDERS:
        return "nobody has lent the Trainer a compiler"
    for callback in trainer.callbacks:
        for moment in INSIDE:
            if callback.has(moment) and not callback.traceable:
                name = type(callback).__name__
                return f"the callback {name} looks into the step, with {moment}"
    return None


def _learned(x: Any) -> bool:
    """Whether something before the step wants a gradient from it."""
    return bool(getattr(x, "requires_grad", False))


def _keep(grads: list[Any], params: list[Any]) -> None:
    """Give every parameter its gradient; after an eager step it has it already."""
    for p, g in zip(params, grads, strict=True):
        if isinstance(g, Tensor):
            own = g._data if g._data.flags.owndata else g._data.copy()
            own.flags.writeable = True  # the gradient of a leaf is the leaf's own array
            p._grad = own
