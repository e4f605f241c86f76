"""The doctor: what is wrong with a training, with evidence, and one thing to try.

Read `vitals` (what is known of every step), then any file of `detectors`: each looks
for a few troubles in those numbers. `doctor` and `watch` put them together.
"""

from __future__ import annotations

from seegrad.diagnosis.detectors import DETECTORS
from seegrad.diagnosis.doctor import doctor
from seegrad.diagnosis.finding import Finding
from seegrad.diagnosis.report import Report
from seegrad.diagnosis.watch import Doctor

__all__ = ["DETECTORS", "Doctor", "Finding", "Report", "doctor"]
