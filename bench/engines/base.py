"""What the harness asks of a library: a function of one step, and its number.

An engine lives in a process of its own, in which no other library is imported. What it
cannot do it says by raising `NotAvailable`; the report shows the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from bench.workloads.base import Workload

Step = Callable[[], Any]
LEARNING_RATE, BETAS, EPSILON = 1e-3, (0.9, 0.999), 1e-8


class NotAvailable(Exception):
    """Why an engine has no answer to a workload."""


class Engine:
    """One way to compute the workloads. ``threads`` is 1, or None for all."""

    title = ""  # how the report calls it
    packages: tuple[str, ...] = ()  # whose versions the report names

    def __init__(self, threads: int | None) -> None:
        self.threads = threads

    def step(self, workload: Workload) -> Step:
        """A function that does one step, from the first weights of the workload."""
        make = getattr(self, f"{workload.task}_{workload.architecture}", None)
        if make is None:
            raise NotAvailable(
                f"{workload.task} of {workload.architecture} is left out"
            )
        step: Step = make(workload)
        return step

    def number(self, result: Any) -> float:
        """The loss of a step, or the sum of the sizes of the predicted numbers."""
        raise NotImplementedError

    def wait(self, result: Any) -> None:
        """Return when everything that led to this result has been computed."""

    def versions(self) -> dict[str, str]:
        """The versions of the packages behind this engine."""
        return {name: version(name) for name in self.packages}
