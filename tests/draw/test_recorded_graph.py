"""Graphs of a tape: every card and every arrow is an operation or a gradient of it."""

import math

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.draw import Scene, recorded_graph
from seegrad.draw.numbers import short
from seegrad.draw.scene import Curve, Rectangle
from seegrad.errors import ArgumentError, DataError, InputTypeError
from seegrad.record import Tape

X, Y = sg.data.moons(8, noise=0.1, seed=0)
MANY = 1000


@pytest.fixture(scope="module")
def tape():
    """A training step of a small network."""
    model = nn.MLP(2, [3], 1, activation="tanh", seed=0)
    sgd = optim.SGD(model.parameters(), lr=0.5)
    return sg.record(model, X, Y, loss="bce_with_logits", optimizer=sgd)


def arrows(scene):
    """The arrows by the names of the cards that they join."""
    return {curve.group: curve for curve in scene.of(Curve)}


def cards(scene):
    """The names of the cards."""
    return {mark.group for mark in scene.of(Rectangle) if mark.radius == 5.0}


def test_forward_has_a_card_for_everything_computed_or_read(tape):
    """Operations of forward and loss, and what they read; not the update."""
    scene = tape.graph("forward", max_nodes=MANY).scene
    events = [
        e for e in tape if e.kind == "operation" and e.phase in ("forward", "loss")
    ]
    named = {str(e.output) for e in events}
    named |= {str(q) for e in events for q in e.inputs if q.name}
    assert named <= cards(scene)
    assert not any(".grad" in name for name in cards(scene))


def test_forward_arrows_go_to_what_reads(tape):
    """One for each input of each operation."""
    scene = tape.graph("forward", max_nodes=MANY).scene
    for event in tape.events(kind="operation", phase="forward"):
        for quantity in event.inputs:
            assert f"{quantity} -> {event.output}" in arrows(scene)


def test_cards_have_the_numbers_of_the_tape(tape):
    """Shape, range and mean of a result."""
    scene = tape.graph("forward", max_nodes=MANY).scene
    (out,) = (e.value for e in tape.events(op="tanh", kind="operation"))
    words = scene.texts("1.tanh")
    assert str(out.shape) in words
    assert f"{short(out.min())} … {short(out.max())}" in words
    assert short(out.mean()) in words


def test_backward_arrows_carry_the_size_of_the_gradient(tape):
    """Its norm is written on each, and the thickest is the largest."""
    scene = tape.graph("backward", max_nodes=MANY).scene
    drawn = arrows(scene)
    norms = {}
    for event in tape.events(kind="backward"):
        for quantity, share in zip(event.inputs, event.shares, strict=True):
            if share is not None:
                norms[f"{event.output} -> {quantity}"] = float(np.linalg.norm(share))
    assert set(norms) == set(drawn)
    for name, norm in norms.items():
        (label,) = scene.texts(name)
        assert f"‖g‖ {short(norm)}" == label
    by_norm = sorted(norms, key=norms.get)
    thickness = [drawn[name].thickness for name in by_norm]
    assert sorted(thickness) == pytest.approx(thickness, abs=0.02)
    assert thickness[0] < thickness[-1]


def test_parameters_have_their_gradients_backward(tape):
    """As the optimizer finds them."""
    scene = tape.graph("backward", max_nodes=MANY).scene
    grad = tape.events(name="2.bias", kind="gradient")[0].value
    assert ["2.bias", "shape", "(1,)", "grad", short(grad[0])] == scene.texts("2.bias")


def test_a_large_step_is_folded_into_its_layers(tape):
    """Layers, input, target and loss; constants belong to what reads them."""
    scene = tape.graph("forward").scene
    assert {"x", "0 Linear", "1.tanh", "2 Linear", "y", "loss"} == cards(scene)
    words = scene.texts("0 Linear")
    assert ["operations", "3"] == words[1:3]
    assert ["parameters", "2"] == words[3:5]
    assert any("folded by layer into 6 groups" in text for text in scene.texts())


