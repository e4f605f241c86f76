"""A tape from a file can be asked what the tape that recorded it can be asked."""

import json
import math
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.mode import watching
from seegrad.op import REGISTRY
from seegrad.record import settings
from seegrad.record.file import to_json

SCHEMA = Path(__file__).parents[2] / "docs" / "event-format.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
LARGE = 1 << 20  # numbers of an array that are written as they are


class Last(nn.Module):
    """The last output of a recurrent layer, and a linear one."""

    def __init__(self):
        self.lstm = nn.LSTM(3, 4, seed=0)
        self.head = nn.Linear(4, 2, seed=0)

    def forward(self, x):
        return self.head(self.lstm(x)[0][-1])


def images():
    """A small convolutional network and its input."""
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, seed=0), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(8, 2, seed=0),
    )  # fmt: skip
    return model, (4, 1, 6, 6), ("0.weight[0, 0, 1, 2]", "1.weight[0]", "6.bias[1]")


def sequences():
    """A recurrent network and its input."""
    return Last(), (5, 4, 3), ("lstm.weight_hh_l0[1, 2]", "head.weight[0, 0]")


def saved(tape, folder):
    """The tape, saved and loaded; the file fits the schema."""
    path = tape.save(folder / "tape.json", detail=LARGE)
    VALIDATOR.validate(json.loads(path.read_text()))
    return sg.Tape.load(path)


@pytest.mark.parametrize(
    "value",
    [
        None, True, -3, 2.5, math.inf, -math.inf, "tanh", (), (1, (2, 3)), [1, 2],
        slice(None, 3, None), slice(1, None, 2), Ellipsis, (None, Ellipsis, slice(2)),
        np.dtype("float32"), np.dtype("bool"), {"not": "a setting"},
    ],
    ids=repr,
)  # fmt: skip
def test_a_setting_comes_back_as_it_was(value):
    """Of the same type, through JSON; what has no form is None, not something else."""
    plain = settings.encoded({"a": value, "b": 1})
    if isinstance(value, dict):
        assert plain is None
        assert settings.decoded(plain) is None
        return
    back = settings.decoded(json.loads(json.dumps(plain, allow_nan=False)))
    assert {"a": value, "b": 1} == back
    assert type(value) is type(back["a"])


def test_numbers_and_arrays_of_numpy_are_settings_too():
    """A number becomes Python's own, an array keeps its dtype; NaN is a word."""
    given = {"n": np.int64(3), "x": np.array([[1.0, np.nan]], np.float32)}
    back = settings.decoded(json.loads(json.dumps(settings.encoded(given))))
    assert (3, int) == (back["n"], type(back["n"]))
    np.testing.assert_array_equal(given["x"], back["x"])
    assert np.float32 == back["x"].dtype


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_the_settings_of_every_op_can_be_written(name):
    """Those of all its samples, as they reach its forward, and they come back."""
    seen = []
    for inputs, given in REGISTRY[name].samples:
        arrays = [np.ones(x, np.float32) if isinstance(x, tuple) else x for x in inputs]
        with watching(lambda out, op, inputs, settings: seen.append(settings)):
            REGISTRY[name](*map(sg.tensor, arrays), **given)
    for found in seen:
        plain = json.loads(json.dumps(settings.encoded(found), allow_nan=False))
        assert dict(found) == settings.decoded(plain)


@pytest.mark.parametrize("make", [images, sequences])
def test_a_loaded_tape_is_asked_why_through_every_op(make, tmp_path):
    """Convolution, normalisation, slices, gates: the same receipts."""
    model, shape, addresses = make()
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape).astype(np.float32)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    y = np.arange(4) % 2
    tape = sg.record(model, x, y, loss="cross_entropy", optimizer=optimizer)
    back = saved(tape, tmp_path)
    assert to_json(tape, LARGE) == to_json(back, LARGE)
    for address in addresses:
        receipt = back.why(address)
        assert receipt.proved
        assert str(tape.why(address)) == str(receipt)


def test_what_comes_after_an_update_is_known_from_a_file(tmp_path):
    """The new loss is computed from the recorded operations."""
    x, y = sg.data.moons(8, seed=0)
    model = nn.MLP(2, [4], 1, activation="tanh", seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    tape = sg.record(model, x, y, loss="bce_with_logits", optimizer=optimizer, steps=2)
    back = saved(tape, tmp_path)
    assert tape.after.loss == back.after.loss
    assert tape.losses[1] == pytest.approx(back.after.loss, rel=1e-6)


@pytest.mark.usefixtures("own_ops")
def test_an_op_that_the_reader_does_not_have_is_differentiated(tmp_path):
    """The derivatives of an elementwise op stand in the file."""
    op = sg.op.elementwise(at=(0.5,), method=False)(_cubed)
    op.derivatives(x=lambda g, out, x: g * (3.0 * x * x))
    model = nn.Linear(2, 3, seed=0)
    x = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    with sg.recording(model) as tape:
        sg.losses.mse(op(model(x)), np.zeros((4, 3), np.float32)).backward()
    expected = tape.why("weight[1, 0]")
    path = tape.save(tmp_path / "tape.json")
    del REGISTRY["_cubed"]
    receipt = sg.Tape.load(path).why("weight[1, 0]")
    assert receipt.proved, str(receipt)
    assert expected.samples == pytest.approx(receipt.samples)


def test_what_is_on_the_side_fits_the_format(tmp_path):
    """The phase, and how many operations were left out."""
    model = nn.Sequential(nn.Linear(2, 3, seed=0), nn.BatchNorm1d(3), nn.Linear(3, 1))
    x, y = sg.data.moons(8, seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    tape = sg.record(model, x, y, loss="bce_with_logits", optimizer=optimizer)
    tape.steps[0].left_out = 5
    back = saved(tape, tmp_path)
    assert 5 == back.steps[0].left_out
    assert len(back.events(phase="aside")) == len(tape.events(phase="aside")) > 0


def _cubed(xp, x, /):
    """x**3"""
    return x * x * x
