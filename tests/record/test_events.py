"""A tape can be read by place, by phase, by op, by layer and by name, and saved."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import ArgumentError, IndexRangeError
from seegrad.record.file import encoded, number, to_json
from seegrad.record.summary import Summary, summary

SCHEMA = Path(__file__).parents[2] / "docs" / "event-format.schema.json"


@pytest.fixture(scope="module")
def tape():
    """Two steps of a small network."""
    x, y = sg.data.moons(8, seed=0)
    model = nn.MLP(2, [4], 1, activation="tanh", seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    return sg.record(model, x, y, loss="bce_with_logits", optimizer=optimizer, steps=2)


def test_events_are_counted_over_the_whole_tape(tape):
    """tape[i].id is i, from both ends, and a slice is a table."""
    assert list(range(len(tape))) == [event.id for event in tape]
    assert (len(tape) - 1, 1) == (tape[-1].id, tape[-1].step)
    assert [3, 4] == [event.id for event in tape[3:5]]


def test_an_event_that_is_not_there_says_how_many_there_are(tape):
    """An index outside is an IndexError with the range."""
    with pytest.raises(IndexRangeError, match=f"a tape of {len(tape)} events"):
        tape[len(tape)]


def test_at_finds_a_step_a_phase_an_op(tape):
    """The first event that fits, and a clear refusal if none does."""
    assert ("matmul", 1) == (tape.at(1, "forward", "matmul").op, tape.at(1).step)
    assert tape.at(-1).step == 1
    with pytest.raises(ArgumentError, match="'tanh'"):
        tape.at(0, "forward", "tahn")
    with pytest.raises(ArgumentError, match="phase"):
        tape.at(0, "fowrard")
    with pytest.raises(IndexRangeError, match="step 7 is not on the tape"):
        tape.at(7)


def test_a_phase_that_a_step_lacks_is_named():
    """Only forward was recorded."""
    tape = sg.record(nn.Linear(2, 1, seed=0), [[1.0, 2.0]])
    with pytest.raises(ArgumentError, match="no phase update: it has forward"):
        tape.at(0, "update")


def test_events_are_filtered_by_layer_name_and_kind(tape):
    """Each filter alone, and several together."""
    assert {"0"} == {e.layer for e in tape.events(layer="0")}
    assert {"assign"} == {e.kind for e in tape.events(kind="assign")}
    touching = tape.events(step=0, name="2.bias")
    assert all(
        "2.bias" in (e.output.name, *(q.name for q in e.inputs)) for e in touching
    )
    assert ["add"] == [e.op for e in touching if e.phase == "forward"]


def test_a_table_shows_a_row_for_each_event(tape):
    """Op, inputs by name, the value in brief, and the line that ran."""
    lines = repr(tape.events(step=0, phase="forward")).splitlines()
    assert 8 == len(lines)
    assert "seegrad/nn/linear.py" in lines[2]
    assert "x, 0.permute" in lines[2]


def test_the_value_of_a_parameter_depends_on_the_moment(tape):
    """Before its update the old one, afterwards the new one."""
    assign = tape.events(step=0, kind="assign", name="0.weight")[0]
    old, new = tape.value("0.weight", 0), tape.value("0.weight", 0, after=True)
    np.testing.assert_array_equal(old, assign.before)
    np.testing.assert_array_equal(new, assign.value)
    forward = tape.at(0, "forward")
    np.testing.assert_array_equal(old, forward.input_values[0])
    assert not np.array_equal(old, new)


def test_a_derivative_stands_beside_its_op(tape):
    """tanh: 1 - out^2, and the share is that times the gradient arriving."""
    forward = tape.at(0, "forward", "tanh")
    (local,) = forward.local
    np.testing.assert_allclose(1.0 - forward.value**2, local, rtol=1e-6)
    backward = tape.at(0, "backward", "tanh")
    assert backward.forward == forward
    np.testing.assert_allclose(backward.gradient * local, backward.shares[0], rtol=1e-6)
    assert "dx = g * (1.0 - out * out)" == backward.formula
    product = tape.at(0, "backward", "matmul")
    assert "dx = g @ y^T, dy = x^T @ g" == product.formula
    assert "functions.py" in str(backward.source)


def test_a_tape_comes_back_from_its_file(tape, tmp_path):
    """Save, load, save: the same file; every number, derivative and place with it."""
    path = tape.save(tmp_path / "tape.json")
    back = sg.Tape.load(path)
    assert to_json(tape) == to_json(back)
    assert [str(e) for e in tape] == [str(e) for e in back]
    np.testing.assert_array_equal(
        tape.at(0, "forward", "tanh").local[0], back.at(0, "forward", "tanh").local[0]
    )


def test_a_tape_fits_the_documented_format(tape):
    """The schema beside the documentation accepts it, and refuses a torn one."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    plain = json.loads(to_json(tape))
    validator.validate(plain)
    del plain["steps"][0]["numbers"]
    assert not validator.is_valid(plain)


def test_large_arrays_are_written_as_summaries(tape):
    """With detail=8 a weight of 8 numbers stays, the 32 hidden values do not."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    plain = json.loads(json.dumps(encoded(tape, detail=8)))
    validator.validate(plain)
    hidden = tape.at(0, "forward", "tanh")
    saved = plain["steps"][0]["numbers"][hidden.at][0]["summary"]
    assert [8, 4] == saved["shape"]
    assert float(hidden.value.max()) == saved["maximum"]


@given(st.lists(st.floats(width=32), min_size=1, max_size=6))
def test_every_number_survives_a_file(numbers):
    """NaN, infinities and the smallest floats too, in both widths."""
    from seegrad.record.file import _number_of

    for dtype in (np.float32, np.float64):
        array = np.array(numbers, dtype)
        back = _number_of(json.loads(json.dumps(number(array, 100), allow_nan=False)))
        np.testing.assert_array_equal(array, back)
        assert array.dtype == back.dtype


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "seegrad-tape"}'])
def test_another_file_is_refused(text, tmp_path):
    """What is no tape says so."""
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(ArgumentError, match="not a tape of version 2"):
        sg.Tape.load(tmp_path / "other.json")


def test_another_suffix_is_refused(tape, tmp_path):
    """The error lists what there is."""
    with pytest.raises(ArgumentError, match=r"tape\.txt"):
        tape.save(tmp_path / "tape.txt")


def test_a_summary_counts_what_is_not_finite():
    """Extremes and mean are those of the finite numbers."""
    told = summary(np.array([[1.0, np.nan], [np.inf, 3.0]]))
    assert (1.0, 3.0, 2.0, 2, 4) == (
        told.minimum, told.maximum, told.mean, told.nonfinite, told.size
    )  # fmt: skip
    assert told is summary(told)
    assert isinstance(told, Summary)
