"""The trainings with one mistake each, for all tests of the doctor."""

import runpy
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PLANTED = {
    name: training
    for file in ("planted_learning.py", "planted_setting.py")
    for name, training in runpy.run_path(str(HERE / file))["PLANTED"].items()
}


@pytest.fixture(scope="session")
def planted():
    """A function from the name of a detector to what was planted: run, tape, doctor."""

    def find(name):
        assert name in PLANTED, f"no run is planted for the detector {name}"
        return PLANTED[name]()

    return find
