"""Lines over recorded steps: every point of them is what the tape holds."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.draw import parameter_flow, saturation
from seegrad.draw.scene import Circle, Line, Text
from seegrad.errors import ArgumentError, DataError

X, Y = sg.data.moons(32, noise=0.1, seed=0)


@pytest.fixture(scope="module")
def tape(trained):
    """Twelve whole steps."""
    return trained()


def test_the_flow_is_update_by_weight(tape, log_number_at):
    """At every step, read by the ticks of the logarithmic axis."""
    scene = parameter_flow(tape).scene
    for name in tape.parameters:
        updates = tape.events(name=name, kind="assign")
        expected = [
            np.sqrt(((e.value - e.before) ** 2).mean()) / np.sqrt((e.before**2).mean())
            for e in updates
            if e.before.any()
        ]
        (line,) = scene.of(Line, name)
        drawn = [log_number_at(scene, y) for _, y in line.points]
        assert expected == pytest.approx(drawn, rel=1e-3)


def test_the_usual_ratio_is_marked(tape, log_number_at):
    """A line at a thousandth, and within the axes."""
    scene = parameter_flow(tape).scene
    (line,) = scene.of(Line, "usual")
    assert 1e-3 == pytest.approx(log_number_at(scene, line.points[0][1]), rel=1e-6)


def test_parameters_are_picked_by_name(tape):
    """And an unknown one is named."""
    scene = parameter_flow(tape, parameters=["2.bias"]).scene
    assert [] == list(scene.of(Line, "0.weight"))
    assert [] == scene.texts("label 0.weight")
    assert 1 == len(scene.texts("label 2.bias"))
    with pytest.raises(ArgumentError, match=r"'0.wait'"):
        parameter_flow(tape, parameters="0.wait")


def test_of_many_parameters_the_extremes_are_drawn():
    """And the picture says that there are more."""
    model = nn.MLP(2, [3] * 5, 1, seed=0)
    sgd = optim.SGD(model.parameters(), lr=0.1)
    tape = sg.record(model, X, Y, loss="bce_with_logits", optimizer=sgd, steps=2)
    scene = parameter_flow(tape).scene
    assert "8 of 12 parameters" in scene.texts("how to read it")[0]
    assert 8 == sum("label" in mark.group for mark in scene.of(Text))


def test_a_parameter_of_zeros_has_no_ratio_at_first():
    """It is divided by nothing; a point alone is a dot."""
    bias = nn.Linear(2, 1, seed=0)
    bias.load_state_dict({"weight": [[1.0, 2.0]], "bias": [0.0]})
    sgd = optim.SGD(bias.parameters(), lr=0.1)
    tape = sg.record(bias, X, Y[:, None], loss="mse", optimizer=sgd, steps=2)
    scene = parameter_flow(tape).scene
    assert 2 == len(next(scene.of(Line, "weight")).points)
    assert 1 == len(list(scene.of(Circle, "bias")))


def test_buffers_are_no_parameters():
    """A batch norm keeps statistics, which no optimizer moves."""
    model = nn.Sequential(nn.Linear(2, 2, seed=0), nn.BatchNorm1d(2))
    y = np.zeros((32, 2), np.float32)
    sgd = optim.SGD(model.parameters(), lr=0.1)
    tape = sg.record(model, X, y, loss="mse", optimizer=sgd, steps=2)
    assert "running" not in parameter_flow(tape).alt
    with pytest.raises(DataError, match="step 0 has no update"):
        sg.record(model, X, y, loss="mse").state("after")


def test_the_words_of_the_flow_have_first_and_last(tape):
    """For every parameter."""
    alt = parameter_flow(tape).alt
    assert all(f"{name} goes from" in alt for name in tape.parameters)
    assert "over 12 steps; usual is 0.001" in alt


def test_dead_units_are_zero_for_every_sample(tape, numbers_in, outputs):
    """The share of columns of zeros, step by step."""
    expected = [
        100 * (out == 0).all(axis=0).mean() for out in outputs(tape, "1", "relu")
    ]
    drawn = numbers_in(saturation(tape).scene, "1.relu")
    assert list(range(12)) == pytest.approx([x for x, _ in drawn])
    assert expected == pytest.approx([y for _, y in drawn], abs=1e-6)


@pytest.mark.parametrize(("kind", "ends"), [("tanh", (-1, 1)), ("sigmoid", (0, 1))])
def test_saturated_outputs_are_near_an_end(numbers_in, kind, ends, trained, outputs):
    """The share of outputs within the margin."""
    tape = trained(kind, lr=1.0)
    expected = [
        100 * np.mean([abs(out - end) < 0.05 for end in ends], axis=(1, 2)).sum()
        for out in outputs(tape, "1", kind)
    ]
    assert max(expected) > 0
    picture = saturation(tape, margin=0.05)
    drawn = numbers_in(picture.scene, f"1.{kind}")
    assert expected == pytest.approx([y for _, y in drawn], abs=1e-6)
    assert "saturated" in picture.alt


def test_channels_of_an_image_are_units():
    """A channel is dead if it is zero at every place of every sample."""
    model = nn.Sequential(nn.Conv2d(1, 2, 3, seed=0), nn.ReLU())
    state = {k: np.array(v) for k, v in model.state_dict().items()}
    state["0.bias"] = np.array([-100.0, 100.0])
    model.load_state_dict(state)
    tape = sg.record(model, np.ones((2, 1, 5, 5), np.float32))
    assert ["1.relu dead 50.0 %"] == saturation(tape).scene.texts("label 1.relu")


def test_a_model_without_such_layers_is_told():
    """And a margin that makes no sense."""
    plain = sg.record(nn.Linear(2, 1, seed=0), X)
    with pytest.raises(DataError, match="no relu, tanh or sigmoid"):
        saturation(plain)
    with pytest.raises(ArgumentError, match=r"between 0 and 0\.5, not 0\.7"):
        saturation(plain, margin=0.7)
