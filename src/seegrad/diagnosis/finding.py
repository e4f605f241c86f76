"""One thing that is wrong: the evidence, why it matters, and what to try."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seegrad.diagnosis.picture import Chart, picture
from seegrad.draw.picture import Picture


@dataclass(frozen=True)
class Finding:
    """One trouble: ``evidence`` with numbers, an ``explanation``, ``advice`` to try.

    ``name`` is the detector's and ``began`` the step at which it began. ``change`` is
    the advice as arguments of `Run.fork`, where it is such. ``series`` are the numbers
    by step that show it (``times`` are those steps), ``moment`` those of the beginning.
    """

    title: str
    evidence: str
    explanation: str
    advice: str
    began: int = 0
    severity: int = 2  # 3 ends a training, 2 spoils it, 1 costs something
    change: dict[str, Any] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)
    series: dict[str, list[float]] = field(default_factory=dict)
    moment: dict[str, float] = field(default_factory=dict)
    moment_of: str = ""  # what the numbers of the moment are
    unit: str = "step"
    name: str = ""

    def draw(self, *, theme: str = "auto") -> Picture:
        """A picture of the moment at which it began, with the steps around it."""
        return picture(
            Chart(
                self.title, self.evidence, self.unit, self.began, self.times,
                self.series, self.moment, self.moment_of,
            ),
            theme,
        )  # fmt: skip

    def __str__(self) -> str:
        return (
            f"{self.title} (since {self.unit} {self.began})\n"
            f"  seen  {self.evidence}\n"
            f"  why   {self.explanation}\n"
            f"  try   {self.advice}"
        )

    __repr__ = __str__
