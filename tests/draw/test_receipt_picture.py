"""The picture of a receipt: every bar is a part, and the bars add up to the number."""

from types import SimpleNamespace

import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.draw import receipt
from seegrad.draw.numbers import short
from seegrad.draw.scene import Circle, Line, Rectangle, Scene
from seegrad.errors import ArgumentError, InputTypeError

X, Y = sg.data.moons(10, noise=0.1, seed=0)


def why(address="0.weight[2, 0]"):
    """The receipt of a number in one step with Adam."""
    model = nn.MLP(2, [3], 1, activation="tanh", seed=0)
    adam = optim.Adam(model.parameters(), lr=0.05, weight_decay=0.01)
    tape = sg.record(model, X, Y, loss="bce_with_logits", optimizer=adam)
    return tape.why(address)


def made(**changes):
    """A receipt of two samples; with other numbers if wanted."""
    numbers = {
        "address": "w[0]", "step": 0, "value": 1.0, "old": 2.0, "gradient": 1.0,
        "samples": {0: 3.0, 1: -2.0}, "shared": 0.0, "lines": [], "checks": [],
    }  # fmt: skip
    return SimpleNamespace(**(numbers | changes))


def bars(scene):
    """The signed length of every bar by the name of its part, in sums of the last."""
    zero = next(
        line.points[0][0] for line in scene.of(Line)
        if line.stroke == "neutral" and line.points[0][0] == line.points[1][0]
        and line.points[1][1] - line.points[0][1] > 30.0
    )  # fmt: skip
    return {
        bar.group: bar.width if bar.x >= zero - 1e-6 else -bar.width
        for bar in scene.of(Rectangle)
        if bar.group == "sum" or "sample" in bar.group or "others" in bar.group
    }


def test_bars_are_as_long_as_the_parts():
    """And the last one is their sum, which is the gradient."""
    found = why()
    drawn = bars(found.draw().scene)
    unit = drawn["sum"] / found.gradient
    for k, part in found.samples.items():
        assert part == pytest.approx(drawn[f"sample {k}"] / unit, abs=1e-6)
    rest = sum(length for name, length in drawn.items() if name != "sum")
    assert drawn["sum"] == pytest.approx(rest, abs=1e-6)


def test_the_largest_part_comes_first_and_the_others_are_one():
    """Of very many samples."""
    found = why()
    scene = receipt(found, most_samples=3).scene
    ranked = sorted(found.samples, key=lambda k: -abs(found.samples[k]))
    names = [f"sample {k}" for k in ranked[:3]]
    assert [*names, "7 others", "sum"] == scene.texts("part name")
    others = sum(found.samples[k] for k in ranked[3:])
    assert scene.texts("part")[3].lstrip("+") == short(others)


def test_samples_that_add_nothing_are_among_the_others():
    """Behind a dead unit there are many."""
    scene = receipt(made(samples={0: 0.0, 1: 2.0, 2: 0.0})).scene
    assert ["sample 1", "2 others", "sum"] == scene.texts("part name")
    assert ["+2.0", "0.0", "+2.0"] == scene.texts("part")


def test_the_update_goes_from_old_to_new(number_at):
    """Two circles on a line of numbers, and an arrow between them."""
    found = why()
    scene = found.draw().scene
    old, new = scene.of(Circle)
    assert found.old == pytest.approx(number_at(scene, old.x, "x", "update"), abs=1e-5)
    assert found.new == pytest.approx(number_at(scene, new.x, "x", "update"), abs=1e-5)
    (arrow,) = scene.of(Line, "change")
    way = arrow.points[1][0] - arrow.points[0][0]
    assert (way > 0) == (found.new > found.old)


@pytest.fixture
def number_at():
    """Read a place by the ticks, which the number line has only along x."""

    def read(scene, place, axis, panel):
        ticks = [
            (t.x, float(t.text.replace("−", "-"))) for t in scene.marks
            if t.group == f"{panel} {axis} tick"
        ]  # fmt: skip
        (a, first), (b, last) = ticks[0], ticks[-1]
        return first + (last - first) * (place - a) / (b - a)

    return read


def test_every_line_of_the_optimizer_stands_there():
    """Its code once, its arithmetic, and what it gave."""
    found = why()
    scene = found.draw().scene
    assert [f"= {short(line.value)}" for line in found.lines] == scene.texts("line")
    assert list(dict.fromkeys(line.code for line in found.lines)) == scene.texts("code")
    assert len(found.lines) == len(scene.texts("arithmetic"))


def test_every_check_is_shown_with_its_outcome():
    """A proof that fails is marked."""
    found = why()
    assert ["✓"] * len(found.checks) == found.draw().scene.texts("mark")
    wrong = SimpleNamespace(what="the parts", expected=1.0, found=2.0, holds=False)
    picture = receipt(made(checks=[wrong]))
    assert ["✗"] == picture.scene.texts("mark")
    assert "the parts: not so." in picture.alt


@pytest.mark.parametrize("address", ["loss", "1.tanh[0, 1]"])
def test_results_have_a_picture_too(address):
    """No update; the lines that made it, and for the loss its samples."""
    found = why(address)
    picture = found.draw()
    assert [] == picture.scene.texts("update")
    assert short(found.value) in picture.alt
    assert picture.scene.texts("line")


def test_numbers_that_are_not_finite_have_no_bar():
    """But their row, and the picture can be saved."""
    picture = receipt(made(samples={0: float("nan"), 1: 1.0}, value=float("inf")))
    assert {"sample 0": 0.0, "sum": 0.0} == {
        k: v for k, v in bars(picture.scene).items() if k != "sample 1"
    }
    assert "nan" in picture.scene.texts("part")
    assert picture.scene == Scene.from_json(picture.scene.to_json())


def test_what_is_of_no_sample_has_a_row():
    """Weight decay in the loss, for example."""
    assert "of no sample" in receipt(made(shared=0.5)).scene.texts("part name")


def test_bad_input_is_explained():
    """No receipt at all; no sample to show."""
    with pytest.raises(InputTypeError, match="from a receipt, not from str"):
        receipt("0.weight")
    with pytest.raises(ArgumentError, match="1 or more"):
        receipt(made(), most_samples=0)
