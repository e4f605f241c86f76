"""The detectors, in families; importing this fills the list in `detector`."""

from __future__ import annotations

from seegrad.doctor.detectors import data, gradients, losses, mistakes, rates, units

__all__ = ["data", "gradients", "losses", "mistakes", "rates", "units"]
