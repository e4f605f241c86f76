"""Everything a doctor has to go on: the vitals of all steps, and how it was trained."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seegrad.doctor.vitals import Vitals


@dataclass
class Case:
    """The steps that went backward, the history by epoch, and the settings if known.

    ``parameters`` lists the names of all parameters of the model, ``problem`` what
    ended the training early.
    """

    steps: list[Vitals]
    history: dict[str, list[float]] = field(default_factory=dict)
    lr: float | None = None
    optimizer: str = ""
    parameters: tuple[str, ...] = ()
    problem: str = ""
    batch_size: int | None = None

    @property
    def losses(self) -> list[float]:
        """The loss of every step."""
        return [s.loss for s in self.steps if s.loss is not None]

    def series(self, of: Callable[[Vitals], float | None]) -> list[float]:
        """A number of every step; NaN where there is none."""
        found = [of(step) for step in self.steps]
        return [math.nan if v is None else v for v in found]

    def weights(self) -> list[str]:
        """The parameters that are matrices or larger, in the order of the network."""
        first: dict[str, Any] = {}
        for step in self.steps:
            first |= {n: p for n, p in step.parameters.items() if len(p.shape) >= 2}
        return list(first)

    def first(self, holds: Callable[[Vitals], bool]) -> int | None:
        """The number of the first step at which something holds."""
        return next((s.number for s in self.steps if holds(s)), None)

    def slower(self) -> dict[str, Any]:
        """A tenth of the learning rate, as a change to try."""
        return {} if self.lr is None else {"lr": self.lr / 10.0}

    def faster(self) -> dict[str, Any]:
        """Ten times the learning rate, as a change to try."""
        return {} if self.lr is None else {"lr": self.lr * 10.0}


def median(values: list[float]) -> float:
    """The middle one of the finite values; NaN if there is none."""
    finite = sorted(v for v in values if math.isfinite(v))
    return finite[len(finite) // 2] if finite else math.nan


def mean(values: list[float]) -> float:
    """The mean of the finite values; NaN if there is none."""
    finite = [v for v in values if math.isfinite(v)]
    return sum(finite) / len(finite) if finite else math.nan
