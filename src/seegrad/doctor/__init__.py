"""The doctor: what is wrong with a training, with evidence, and one thing to try.

Read `vitals` (what is measured in every step), then any file of `detectors`: each looks
for a few troubles in those numbers. `doctor` puts them together.
"""

from __future__ import annotations

from seegrad.doctor.doctor import Doctor, doctor
from seegrad.doctor.finding import Finding, Report

__all__ = ["Doctor", "Finding", "Report", "doctor"]
