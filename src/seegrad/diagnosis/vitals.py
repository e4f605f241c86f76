"""What is known of one training step: a few numbers for each layer and parameter.

A step has thousands of numbers, and a doctor needs some dozens: how large each weight,
gradient and update was, which units were off, what went in and what came out. Only
these are kept, so a long training needs hardly more memory than a short one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass
class Columns:
    """A batch, one number for each of its columns: features, channels or outputs.

    ``size`` is the root mean square. ``kind`` is that of a NumPy dtype: "f", "i", "u".
    """

    shape: tuple[int, ...]
    kind: str
    low: Array
    high: Array
    size: Array
    std: Array
    are_shares: bool  # no number is below 0, and each row adds up to 1

    @property
    def rows(self) -> int:
        """How many examples the batch has."""
        return self.shape[0]


@dataclass
class ParameterVitals:
    """One parameter in one step; all sizes are root mean squares."""

    shape: tuple[int, ...]
    size: float
    gradient: float | None = None
    update: float | None = None  # None also where only a summary was kept
    was_updated: bool = False
    had_gradient: bool = False  # before the first backward of the step
    rows_alike: bool = False  # all rows hold the same numbers
    gradient_alike: bool = False

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return int(np.prod(self.shape))

    @property
    def ratio(self) -> float | None:
        """Update / weight: which part of itself the step has moved it by."""
        return None if self.update is None or not self.size else self.update / self.size


@dataclass
class UnitVitals:
    """The units of one layer after their activation.

    ``off`` says of each unit whether it gave 0 to every row, ``saturated`` is the share
    of outputs at an end of the activation's range.
    """

    op: str
    rows: int
    off: Array
    saturated: float
    is_output: bool = False


@dataclass
class Break:
    """The first operation that made a NaN or an infinity out of finite numbers."""

    event: int
    op: str
    layer: str
    phase: str
    largest: float  # of the numbers that it was given


@dataclass
class Vitals:
    """One step; what a tape does not show is None or empty.

    ``loss_name`` is that of a loss of the library, ``last_op`` made the prediction,
    ``labels`` counts the targets if they are whole numbers, one for each row. ``units``
    and ``modes`` go by the layer, ``parameters`` by their names.
    """

    number: int
    loss: float | None = None
    loss_name: str = ""
    last_op: str = ""
    inputs: Columns | None = None  # as the first parameter meets them
    prediction: Columns | None = None
    target: Columns | None = None
    labels: dict[float, int] | None = None
    parameters: dict[str, ParameterVitals] = field(default_factory=dict)
    units: dict[str, UnitVitals] = field(default_factory=dict)
    modes: dict[str, tuple[str, str]] = field(default_factory=dict)
    broken: Break | None = None

    @property
    def was_updated(self) -> bool:
        """Whether any parameter moved."""
        return any(p.was_updated for p in self.parameters.values())

    @property
    def ratio(self) -> float | None:
        """The norm of all updates beside the norm of all parameters that moved."""
        known = [p for p in self.parameters.values() if p.update is not None]
        moved = sum(p.count * (p.update or 0.0) ** 2 for p in known)
        weight = sum(p.count * p.size**2 for p in known)
        return (moved / weight) ** 0.5 if weight else None
