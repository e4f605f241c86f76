"""The list of all detectors: each is a function from a case to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps

from seegrad.diagnosis.case import Case
from seegrad.diagnosis.finding import Finding

Detector = Callable[[Case], Iterator[Finding]]
DETECTORS: dict[str, Detector] = {}  # the contract tests plant a run for each of them


def detector(function: Detector) -> Detector:
    """Add a detector to the list; its findings go by its name."""

    @wraps(function)
    def named(case: Case) -> Iterator[Finding]:
        for finding in function(case):
            yield replace(finding, name=function.__name__)

    DETECTORS[function.__name__] = named
    return named
