"""A receipt takes a number apart, and the parts add up to what is on the tape."""

import json

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import ArgumentError, IndexRangeError, SeegradError
from seegrad.record.receipt import Check

LAYERS = [s for s in nn.Module.samples if s.make().parameters() and 0 not in s.shape]
OPTIMIZERS = [
    ("sgd", {}),
    ("sgd", {"momentum": 0.9, "weight_decay": 0.1}),
    *[(name, {}) for name in optim.OPTIMIZERS if name != "sgd"],
    ("adamw", {"amsgrad": True}),
]


def step_of(name="adam", steps=1, rows=8, **settings):
    """A tape of a small network, and the network."""
    x, y = sg.data.moons(rows, seed=0)
    model = nn.MLP(2, [4, 3], 1, activation="tanh", seed=0)
    optimizer = optim.get(name)(model.parameters(), lr=0.01, **settings)
    tape = sg.record(
        model, x, y, loss="bce_with_logits", optimizer=optimizer, steps=steps
    )
    return tape, model, x, y


@pytest.mark.parametrize(("name", "settings"), OPTIMIZERS)
def test_the_parts_of_an_update_add_up(name, settings):
    """Samples and paths to the gradient, the optimizer's lines to the new number."""
    tape, model, _, _ = step_of(name, steps=3, **settings)
    for parameter, p in model.named_parameters():
        index = [n - 1 for n in p.shape]
        receipt = tape.why(f"{parameter}{index}", step=2)
        assert receipt.proved, str(receipt)
        assert 3 == len(receipt.checks)
        assert receipt.new == float(tape.value(parameter, 2, after=True)[tuple(index)])
        assert receipt.lines[-1].value == receipt.new


def test_adams_corrections_are_told():
    """The step and the corrected rate, with the lines that computed them."""
    receipt = step_of("adam", steps=3)[0].why("0.weight[0, 0]", step=2)
    told = {line.arithmetic: line for line in receipt.lines}
    assert 3.0 == told["step"].value
    assert told["scale"].value == pytest.approx((1 - 0.999**3) ** 0.5)
    rate = 0.01 * told["scale"].value / (1 - 0.9**3)
    assert rate == pytest.approx(told["rate"].value)
    assert "rate = lr * scale / (1.0 - beta1**step)" == told["rate"].code


def test_the_share_of_a_sample_is_its_own_gradient():
    """Each sample run alone gives the same numbers, divided by their count."""
    tape, model, x, y = step_of()
    receipt = tape.why("0.weight[2, 0]")
    alone = {}
    for k in range(8):
        model.zero_grad()
        sg.losses.bce_with_logits(model(x[k : k + 1]), y[k : k + 1]).backward()
        alone[k] = float(model.layers[0].weight.grad[2, 0]) / 8
    assert alone == pytest.approx(receipt.samples, rel=1e-4, abs=1e-9)


