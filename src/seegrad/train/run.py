"""What `fit` returns: the trained model, and what happened on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from seegrad.errors import SeegradError
from seegrad.nn import Module
from seegrad.train.history import History
from seegrad.train.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Run:
    """A training run that is over.

    ``stopped`` is None if every epoch was run, else a sentence that says where it ended
    and why. To go on, call `fit` again with ``run.model`` and ``run.optimizer``, which
    remembers its moments, and another seed for another order of the rows. ``eager`` is
    None if the steps were compiled, else a sentence that says why they were not.
    """

    model: Module
    optimizer: Any
    history: History
    epochs: int
    epochs_done: int
    stopped: str | None
    seconds: float
    eager: str | None = None
    recipe: Recipe | None = None

    forker: ClassVar[Callable[..., Any] | None] = None  # lent by `fork`

    def fork(self, *others: Any, **changes: Any) -> Any:
        """The same run with one thing changed, beside itself; see `train.fork`.

        ``run.fork(lr=0.1)`` trains two lanes from the identical start.
        """
        if Run.forker is None:
            raise SeegradError(
                "nobody has lent Run a way to fork", hint="import seegrad"
            )
        return Run.forker(self, *others, **changes)

    def __repr__(self) -> str:
        done = f"{self.epochs_done} of {self.epochs} epochs in {self.seconds:.1f} s"
        numbers = "".join(f", {k} {v:.4g}" for k, v in self.history.last().items())
        stopped = f"; {self.stopped}" if self.stopped else ""
        return f"Run({done}{numbers}{stopped})"
