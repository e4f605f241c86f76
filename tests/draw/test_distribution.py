"""Histograms over recorded steps: every cell of them is what the tape holds."""

import math
import re

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.draw import activations, gradients, parameter_flow, saturation
from seegrad.draw.distribution import DARKEST
from seegrad.draw.scene import Image, Line, Scene
from seegrad.errors import ArgumentError, DataError
from seegrad.record import Tape

X, Y = sg.data.moons(32, noise=0.1, seed=0)
BINS = 20


@pytest.fixture(scope="module")
def tape(trained):
    """Twelve whole steps."""
    return trained()


def shares(scene, name):
    """The share of every cell of a map, the lowest values first: (bins, steps)."""
    (image,) = scene.of(Image, f"map {name}")
    strength = np.array(image.strength)[::-1] / DARKEST
    largest = float(re.search(r"[\d.]+$", image.title.replace("−", "-"))[0])
    return strength**2 * largest


@pytest.mark.parametrize(
    ("layer", "op", "name"), [("0", "add", "0 Linear"), ("1", "relu", "1 ReLU")]
)
def test_cells_are_shares_of_the_outputs(tape, number_at, layer, op, name, outputs):
    """The same histogram, made here."""
    scene = activations(tape, bins=BINS).scene
    (image,) = scene.of(Image, f"map {name}")
    low, high = (
        number_at(scene, y, "y", name) for y in (image.y + image.height, image.y)
    )
    drawn = shares(scene, name)
    for step, out in enumerate(outputs(tape, layer, op)):
        counts, _ = np.histogram(out, BINS, (low - 1e-9, high + 1e-9))
        assert abs(drawn[:, step] - counts / out.size).max() < 0.03
        assert drawn[:, step].sum() == pytest.approx(1.0, abs=0.02)


def test_the_line_is_the_mean(tape, numbers_in, outputs):
    """Of the outputs of each step."""
    expected = [out.mean() for out in outputs(tape, "1", "relu")]
    drawn = numbers_in(activations(tape).scene, "mean 1 ReLU", "1 ReLU")
    assert expected == pytest.approx([y for _, y in drawn], abs=1e-5)
    assert list(range(12)) == pytest.approx([x for x, _ in drawn], abs=1e-6)


def test_the_line_of_gradients_is_their_size(tape, log_number_at):
    """The root mean square, on an axis of powers of ten."""
    scene = gradients(tape).scene
    events = tape.events(name="0.weight", kind="gradient", op="accumulate")
    expected = [np.sqrt((np.asarray(e.value, float) ** 2).mean()) for e in events]
    (line,) = scene.of(Line, "mean 0.weight")
    drawn = [log_number_at(scene, y, "0.weight") for _, y in line.points]
    assert expected == pytest.approx(drawn, rel=1e-3)


def test_gradients_of_layers_are_those_that_arrive(tape, numbers_in):
    """At what the layer returned."""
    scene = gradients(tape, of="layers", log=False).scene
    arriving = tape.events(kind="backward", layer="1", op="relu")
    expected = [np.mean(e.gradient) for e in arriving]
    drawn = numbers_in(scene, "mean 1", "1")
    assert expected == pytest.approx([y for _, y in drawn], abs=1e-6)


def test_zeros_have_no_size_but_are_told(tape):
    """A dead unit has gradients of zero: they are no cell, they are in the words."""
    last = tape.events(name="0.weight", kind="gradient", op="accumulate")[-1].value
    share = 100 * float((last == 0).mean())
    picture = gradients(tape, names="0.weight")
    (facts,) = picture.scene.texts("facts 0.weight")
    assert facts.endswith(f", {share:.0f} % zeros") == (share > 0)
    drawn = shares(picture.scene, "0.weight")[:, -1].sum()
    assert 1 - share / 100 == pytest.approx(drawn, abs=0.03)