def test_samples_are_told_from_features_of_the_same_number():
    """Four inputs and four rows: what a row adds is its own gradient."""
    x = np.random.default_rng(0).normal(size=(4, 4)).astype(np.float32)
    y = np.random.default_rng(1).normal(size=(4, 4)).astype(np.float32)
    model = nn.MLP(4, [4], 4, activation="tanh", seed=0)
    receipt = sg.record(model, x, y, loss="mse").why("0.weight[1, 2]")
    assert receipt.proved
    for k in range(4):
        model.zero_grad()
        sg.losses.mse(model(x[k : k + 1]), y[k : k + 1]).backward()
        alone = float(model.layers[0].weight.grad[1, 2]) / 4
        assert alone == pytest.approx(receipt.samples[k], rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("sample", LAYERS, ids=str)
def test_every_layer_can_be_asked_why(sample, recorded):
    """The gradient of a number of each parameter, by path, adds up in every layer."""
    layer, tape = recorded(sample)
    for name, p in layer.named_parameters():
        if p.grad is None:
            continue
        flat = int(np.argmax(abs(p.grad)))
        place = ", ".join(map(str, np.unravel_index(flat, p.shape)))
        receipt = tape.why(f"{name}[{place}]" if p.shape else name)
        assert receipt.proved, str(receipt)
        assert receipt.gradient == pytest.approx(float(p.grad.flat[flat]))


def test_clipping_and_adding_up_are_noted():
    """The gradient that was used is not what came back: the receipt says why."""
    x, y = sg.data.moons(8, seed=0)
    model = nn.MLP(2, [4], 1, seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    with sg.recording() as tape:
        for _ in range(2):
            sg.losses.bce_with_logits(model(x), y).backward()
        optim.clip_grad_norm(model.parameters(), 0.01)
        optimizer.step()
    receipt = tape.why("0.weight[0, 1]")
    assert receipt.proved, str(receipt)
    assert receipt.gradient == float(model.layers[0].weight.grad[0, 1])
    assert ["already", "replaced"] == [
        next(word for word in ("already", "replaced") if word in note)
        for note in receipt.notes
    ]


def test_a_schedule_is_noted():
    """Where the learning rate began, and where it is in this step."""
    x, y = sg.data.moons(8, seed=0)
    model = nn.MLP(2, [4], 1, seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    schedule = optim.StepLR(optimizer, 1, 0.5)
    with sg.recording(model) as tape:
        for _ in range(3):
            optimizer.zero_grad()
            sg.losses.bce_with_logits(model(x), y).backward()
            optimizer.step()
            schedule.step()
    receipt = tape.why("0.weight[0, 0]", step=2)
    assert receipt.proved
    assert ["a schedule has the learning rate at 0.025; it began at 0.1"] == (
        receipt.notes
    )
    assert [] == step_of()[0].why("0.weight[0, 0]").notes


def test_a_buffer_that_moved_says_from_what():
    """The running mean of a normalisation, and its lines."""
    model = nn.Sequential(nn.Linear(2, 3, seed=0), nn.BatchNorm1d(3))
    x = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    tape = sg.record(model, x, np.zeros((4, 3)), loss="mse")
    receipt = tape.why("1.running_mean[1]")
    assert 0.0 == receipt.old
    assert receipt.lines[-1].value == receipt.new != 0.0
    assert "average.assign" in receipt.lines[-1].code


def test_a_leaf_that_was_given_plain_numbers_says_so():
    """No recorded operation made them."""
    p = sg.tensor([1.0, 2.0], name="p")
    with sg.recording() as tape:
        p * 2.0
        p.data = [5.0, 6.0]
    receipt = tape.why("p[1]")
    assert (2.0, 6.0) == (receipt.old, receipt.new)
    assert "no recorded operation made" in receipt.notes[0]


def test_a_compiled_step_is_recorded_like_any_other():
    """It runs eagerly while somebody looks, and every step can be asked."""
    x, y = sg.data.moons(8, seed=0)
    model = nn.MLP(2, [4], 1, seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.1)

    @sg.compile
    def step(x, y):
        loss = sg.losses.bce_with_logits(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    step(x, y)
    with sg.recording(model) as tape:
        step(x, y)
        step(x, y)
    assert 2 == len(tape.steps)
    assert tape.why("0.weight[0, 0]", step=1).proved


def test_the_loss_is_the_sum_of_its_samples():
    """Each sample's own loss over their count."""
    tape, _, _, _ = step_of()
    receipt = tape.why("loss")
    assert receipt.proved
    assert tape.losses[0] == receipt.value
    assert 8 == len(receipt.samples)


def test_an_activation_is_traced_to_the_input():
    """The lines that made it, with their source and their numbers."""
    tape, model, x, _ = step_of()
    receipt = tape.why("1.tanh[0, 2]")
    assert ["matmul", "add", "tanh"] == [tape[line.event].op for line in receipt.lines]
    assert "out = x @ self.weight.T" == receipt.lines[0].code
    w, b = model.layers[0].weight.data, model.layers[0].bias.data
    assert receipt.value == pytest.approx(np.tanh(x[0] @ w[2] + b[2]), rel=1e-5)
    arriving = tape.events(layer="1", kind="backward")[0].gradient
    assert float(arriving[0, 2]) == receipt.gradient


def test_a_receipt_is_text_and_json():
    """The text holds the marks of the checks, the JSON everything."""
    receipt = step_of()[0].why("2.bias[1]")
    assert 3 == str(receipt).count("✓")
    plain = json.loads(receipt.to_json())
    assert receipt.samples == {int(k): v for k, v in plain["samples"].items()}
    assert all(check["holds"] for check in plain["checks"])


def test_a_check_that_fails_says_so():
    """A sum that is off by more than rounding."""
    assert not Check("the samples", 1.0, 1.001).holds
    assert str(Check("the samples", 1.0, 1.001)).startswith("✗")
    assert Check("the samples", 1.0, 1.0 + 1e-7).holds


def test_a_tape_from_a_file_gives_the_same_receipt(tmp_path):
    """All that a receipt needs is in the format."""
    tape = step_of()[0]
    back = sg.Tape.load(tape.save(tmp_path / "tape.json"))
    assert str(tape.why("0.weight[2, 0]")) == str(back.why("0.weight[2, 0]"))


@pytest.mark.parametrize(
    ("address", "error", "text"),
    [
        ("0.wieght[0, 0]", ArgumentError, "0.weight"),
        ("0.weight", IndexRangeError, "no index"),
        ("0.weight[1]", IndexRangeError, "1 indices"),
        ("0.weight[4, 0]", IndexRangeError, r"up to 0.weight\[3, 1\]"),
        ("0.weight[]", ArgumentError, "does not name one number"),
        ("0.weight[1-2]", ArgumentError, "no place"),
        ("", ArgumentError, "does not name one number"),
    ],
)
def test_a_wrong_address_is_explained(address, error, text):
    """The name, the shape, or the form of it."""
    with pytest.raises(error, match=text):
        step_of()[0].why(address)


def test_numbers_that_were_not_kept_are_missed_aloud():
    """A step that was summarised cannot be taken apart."""
    tape = step_of(rows=64)[0]
    tape.steps[0].summarised(0)
    with pytest.raises(SeegradError, match="did not keep"):
        tape.why("0.weight[2, 0]")


def test_there_is_no_loss_without_a_backward():
    """The error says what is missing."""
    tape = sg.record(nn.Linear(2, 1, seed=0), [[1.0, 2.0]])
    with pytest.raises(ArgumentError, match="has no loss"):
        tape.why("loss")


def test_numbers_that_are_not_finite_have_a_receipt_too():
    """Its text and its JSON are made, and NaN adds up to NaN."""
    x, y = sg.data.moons(8, seed=0)
    model = nn.MLP(2, [3], 1, activation="tanh", seed=0)
    model.layers[0].weight.data = np.full((3, 2), np.nan, np.float32)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    tape = sg.record(model, x, y, loss="bce_with_logits", optimizer=optimizer)
    receipt = tape.why("0.weight[0, 0]")
    assert "nan" in str(receipt)
    assert receipt.proved
    assert "NaN" == json.loads(receipt.to_json())["gradient"]


def test_a_number_that_stood_still_is_not_said_to_have_moved():
    """The gradient of an input, which nothing updates."""
    x = sg.tensor([[1.0, 2.0]], requires_grad=True, name="x")
    with sg.recording() as tape:
        sg.sum(x * x).backward()
    receipt = tape.why("x[0, 1]")
    assert receipt.old is None
    assert str(receipt).startswith("x[0, 1] = 2, in step 0")
    assert ["nothing updated it in this step"] == receipt.notes
