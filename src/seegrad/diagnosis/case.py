"""Everything a doctor has to go on: the vitals of all steps, and how it was trained."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seegrad.diagnosis.finding import Finding
from seegrad.diagnosis.pulse import Pulse
from seegrad.diagnosis.vitals import ParameterVitals, Vitals

Series = dict[str, list[float]]


@dataclass
class Case:
    """The steps that went backward, the history by epoch, and the settings if known.

    ``parameters`` lists the names of all that should learn, ``changes`` what a fork of
    the run could change. ``pulse`` has three numbers of every step, also of those that
    nobody looked at; a tape has none.
    """

    steps: list[Vitals] = field(default_factory=list)
    history: Series = field(default_factory=dict)
    lr: float | None = None
    changes: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    pulse: Pulse = field(default_factory=Pulse)

    def add(self, found: Vitals) -> None:
        """One more step; what was only predicted beside a step belongs to it."""
        if found.loss is not None or found.broken is not None:
            self.steps.append(found)
        elif self.steps:
            self.steps[-1].modes |= {
                k: v for k, v in found.modes.items() if "without gradient" in v[1]
            }

    def series(self, of: Callable[[Vitals], float | None]) -> list[float]:
        """A number of every step; NaN where there is none."""
        return [math.nan if v is None else v for v in map(of, self.steps)]

    @property
    def losses(self) -> list[float]:
        """The loss of every step."""
        return self.series(lambda step: step.loss)

    @property
    def span(self) -> int:
        """From the first step that was looked at to the last, how many there were."""
        numbers = [step.number for step in self.steps]
        return numbers[-1] - numbers[0] + 1 if numbers else 0

    @property
    def course(self) -> tuple[list[int], list[float]]:
        """The loss of every step that is known, and the numbers of these steps."""
        if len(self.pulse) > len(self.steps):
            return list(range(len(self.pulse))), list(self.pulse.losses)
        return [step.number for step in self.steps], self.losses

    @property
    def ratios(self) -> list[float]:
        """Update / weight of every step, over all parameters together."""
        return self.series(lambda step: step.ratio)

    @property
    def is_broken(self) -> bool:
        """Whether some step made a number that is none."""
        return any(step.broken is not None for step in self.steps)

    def names(self, least: int = 0) -> list[str]:
        """The parameters of so many axes or more, in the order of the network."""
        found: dict[str, None] = {}
        for step in self.steps:
            for name, p in step.parameters.items():
                if len(p.shape) >= least:
                    found.setdefault(name)
        return list(found)

    def of(
        self, name: str, what: Callable[[ParameterVitals], float | None]
    ) -> list[float]:
        """A number of one parameter in every step; NaN where there is none."""
        found = [step.parameters.get(name) for step in self.steps]
        numbers = [None if p is None else what(p) for p in found]
        return [math.nan if v is None else v for v in numbers]

    def moment(
        self, at: int, what: Callable[[ParameterVitals], float | None]
    ) -> dict[str, float]:
        """A number of every matrix in one step."""
        found = self.steps[at].parameters
        numbers = {n: what(p) for n, p in found.items() if len(p.shape) >= 2}
        return {name: v for name, v in numbers.items() if v is not None}

    def finding(self, at: int, title: str, *, then: str = "", **words: Any) -> Finding:
        """What began at a place of ``steps``; by default the loss shows it.

        ``then`` says what the numbers of the moment are.
        """
        words.setdefault("series", {"loss": self.losses})
        numbers = [step.number for step in self.steps]
        if then:
            words["moment_of"] = f"{then}, step {numbers[at]}"
        return Finding(title, times=numbers, began=numbers[at], **words)

    def change(self, **changes: Any) -> dict[str, Any]:
        """A change to try, if it is one that a fork can make."""
        return {name: v for name, v in changes.items() if name in self.changes}

    def rate(self, factor: float) -> dict[str, float]:
        """The learning rate times a factor, as a change; nothing if it is not known."""
        return {} if self.lr is None else {"lr": self.lr * factor}


def median(values: list[float]) -> float:
    """The middle one of the finite values; NaN if there is none.

    >>> median([1.0, math.nan, 5.0, 2.0])
    2.0
    """
    finite = sorted(v for v in values if math.isfinite(v))
    return finite[len(finite) // 2] if finite else math.nan


def mean(values: list[float]) -> float:
    """The mean of the finite values; NaN if there is none."""
    finite = [v for v in values if math.isfinite(v)]
    return sum(finite) / len(finite) if finite else math.nan
