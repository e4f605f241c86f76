"""micrograd by A. Karpathy, for the workload of single numbers."""

from __future__ import annotations

from typing import Any

from bench.engines import _scalars as scalars
from bench.engines.base import Engine, Step
from bench.workloads.base import Workload


class Micrograd(Engine):
    """The lines that seegrad's Value runs, with micrograd's."""

    title = "micrograd"
    packages = ("micrograd",)

    def training_scalar(self, workload: Workload) -> Step:
        """One step of gradient descent."""
        step, (x, y) = scalars.step(workload, "micrograd")
        return lambda: step(x, y)

    def number(self, result: Any) -> float:
        return float(result.data)


ENGINE = Micrograd
