"""What `fit` returns: the trained model, and what happened on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seegrad.nn import Module
from seegrad.train.history import History


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

    def __repr__(self) -> str:
        done = f"{self.epochs_done} of {self.epochs} epochs in {self.seconds:.1f} s"
        numbers = "".join(f", {k} {v:.4g}" for k, v in self.history.last().items())
        stopped = f"; {self.stopped}" if self.stopped else ""
        return f"Run({done}{numbers}{stopped})"
