"""Three magnifications of one network, which agree."""

from dataclasses import replace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import ArgumentError, IndexRangeError, SeegradError
from seegrad.record import scalars
from seegrad.record.numbers import brief

LAYERS = [s for s in nn.Module.samples if 0 not in s.shape]


@pytest.fixture(scope="module")
def tape():
    """A forward and backward of a small network."""
    x, y = sg.data.moons(8, seed=0)
    model = nn.MLP(2, [4, 3], 1, activation="tanh", seed=0)
    return sg.record(model, x, y, loss="bce_with_logits")


def test_the_widest_view_lists_the_layers(tape):
    """With shapes and numbers of parameters."""
    zoom = tape.zoom()
    assert "layers" == zoom.level
    assert [("0", "Linear", "8 × 4", "12"), ("1", "Tanh", "8 × 4", "0")] == [
        row[:4] for row in zoom.rows[:2]
    ]


def test_a_layer_shows_its_units(tape):
    """Value and gradient of each, at the sample asked for."""
    rows = tape.zoom("1", sample=3).rows
    tanh = tape.at(0, "forward", "tanh")
    arriving = tape.events(layer="1", kind="backward")[0].gradient
    assert [f"{v:.4g}" for v in tanh.value[3]] == [row[1] for row in rows]
    assert [f"{g:.4g}" for g in arriving[3]] == [row[2] for row in rows]


def test_a_neuron_is_a_sum_of_products(tape):
    """Input times weight, and the bias, make its value."""
    zoom = tape.zoom("2[1]", sample=3)
    value = float(zoom.title.rsplit(" ", 1)[1])
    total = sum(float(row[-1]) for row in zoom.rows)
    assert value == pytest.approx(total, abs=2e-3)
    assert "2.weight[1, 0]" == zoom.rows[0][3]
    assert "2.bias[1]" == zoom.rows[-1][0]


def test_a_number_is_a_graph_of_numbers(tape):
    """Its leaves are those of its layer; values and gradients are the tensors'."""
    zoom = tape.zoom("2.add[3, 2]")
    assert {"2.bias[2]", *(f"2.weight[2, {k}]" for k in range(4))} <= set(zoom.leaves)
    event = tape.events(layer="2", op="add", kind="operation")[0]
    assert float(event.value[3, 2]) == pytest.approx(zoom.node.data, rel=1e-6)
    assert zoom.difference < 1e-6
    assert "largest difference" in str(zoom)


def test_the_loss_in_single_numbers_has_the_gradients_of_the_tensors(tape):
    """The whole network as scalars: every weight's gradient is the stored one."""
    zoom = tape.zoom("loss.div")
    for name in ("0.weight", "2.bias", "4.weight"):
        stored = tape.events(kind="gradient", name=name)[0].value
        found = np.zeros(stored.shape)
        for index in np.ndindex(stored.shape):
            found[index] = zoom.leaves[f"{name}[{', '.join(map(str, index))}]"].grad
        np.testing.assert_allclose(stored, found, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("sample", LAYERS, ids=str)
def test_every_layer_agrees_with_its_single_numbers(sample, recorded):
    """The last number of whatever a layer computes, written out."""
    _, tape = recorded(sample)
    forward = tape.events(phase="forward")
    if not forward:
        return  # a layer that hands on what it got
    last = forward[-1].output
    place = ", ".join(str(n - 1) for n in last.shape)
    zoom = tape.zoom(f"{last.name}[{place}]" if last.shape else last.name)
    assert zoom.difference <= 1e-5 * max(1.0, abs(zoom.node.data)), str(zoom)


def test_a_scalar_graph_is_drawn(tape):
    """As any Value; the other levels say that they are not."""
    picture = tape.zoom("2.add[3, 2]").draw()
    assert any("2.bias" in text for text in picture.scene.texts())
    with pytest.raises(ArgumentError, match="this shows layers"):
        tape.zoom().draw()


def test_a_number_made_of_too_many_is_refused(tape, monkeypatch):
    """Before it fills the memory."""
    monkeypatch.setattr(scalars, "MOST", 100)
    with pytest.raises(ArgumentError, match="more than 100 single numbers"):
        tape.zoom("loss.div")


@pytest.mark.parametrize(
    ("address", "sample", "error", "text"),
    [
        ("9", 0, ArgumentError, "'9'"),
        ("2[3]", 0, IndexRangeError, "has 3 units"),
        ("2[0]", 8, IndexRangeError, "a batch of 8"),
        ("2.add[8, 0]", 0, IndexRangeError, "up to"),
    ],
)
def test_a_place_that_is_not_there_is_explained(tape, address, sample, error, text):
    """The layer, the unit, the sample or the number."""
    with pytest.raises(error, match=text):
        tape.zoom(address, sample=sample)


def test_numbers_that_were_not_kept_cannot_be_zoomed_into():
    """A step that was summarised says so."""
    tape = sg.record(nn.Linear(2, 3, seed=0), np.ones((4, 2), np.float32))
    tape.steps[0].summarised(0)
    with pytest.raises(SeegradError, match="did not keep"):
        tape.zoom("matmul[0, 0]")


def test_the_samples_of_a_sequence_stand_where_they_stand():
    """Time first: sample 2 of three, and the output that goes on is shown."""
    model = nn.Sequential(Steps())
    x = np.random.default_rng(0).normal(size=(5, 3, 2)).astype(np.float32)
    tape = sg.record(model, x, np.zeros((3, 4), np.float32), loss="mse")
    out = model.layers[0].rnn(x)[0].data
    rows = tape.zoom("0.rnn", sample=2).rows
    assert [brief(out[:, 2, unit]) for unit in range(4)] == [row[1] for row in rows]
    with pytest.raises(IndexRangeError, match="no sample 3 in a batch of 3"):
        tape.zoom("0.rnn", sample=3)


def test_a_unit_that_is_no_sum_of_products_is_a_graph():
    """Of a normalisation: its parts are not simply added."""
    model = nn.Sequential(nn.Linear(2, 3, seed=0), nn.BatchNorm1d(3))
    x = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    zoom = sg.record(model, x, np.zeros((4, 3)), loss="mse").zoom("1[1]", sample=2)
    assert "scalars" == zoom.level
    assert zoom.agrees
    assert "1.weight[1]" in zoom.leaves


def test_numbers_that_differ_are_said_to_differ(tape):
    """The badge is no ornament."""
    zoom = tape.zoom("2.add[3, 1]")
    assert zoom.agrees
    assert "agree, largest difference" in str(zoom)
    wrong = replace(zoom, agrees=False, difference=0.5)
    assert "DIFFER, largest difference 0.5" in str(wrong)
    cells = scalars.Scalars(tape.steps[0], "2")
    number = tape.at(0, "forward", "tanh").deed.output
    cells.cell(number, (0, 0))
    assert cells.agree
    cells.cells[number, (0, 0)]._data += 0.1
    assert not cells.agree


class Steps(nn.Module):
    """The last output of a recurrent layer."""

    def __init__(self):
        self.rnn = nn.RNN(2, 4, seed=0)

    def forward(self, x):
        return self.rnn(x)[0][-1]
