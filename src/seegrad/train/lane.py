"""One of several runs that are compared: what was changed, and how it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seegrad.train.callback import Callback
from seegrad.train.run import Run
from seegrad.train.trainer import Trainer


class StepLosses(Callback):
    """The loss of every single step, and how many rows had been seen by then."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.rows: list[int] = []

    def after_step(self, trainer: Trainer) -> None:
        """Write down one step."""
        seen = self.rows[-1] if self.rows else 0
        self.losses.append(float(trainer.loss.item()))
        self.rows.append(seen + len(trainer.x))


@dataclass
class Lane:
    """A run with ``changes`` from the others' common start.

    ``losses`` holds the loss of every step, ``rows`` how many rows had been seen.
    ``problem`` says what ended it, if it could not go on.
    """

    name: str
    changes: dict[str, Any]
    run: Run | None = None
    losses: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    seconds: float = 0.0
    problem: str = ""

    @property
    def said(self) -> str:
        """What is different about it, in words; empty if nothing is."""
        return ", ".join(f"{k}={_brief(v)}" for k, v in self.changes.items())

    @property
    def title(self) -> str:
        """Its name and what is different about it."""
        return f"{self.name}: {self.said or 'as it was'}"

    @property
    def curve(self) -> list[float]:
        """The loss of every epoch."""
        return [] if self.run is None else list(self.run.history["loss"])


def _brief(value: Any) -> str:
    name = getattr(value, "__name__", None)
    return str(name) if name else repr(value) if isinstance(value, str) else str(value)
