"""The detectors, in families; importing them here fills the list."""

from __future__ import annotations

from seegrad.diagnosis.detector import DETECTORS
from seegrad.diagnosis.detectors import (
    data,
    gradients,
    learning,
    loop,
    outputs,
    rates,
    units,
)

FAMILIES = (units, gradients, rates, outputs, learning, data, loop)

__all__ = ["DETECTORS", "FAMILIES"]