def test_layers_and_gradients_are_picked_by_name(tape):
    """And unknown ones are named."""
    assert ["1 ReLU"] == activations(tape, layers="1").scene.texts("panel")
    assert ["2.bias"] == gradients(tape, names=["2.bias"]).scene.texts("panel")
    with pytest.raises(ArgumentError, match="layer on the tape called '7'"):
        activations(tape, layers=["7"])
    with pytest.raises(ArgumentError, match="gradient of parameters on the tape"):
        gradients(tape, names="7")
    with pytest.raises(ArgumentError, match="source of gradients called 'units'"):
        gradients(tape, of="units")


def test_summaries_are_strokes_over_their_range(number_at, trained, outputs):
    """From the lowest number to the highest, and the mean with its deviation."""
    tape = trained(width=64)
    values = outputs(tape, "0", "add")
    for step in tape.steps:
        step.summarised()
    scene = activations(tape, layers="0").scene
    ranges, deviations = (
        [
            [number_at(scene, y, "y", "0 Linear") for _, y in line.points]
            for line in scene.of(Line, f"{group} 0 Linear")
        ]
        for group in ("range", "deviation")
    )
    assert 12 == len(ranges)
    for value, ends, middle in zip(values, ranges, deviations, strict=True):
        assert [value.min(), value.max()] == pytest.approx(ends, abs=1e-4)
        deviation = np.array([-value.std(), value.std()]) + value.mean()
        assert deviation.tolist() == pytest.approx(middle, abs=1e-4)
    assert "strokes: only a summary was kept" in scene.texts("how to read it")[0]
    assert list(gradients(tape).scene.of(Line, "range 0.weight"))


def test_a_long_tape_is_drawn_by_some_of_its_steps(trained):
    """Sixty columns; each shows the step nearest to its place."""
    tape = trained(epochs=60)
    picture = activations(tape)
    (image,) = picture.scene.of(Image, "map 1 ReLU")
    assert 60 == len(image.which[0])
    assert "1 ReLU, 120 steps" in picture.alt


@pytest.mark.parametrize("draw", [activations, gradients, saturation])
def test_numbers_that_are_not_finite_do_not_spoil_a_chart(draw):
    """A training that explodes is what these charts are for."""
    model = nn.MLP(2, [8], 1, activation="relu", seed=0)
    sgd = optim.SGD(model.parameters(), lr=1e25)
    with sg.recording(model) as tape:
        for _ in range(4):
            loss = sg.losses.mse(model(X), Y[:, None])
            sgd.zero_grad()
            loss.backward()
            sgd.step()
    assert not math.isfinite(tape.losses[-1])
    scene = draw(tape).scene
    assert scene == Scene.from_json(scene.to_json())


def test_numbers_beyond_all_squares_are_left_out():
    """Of 1e200, not even the square is a number."""
    tape = sg.record(nn.Flatten(), np.array([[1e200, 1.0]]))
    assert "Flatten, 1 step: mean 1.0 to 1.0" in activations(tape).alt


def test_a_model_that_is_one_layer_goes_by_its_class():
    """It has no path."""
    tape = sg.record(nn.Linear(2, 1, seed=0), X, Y[:, None], loss="mse")
    assert ["Linear"] == activations(tape).scene.texts("panel")
    assert ["Linear"] == gradients(tape, of="layers").scene.texts("panel")


@pytest.mark.parametrize("draw", [activations, gradients, parameter_flow])
def test_a_tape_without_the_numbers_is_told(draw):
    """No layer, no backward pass, no update."""
    with sg.recording() as tape:
        sg.Value(2.0) * 3.0
    with pytest.raises(DataError, match="there is nothing to draw"):
        draw(tape)
    with pytest.raises(DataError, match="the tape has no step"):
        draw(Tape())


@pytest.mark.parametrize("draw", [activations, gradients])
def test_one_bin_is_no_histogram(draw, tape):
    """There must be two."""
    with pytest.raises(ArgumentError, match="2 or more"):
        draw(tape, bins=1)
