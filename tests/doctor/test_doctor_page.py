"""The page about the doctor: its snippets run, and its table is complete."""

import re
from pathlib import Path

import pytest

from seegrad.diagnosis import DETECTORS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "doctor.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def names():
    """What the snippets of the page leave behind, run in order as one program."""
    found = {"__name__": "doctor_page"}
    for number, snippet in enumerate(re.findall(r"```python\n(.*?)```", PAGE, re.S)):
        exec(compile(snippet, f"doctor.md snippet {number}", "exec"), found)
    return found


def test_every_snippet_runs_in_order(names):
    """With the asserts in them."""
    assert {"report", "finding", "lanes", "doctor", "tape"} <= names.keys()


def test_the_report_is_printed_as_the_page_shows_it(names):
    """Word for word."""
    assert f"```text\n{names['report']}\n```" in PAGE


def test_the_picture_is_that_of_the_finding(names):
    """Drawing it again gives the stored file, to rounding."""
    stored = (DOCS / "images" / "doctor.svg").read_text(encoding="utf-8")
    drawn, number = names["finding"].draw().svg(), r"\d+\.?\d*"
    assert re.split(number, stored) == re.split(number, drawn)
    ours, theirs = (list(map(float, re.findall(number, s))) for s in (drawn, stored))
    assert theirs == pytest.approx(ours, rel=1e-2, abs=0.1)  # processors round apart


def test_the_table_is_made_of_the_detectors():
    """One row for each, with its docstring."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE)
    assert [(name, found.__doc__) for name, found in DETECTORS.items()] == rows


def test_every_detector_says_in_one_line_what_it_looks_for():
    """A sentence that fits in a table."""
    for detector in DETECTORS.values():
        assert detector.__doc__.endswith(".")
        assert "\n" not in detector.__doc__


def test_there_are_at_least_eighteen_detectors():
    """Eighteen is what was promised."""
    assert len(DETECTORS) >= 18
