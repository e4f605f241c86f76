"""The list of all detectors: each is a function from a case to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seegrad.doctor.case import Case
from seegrad.doctor.finding import Finding

Detector = Callable[[Case], Iterator[Finding]]
DETECTORS: dict[str, Detector] = {}  # the contract tests plant a run for each of them


def detector(function: Detector) -> Detector:
    """Add a detector; its name is that of its findings."""
    DETECTORS[function.__name__] = function
    return function
