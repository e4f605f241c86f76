"""One of several trainings that are compared: what was changed, and how it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seegrad.errors import SeegradError
from seegrad.nn import Module
from seegrad.train.callback import Callback
from seegrad.train.run import Run
from seegrad.train.trainer import Trainer
from seegrad.train.training import Training


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
    """A training with ``changes`` from the others' common start.

    ``losses`` holds the loss of every step, ``rows`` how many rows had been seen.
    ``run`` is there when it is over. ``problem`` says what ended it, if it could not go
    on; ``model`` is as the last step left it.
    """

    name: str
    changes: dict[str, Any]
    training: Training = field(repr=False)
    steps: StepLosses = field(repr=False)
    run: Run | None = None
    problem: str = ""

    def step(self) -> None:
        """One step; what goes wrong ends this lane, and no other."""
        try:
            if not self.training.step():
                self.run = self.training.run()
        except SeegradError as error:
            self.problem = error.what
        except Exception as error:
            self.problem = f"{type(error).__name__}: {error}"

    def interrupt(self) -> None:
        """End it as Ctrl-C does, with what it has learned."""
        self.training.interrupt()
        self.run = self.training.run()

    @property
    def is_over(self) -> bool:
        """Whether there is no further step."""
        return self.run is not None or bool(self.problem)

    @property
    def was_interrupted(self) -> bool:
        """Whether Ctrl-C ended it."""
        return self.training.trainer.interrupted

    @property
    def model(self) -> Module:
        """Its network, which is still learning while it is trained."""
        return self.training.trainer.model

    @property
    def losses(self) -> list[float]:
        """The loss of every step so far."""
        return self.steps.losses

    @property
    def rows(self) -> list[int]:
        """How many rows had been seen after each step."""
        return self.steps.rows

    @property
    def seen(self) -> int:
        """How many rows it has learned from."""
        return self.rows[-1] if self.rows else 0

    @property
    def seconds(self) -> float:
        """How long it has been at work, without the turns of the others."""
        return self.training.seconds

    @property
    def said(self) -> str:
        """What is different about it, in words; empty if nothing is."""
        return ", ".join(f"{k}={_brief(v)}" for k, v in self.changes.items())

    @property
    def title(self) -> str:
        """Its name and what is different about it."""
        return f"{self.name}: {self.said or 'as it was'}"

    @property
    def records(self) -> dict[str, list[float]]:
        """Everything measured, by epoch, so far."""
        return self.training.history.records

    @property
    def curve(self) -> list[float]:
        """The loss of every epoch so far."""
        return list(self.records.get("loss", ()))

    def __str__(self) -> str:
        """How it stands, in a line."""
        end = self.problem or (f"loss {self.curve[-1]:.4g}" if self.curve else "")
        steps = f"{len(self.losses):,} steps, {self.seconds:.2f} s"
        return f"{self.title}  {end} ({steps})"


def _brief(value: Any) -> str:
    name = getattr(value, "__name__", None)
    return str(name) if name else repr(value) if isinstance(value, str) else str(value)
