"""Each detector finds the training that was planted for it, and nothing else there."""

import pytest

import seegrad as sg
from seegrad.diagnosis import DETECTORS


def examined(patient):
    """The report on a run, a tape, or by a doctor that watched."""
    return patient.report if isinstance(patient, sg.Doctor) else sg.doctor(patient)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_finds_its_planted_run_and_no_other_does(name, planted):
    """Exactly one finding."""
    assert [name] == examined(planted(name)).names
