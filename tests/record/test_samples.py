"""The samples of a step are found by following them, and the receipt says where."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import ArgumentError

RECURRENT = [nn.RNN, nn.LSTM, nn.GRU]
ROWS = 4


class Last(nn.Module):
    """The last output of a recurrent layer."""

    def __init__(self, kind, batch_first):
        self.layer = kind(3, 4, batch_first=batch_first, seed=0)

    def forward(self, x):
        out = self.layer(x)[0]
        return out[:, -1] if self.layer.batch_first else out[-1]


class Words(nn.Module):
    """Word by word into attention, then the mean over words."""

    def __init__(self):
        self.embedding = nn.Embedding(7, 4, seed=0)
        self.block = nn.TransformerBlock(4, 2, seed=0)
        self.head = nn.Linear(4, 3, seed=0)

    def forward(self, x):
        return self.head(sg.mean(self.block(self.embedding(x)), 1))


class Twin(nn.Module):
    """Numbers that are treated alike along both axes."""

    def __init__(self):
        self.scale = nn.Parameter([2.0])

    def forward(self, x):
        return x * self.scale


def numbers(*shape, seed=0):
    """Normal random numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("kind", RECURRENT, ids=lambda kind: kind.__name__)
def test_a_sequence_as_long_as_its_batch_is_not_mistaken(kind, batch_first):
    """Each part is the gradient of that sequence run alone, wherever time stands."""
    x, y = numbers(ROWS, ROWS, 3), numbers(ROWS, 4, seed=1)
    model = Last(kind, batch_first)
    receipt = sg.record(model, x, y, loss="mse").why("layer.weight_hh_l0[0, 1]")
    assert receipt.proved
    assert {"x": 1 - batch_first, "y": 0} == receipt.axes
    for k in range(ROWS):
        model.zero_grad()
        alone = x[k : k + 1] if batch_first else x[:, k : k + 1]
        sg.losses.mse(model(alone), y[k : k + 1]).backward()
        expected = float(model.layer.weight_hh_l0.grad[0, 1]) / ROWS
        assert expected == pytest.approx(receipt.samples[k], rel=1e-3, abs=1e-8)


def test_the_samples_of_words_are_sentences():
    """As many words as sentences: attention mixes words, an embedding keeps rows."""
    x = np.random.default_rng(0).integers(0, 7, size=(ROWS, ROWS))
    y = np.array([0, 1, 2, 0])
    model = Words()
    tape = sg.record(model, x, y, loss="cross_entropy")
    for address in ("embedding.weight[1, 1]", "head.weight[0, 0]"):
        receipt = tape.why(address)
        assert receipt.proved, str(receipt)
        assert {"x": 0, "y": 0} == receipt.axes
    holding = {k for k, row in enumerate(x) if 1 in row}
    assert holding == set(tape.why("embedding.weight[1, 1]").samples)


def test_a_normalised_batch_of_images_has_its_samples():
    """The mean of a batch is of no sample, and rows stay apart around it."""
    x, y = numbers(6, 1, 6, 6), np.array([0, 1, 0, 1, 1, 0])
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, seed=0), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(8, 2, seed=0),
    )  # fmt: skip
    tape = sg.record(model, x, y, loss="cross_entropy")
    for address in ("0.weight[0, 0, 0, 0]", "1.weight[0]", "6.bias[1]"):
        receipt = tape.why(address)
        assert receipt.proved, str(receipt)
        assert {"x": 0, "y": 0} == receipt.axes
        assert 6 == len(receipt.samples)


def test_the_receipt_says_which_axis_and_takes_another_one():
    """What is alike along both axes has two answers; both add up."""
    x, y = numbers(3, 3), numbers(3, 3, seed=1)
    tape = sg.record(Twin(), x, y, loss="mse")
    rows, columns = tape.why("scale[0]"), tape.why("scale[0]", samples=1)
    assert "by sample (axis 0 of x and axis 0 of y)" in str(rows)
    assert "by sample (axis 1 of x and axis 1 of y)" in str(columns)
    share = 2.0 * (2.0 * x - y) * x / 9.0
    for receipt, axis in ((rows, 1), (columns, 0)):
        assert receipt.proved
        assert share.sum(axis) == pytest.approx(list(receipt.samples.values()))
    assert rows.samples == tape.why("scale[0]", samples=-2).samples


def test_an_axis_that_no_data_has_is_refused():
    """With the shapes that there are."""
    tape = sg.record(Twin(), numbers(3, 3), numbers(3, 3), loss="mse")
    with pytest.raises(ArgumentError, match=r"no data has an axis 2.*\(3, 3\)"):
        tape.why("scale[0]", samples=2)


def test_what_belongs_to_no_sample_is_said():
    """Weight decay in the loss: its part of the gradient is of none."""
    x, y = numbers(4, 2), numbers(4, 1, seed=1)
    model = nn.Linear(2, 1, seed=0)
    with sg.recording(model) as tape:
        loss = sg.losses.mse(model(x), y) + 0.5 * sg.sum(model.weight * model.weight)
        loss.backward()
    receipt = tape.why("weight[0, 1]")
    assert receipt.proved, str(receipt)
    assert receipt.shared == pytest.approx(float(model.weight.data[0, 1]))
    assert 4 == len(receipt.samples)


def test_single_numbers_have_no_samples():
    """And no line about them."""
    w = sg.Value(2.0, name="w", requires_grad=True)
    with sg.recording() as tape:
        (w * 3.0).backward()
    receipt = tape.why("w")
    assert ({}, {}) == (receipt.samples, receipt.axes)
    assert "sample" not in str(receipt)


@pytest.mark.usefixtures("own_ops")
def test_an_op_that_nobody_can_see_into_keeps_an_axis_of_the_same_length():
    """A user's own op: rows stay rows."""
    op = sg.op.opaque(method=False)(_doubled)
    op.derivatives(x=lambda g, out, x: g * 2.0)
    x, y = numbers(4, 2), numbers(4, 3, seed=1)
    model = nn.Linear(2, 3, seed=0)
    with sg.recording(model) as tape:
        sg.losses.mse(op(model(x)), y).backward()
    receipt = tape.why("bias[0]")
    assert receipt.proved, str(receipt)
    assert 4 == len(receipt.samples)
    assert 4 == len(tape.why("loss").samples)


def _doubled(xp, x, /):
    """x + x, in a way that says nothing of itself"""
    return x + x
