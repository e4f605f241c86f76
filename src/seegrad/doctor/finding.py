"""What a doctor says: a finding with its evidence, and the report that lists them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seegrad import draw


@dataclass(frozen=True)
class Finding:
    """One trouble: ``evidence`` with numbers, a plain ``explanation``, one thing to try.

    ``name`` is the detector's, ``began`` the step at which it began, ``series`` the
    numbers by step that show it. ``change`` is the thing to try as an argument of
    `Run.fork`, where it is one.
    """

    name: str
    title: str
    evidence: str
    explanation: str
    advice: str
    began: int = 0
    severity: int = 2  # 3 ends a training, 2 spoils it, 1 costs something
    series: dict[str, list[float]] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)

    def draw(self, **settings: Any) -> Any:
        """The numbers around the moment at which it began, one point for a step."""
        start = max(0, self.began - 20)
        shown = {
            name: values[start : self.began + 60]
            for name, values in self.series.items()
        }
        return draw.learning_curve(shown, **{"title": self.title, **settings})

    def __str__(self) -> str:
        return (
            f"{self.title} (since step {self.began})\n"
            f"  seen  {self.evidence}\n"
            f"  why   {self.explanation}\n"
            f"  try   {self.advice}"
        )

    __repr__ = __str__


class Report(list[Finding]):
    """The findings, the gravest first; printed, a paragraph for each."""

    def __init__(self, findings: list[Finding], steps: int) -> None:
        super().__init__(sorted(findings, key=lambda f: (-f.severity, f.began)))
        self.steps = steps

    @property
    def names(self) -> list[str]:
        """The names of the detectors that found something."""
        return [finding.name for finding in self]

    def __str__(self) -> str:
        if not self:
            return f"nothing is wrong that {self.steps:,} steps would show"
        return "\n\n".join(map(str, self))

    __repr__ = __str__
