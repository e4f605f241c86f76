"""What is measured of a step is what NumPy says of the same arrays."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.diagnosis import arithmetic
from seegrad.diagnosis.measure import measure
from seegrad.record.summary import summary


def rms(array):
    """The root mean square."""
    return float(np.sqrt((np.asarray(array, float) ** 2).mean()))


@pytest.fixture(scope="module")
def step():
    """One step on moons: the model before and after, its gradients, and the vitals."""
    x, y = sg.data.moons(32, noise=0.1, seed=0)
    model = nn.MLP(2, [6], 1, seed=0)
    before = {name: np.array(p.data) for name, p in model.named_parameters()}
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    with sg.recording(model) as tape:
        loss = sg.losses.bce_with_logits(model(x), y)
        loss.backward()
        optimizer.step()
    return x, y, model, before, float(loss.item()), measure(tape.steps[0])


def test_loss_inputs_and_labels_are_those_of_the_batch(step):
    """Column by column."""
    x, y, _, _, loss, found = step
    assert loss == pytest.approx(found.loss)
    assert ("bce_with_logits", "add") == (found.loss_name, found.last_op)
    assert (32, 2) == found.inputs.shape
    np.testing.assert_allclose(found.inputs.low, x.min(axis=0))
    np.testing.assert_allclose(found.inputs.high, x.max(axis=0))
    np.testing.assert_allclose(found.inputs.std, x.std(axis=0), rtol=1e-5)
    assert {0.0: (y == 0).sum(), 1.0: (y == 1).sum()} == found.labels


def test_weights_gradients_and_updates_are_those_of_the_model(step):
    """Their root mean squares, and the ratio over all of them."""
    _, _, model, before, _, found = step
    moved = weight = 0.0
    for name, p in model.named_parameters():
        vitals = found.parameters[name]
        change = p.data - before[name]
        assert rms(before[name]) == pytest.approx(vitals.size)
        assert rms(p.grad) == pytest.approx(vitals.gradient)
        assert rms(change) == pytest.approx(vitals.update, rel=1e-5)
        assert rms(change) / rms(before[name]) == pytest.approx(vitals.ratio, rel=1e-5)
        assert vitals.was_updated
        assert not vitals.had_gradient
        moved, weight = moved + (change**2).sum(), weight + (before[name] ** 2).sum()
    assert (moved / weight) ** 0.5 == pytest.approx(found.ratio, rel=1e-5)


def test_units_that_are_off_are_those_that_gave_nothing(step):
    """For any row of the batch."""
    x, _, _, before, _, found = step
    hidden = np.maximum(x @ before["0.weight"].T + before["0.bias"], 0.0)
    np.testing.assert_array_equal((hidden == 0.0).all(axis=0), found.units["1"].off)
    assert not found.units["1"].is_output


def test_saturated_is_what_is_near_an_end():
    """Within 0.005 of it."""
    values = np.array([[0.996, 0.0], [-0.9951, 0.99]])
    assert 0.5 == arithmetic.units("tanh", values).saturated
    assert 0.25 == arithmetic.units("sigmoid", np.abs(values) * 0.99).saturated
    assert arithmetic.units("exp", values) is None


def test_inputs_are_seen_as_the_weights_see_them():
    """Pixels up to 255 that the network itself divides by 255 are in scale."""

    class Scaling(nn.Module):
        def __init__(self):
            self.body = nn.MLP(64, [8], 10, seed=0)

        def forward(self, x):
            return self.body(x / 255.0)

    x, y = sg.data.digits()
    x, y = 255.0 * x[:64], y[:64]
    scaled = sg.record(Scaling(), x, y, loss="cross_entropy")
    plain = sg.record(nn.MLP(64, [8], 10, seed=0), x, y, loss="cross_entropy")
    assert [] == sg.doctor(scaled).names
    assert ["unscaled_inputs"] == sg.doctor(plain).names


def test_images_are_measured_by_channel():
    """And an unscaled one is named."""
    x = np.random.default_rng(0).uniform(0.0, 1.0, (16, 2, 5, 5)).astype(np.float32)
    x[:, 1] *= 200.0
    model = nn.Sequential(nn.Conv2d(2, 3, 3, seed=0), nn.Flatten(), nn.Linear(27, 2))
    tape = sg.record(model, x, np.arange(16) % 2, loss="cross_entropy")
    (finding,) = sg.doctor(tape)
    assert "the size of channel 1 is" in finding.evidence


def test_a_sigmoid_is_seen_behind_a_change_of_shape():
    """What only moves numbers computes nothing."""

    class Flat(nn.Module):
        def __init__(self):
            self.body = nn.MLP(2, [8], 1, seed=0)

        def forward(self, x):
            return self.body(x).sigmoid().reshape(-1)

    x, y = sg.data.moons(32, seed=0)
    tape = sg.record(Flat(), x, y.astype(np.float32), loss="bce_with_logits")
    assert ["wrong_output_for_loss"] == sg.doctor(tape).names


def test_what_did_not_lead_to_the_loss_does_not_count():
    """Another prediction in the same step leaves no trace."""
    x, y = sg.data.moons(32, seed=0)
    model, other = nn.Linear(2, 1, seed=0), nn.Linear(2, 1, seed=1)
    with sg.recording(model) as tape:
        other(100.0 * x).sigmoid()
        sg.losses.bce_with_logits(model(x), y).backward()
    found = measure(tape.steps[0])
    assert {"weight", "bias"} == found.parameters.keys()
    np.testing.assert_allclose(found.inputs.high, x.max(axis=0))
    assert "add" == found.last_op


def test_a_summary_answers_only_what_it_knows():
    """Its size and whether it is finite; not its columns."""
    array = np.random.default_rng(0).normal(size=(20, 3))
    known = summary(array)
    assert rms(array) == pytest.approx(arithmetic.size(known))
    assert abs(array).max() == pytest.approx(arithmetic.largest(known))
    assert arithmetic.is_finite(known)
    assert not arithmetic.is_finite(summary(np.array([1.0, np.nan])))
    assert arithmetic.columns(known) is None
    assert arithmetic.labels(known) is None
    assert arithmetic.units("relu", known) is None
    assert not arithmetic.rows_alike(known)


def test_labels_are_whole_numbers_one_for_each_row():
    """Anything else is an amount."""
    assert {0.0: 1, 2.0: 2} == arithmetic.labels([0, 2, 2])
    assert {0.0: 1, 2.0: 2} == arithmetic.labels([[0.0], [2.0], [2.0]])
    assert arithmetic.labels([0.5, 1.0]) is None
    assert arithmetic.labels([[0, 1], [1, 0]]) is None
    assert arithmetic.labels([np.nan, 1.0]) is None
    assert arithmetic.labels(np.arange(200)) is None


def test_shares_are_rows_that_add_up_to_one():
    """Which is how a softmax is known by its output."""
    assert arithmetic.columns([[0.25, 0.75], [1.0, 0.0]]).are_shares
    assert not arithmetic.columns([[0.25, 0.5], [1.0, 0.0]]).are_shares
    assert not arithmetic.columns([[1.5, -0.5], [1.0, 0.0]]).are_shares
    assert not arithmetic.columns([[1.0], [1.0]]).are_shares
