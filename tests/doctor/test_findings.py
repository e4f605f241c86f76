"""A finding shows its numbers, says one thing to try, and that thing can be tried."""

import math
import re
from xml.etree import ElementTree

import pytest

import seegrad as sg
from seegrad.diagnosis import DETECTORS, Finding
from seegrad.draw.lettering import width_of
from seegrad.draw.numbers import read, short
from seegrad.draw.scene import Circle, Line, Rectangle, Text

# Those that propose a change of the run; with it, the trouble is gone.
CURED = (
    *("dead_units", "saturated_units", "vanishing_gradients", "overfitting"),
    *("learning_rate_too_high", "learning_rate_too_low", "updates_too_large"),
    *("sorted_by_class", "batch_norm_on_few_rows"),
)


@pytest.fixture(scope="module")
def finding(planted):
    """A function from the name of a detector to what it finds in its planted run."""
    known = {}

    def find(name):
        if name not in known:
            patient = planted(name)
            watched = isinstance(patient, sg.Doctor)
            (known[name],) = patient.report if watched else sg.doctor(patient)
        return known[name]

    return find


@pytest.mark.parametrize("name", DETECTORS)
def test_a_finding_is_complete(name, finding):
    """Evidence with numbers, a reason, an advice, and no empty words."""
    found = finding(name)
    assert name == found.name
    assert re.search(r"\d", found.evidence)
    for words in (found.title, found.evidence, found.explanation, found.advice):
        assert 10 < len(words) < 260
        assert "nan" not in re.findall(r"\w+", words)
    assert found.severity in (1, 2, 3)
    assert len(found.times) == len(next(iter(found.series.values())))


@pytest.mark.parametrize("name", DETECTORS)
def test_every_finding_can_be_drawn(name, finding):
    """With a mark where it began, inside the sheet, in light and in dark."""
    found = finding(name)
    picture = found.draw()
    scene = picture.scene
    assert f"it began at {found.unit} {found.began}" in scene.texts("beginning")
    for text in scene.of(Text):
        reach = width_of(text.text, text.size, bold=text.bold)
        if text.anchor == "start":
            assert text.x + reach <= scene.width
        if text.anchor == "end":
            assert text.x - reach >= 0.0
        assert 0.0 < text.y < scene.height
    for theme in ("light", "dark"):
        ElementTree.fromstring(picture.svg(theme))
    assert found.evidence in picture.alt


def test_the_mark_stands_at_its_step(finding):
    """Where the line has the value of that step."""
    found = finding("learning_rate_too_high")
    scene = found.draw().scene
    (mark,) = scene.of(Line, "beginning")
    (dot,) = scene.of(Circle, "loss then")
    (line,) = scene.of(Line, "loss")
    assert mark.points[0][0] == pytest.approx(dot.x)
    assert line.points[found.times.index(found.began)] == pytest.approx((dot.x, dot.y))
    assert f"loss {short(found.series['loss'][found.began])}" == dot.title


def test_bars_are_as_long_as_their_numbers(finding):
    """From zero; below zero in another colour."""
    found = finding("targets_out_of_reach")
    scene = found.draw().scene
    bars = {name: next(scene.of(Rectangle, f"bar {name}")) for name in found.moment}
    unit = bars["highest target"].width / found.moment["highest target"]
    for name, value in found.moment.items():
        assert abs(value) * unit == pytest.approx(bars[name].width, abs=1.0)
        assert ("negative" if value < 0.0 else "positive") == bars[name].fill
    written = [read(text) for text in scene.texts("bar value")]
    assert list(found.moment.values()) == pytest.approx(written, rel=1e-3)


def test_very_different_bars_are_drawn_by_powers_of_ten(finding):
    """And say so; equal ratios make equal steps."""
    found = finding("vanishing_gradients")
    scene = found.draw().scene
    assert "size of the gradient, step 0 (powers of ten)" in scene.texts()
    one, other, third = (
        next(scene.of(Rectangle, f"bar {name}")).width
        for name in ("0.weight", "8.weight", "14.weight")
    )
    a, b, c = (found.moment[name] for name in ("0.weight", "8.weight", "14.weight"))
    share = (math.log(b) - math.log(a)) / (math.log(c) - math.log(a))
    assert share == pytest.approx((other - one) / (third - one))


def test_a_gap_stays_a_gap(finding):
    """No line is drawn to a loss that is not a number."""
    found = finding("nonfinite_numbers")
    (line,) = found.draw().scene.of(Line, "loss")
    assert len(line.points) == len(found.series["loss"]) - 1
    assert "to nan at step" in found.draw().alt


def test_a_long_run_shows_the_steps_around_the_beginning():
    """Twenty before, and sixty from there."""
    values = [float(k) for k in range(300)]
    found = Finding(
        "t", "e", "x", "a", began=100, times=list(range(300)), series={"loss": values}
    )
    (line,) = found.draw().scene.of(Line, "loss")
    assert 80 == len(line.points)
    assert "loss goes from 80 at step 80 to 159 at step 159, 100 at step 100" in (
        found.draw().alt
    )


@pytest.mark.parametrize("name", CURED)
def test_the_change_makes_a_fork_without_the_trouble(name, planted, finding):
    """run.fork(**finding.change), and the doctor looks at lane B."""
    change = finding(name).change
    assert change
    lane = planted(name).fork(**change)["B"]
    assert change == lane.changes
    assert name not in sg.doctor(lane.run).names


def test_only_runs_have_changes_and_all_of_them_are_tried(planted, finding):
    """A tape cannot be forked, and a broken training is no run."""
    changed = {name for name in DETECTORS if finding(name).change}
    assert set(CURED) == changed
    assert all(isinstance(planted(name), sg.train.Run) for name in changed)
