"""What a doctor says: all findings, the gravest first."""

from __future__ import annotations

import numpy as np

from seegrad.diagnosis import detectors
from seegrad.diagnosis.case import Case
from seegrad.diagnosis.finding import Finding


class Report(list[Finding]):
    """The findings as a list, the gravest first; printed, a paragraph for each.

    ``steps`` says how many were seen, ``notes`` what to bear in mind.
    """

    def __init__(
        self, findings: list[Finding], steps: int, notes: tuple[str, ...] = ()
    ) -> None:
        super().__init__(sorted(findings, key=lambda f: (-f.severity, f.began)))
        self.steps, self.notes = steps, notes

    @property
    def names(self) -> list[str]:
        """The names of the detectors that found something."""
        return [finding.name for finding in self]

    def __str__(self) -> str:
        word = "step" if self.steps == 1 else "steps"
        health = f"nothing is wrong that {self.steps:,} {word} would show"
        if not self.steps:
            health = "there is no training step to look at: nothing went backward"
        notes = [f"note: {note}" for note in self.notes]
        return "\n\n".join([*(map(str, self) if self else [health]), *notes])

    __repr__ = __str__


def report(case: Case, notes: tuple[str, ...] = ()) -> Report:
    """Ask every detector."""
    found: list[Finding] = []
    with np.errstate(all="ignore"):
        for detect in detectors.DETECTORS.values():
            found += detect(case)
    return Report(found, len(case.steps), notes)