def test_between_folded_layers_flows_what_crosses(tape):
    """The norm of all gradients that go from one to the other."""
    scene = tape.graph("backward").scene
    names = ["loss -> 2 Linear", "2 Linear -> 1.tanh", "1.tanh -> 0 Linear"]
    assert set(names) == set(arrows(scene))
    into = [
        np.linalg.norm(share)
        for event in tape.events(kind="backward")
        if event.forward.phase == "loss"
        for quantity, share in zip(event.inputs, event.shares, strict=True)
        if quantity.name == "2.add" and share is not None
    ]
    assert [f"‖g‖ {short(math.hypot(*into))}"] == scene.texts(names[0])


def test_blocks_inside_of_blocks_are_folded_more_coarsely():
    """Until there are few enough."""
    block = [nn.Sequential(nn.Linear(2, 2, seed=k), nn.Tanh()) for k in range(6)]
    tape = sg.record(nn.Sequential(*block), X)
    assert {"x", *map(str, range(6))} == {
        name.split()[0] for name in cards(recorded_graph(tape, max_nodes=8).scene)
    }
    assert 13 == len(cards(recorded_graph(tape, max_nodes=16).scene))


def test_code_without_layers_is_folded_as_any_graph():
    """A long chain has no layer."""
    with sg.recording() as tape:
        out = sg.Value(0.5)
        for _ in range(60):
            out = (out * 0.9 + 0.1).tanh()
        out.backward()
    for direction in ("forward", "backward"):
        scene = recorded_graph(tape, direction).scene
        assert 3 <= len(cards(scene)) <= 16


def test_a_value_has_a_graph(tape):
    """And it can stand upright."""
    with sg.recording() as small:
        a, b = sg.Value(2.0, name="a"), sg.Value(-3.0, name="b")
        (a * b).backward()
    scene = small.graph("forward").scene
    assert ["a", "data", "2.0"] == scene.texts("a")
    upright = small.graph("forward", rankdir="TB").scene
    assert upright.height > scene.height
    backward = small.graph("backward").scene
    assert ["‖g‖ 3.0"] == backward.texts("mul -> a")


def test_summaries_are_told_by_their_range():
    """Where the tape did not keep the numbers."""
    model = nn.MLP(2, [64], 1, seed=0)
    tape = sg.record(model, X, Y, loss="bce_with_logits")
    out = tape.events(op="matmul", layer="0", kind="operation")[0].value
    tape.steps[0].summarised()
    for direction in ("forward", "backward"):
        scene = tape.graph(direction, max_nodes=MANY).scene
        assert scene == Scene.from_json(scene.to_json())
    words = tape.graph("forward", max_nodes=MANY).scene.texts("0.matmul")
    assert f"{short(out.min())} … {short(out.max())}" in words


def test_a_loaded_tape_has_the_same_graph(tape, tmp_path):
    """Nothing is needed that a file does not hold."""
    loaded = Tape.load(tape.save(tmp_path / "t.json"))
    for direction in ("forward", "backward"):
        assert (
            loaded.graph(direction).scene.texts() == tape.graph(direction).scene.texts()
        )


def test_gradients_that_are_not_finite_are_drawn():
    """With the full thickness, and as what they are."""
    with sg.recording() as tape:
        a = sg.Tensor(np.array([0.0, 1.0]), requires_grad=True)
        (a.log() * a.log()).sum().backward()
    scene = tape.graph("backward").scene
    assert scene == Scene.from_json(scene.to_json())


def test_the_words_tell_every_card(tape):
    """And what arrives there."""
    alt = tape.graph("backward").alt
    assert "loss: operations 6." in alt
    assert "; gradient of size" in alt
    assert "reads x." in tape.graph("forward").alt


def test_bad_input_is_explained(tape):
    """Typed errors that say what to try."""
    with pytest.raises(ArgumentError, match="no direction called 'sideways'"):
        tape.graph("sideways")
    with pytest.raises(ArgumentError, match="no rankdir called 'RL'"):
        tape.graph("forward", rankdir="RL")
    with pytest.raises(ArgumentError, match="3 or more"):
        tape.graph("forward", max_nodes=2)
    with pytest.raises(InputTypeError, match="from a tape, not from Value"):
        recorded_graph(sg.Value(1.0))
    plain = sg.record(nn.Linear(2, 1, seed=0), X)
    with pytest.raises(DataError, match="step 0 has no backward pass"):
        plain.graph("backward")
