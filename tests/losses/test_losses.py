"""Every loss: PyTorch's numbers and slopes, and an answer to every bad target."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad import losses
from seegrad.errors import ArgumentError, DataError, SeegradError
from seegrad.losses.base import REDUCTIONS, SAMPLES
from seegrad.mode import tracing
from seegrad.ops.functions import alias

FILE = Path(__file__).parents[1] / "reference" / "losses.npz"
with np.load(FILE) as archive:
    REFERENCE = dict(archive)
CASES = sorted({key.rsplit("/", 1)[0] for key in REFERENCE})
GOOD = [s for s in SAMPLES if s.error is None]
BAD = [s for s in SAMPLES if s.error is not None]
EPSILON = {"float32": 1.3e-6, "float64": 1e-12}


class Tracer:
    """Stands in for the numbers, as a trace does, and lets nobody read one."""

    def __init__(self):
        self.conditions = []

    def data(self, node):
        """A node instead of its array."""
        return alias(node)

    def made(self, node, thing):
        """Constants are no concern of this test."""

    def reading(self, node):
        """A loss that reads a number cannot be compiled."""
        pytest.fail(f"{node} was read")

    def require(self, condition):
        """What the compiled step will check."""
        self.conditions.append(condition)


def told(sample):
    """The name of a sample in the report of the tests."""
    return f"{sample.loss.__name__}-{sample.text or sample.target}"


def numerical(function, x):
    """The gradient by central differences, in float64."""
    x, out = np.array(x, np.float64), np.zeros(np.shape(x))
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = 1e-6
        out[index] = (function(x + step) - function(x - step)) / 2e-6
    return out


@pytest.mark.parametrize("case", CASES)
def test_values_and_slopes_are_pytorchs(case):
    """Each reduction, and the gradient of the mean, also at logits of 10,000."""
    name, _, dtype = case.split("/")
    x = sg.tensor(REFERENCE[f"{case}/prediction"], requires_grad=True)
    target = REFERENCE[f"{case}/target"]
    for reduction in REDUCTIONS:
        out = losses.get(name)(x, target, reduction=reduction)
        expected = REFERENCE[f"{case}/{reduction}"]
        assert (expected.shape, dtype) == (out.shape, out.dtype)
        np.testing.assert_allclose(out.data, expected, EPSILON[dtype], EPSILON[dtype])
    losses.get(name)(x, target).backward()
    expected = REFERENCE[f"{case}/gradient"]
    np.testing.assert_allclose(x.grad, expected, EPSILON[dtype], EPSILON[dtype])


def test_every_loss_has_samples():
    """A new loss brings its `sample(...)` and `refuse(...)` calls in its own file."""
    assert set(losses.LOSSES) == {s.loss.__name__ for s in GOOD}
    assert set(losses.LOSSES) == {s.loss.__name__ for s in BAD}


@pytest.mark.parametrize("sample", GOOD, ids=told)
def test_slopes_are_those_of_finite_differences(sample):
    """Where the curve is smooth; extremes have reference values instead."""
    if np.abs(sample.prediction).max() > 100.0:
        return
    x = sg.tensor(np.array(sample.prediction, np.float64), requires_grad=True)
    sample.loss(x, sample.target).backward()
    expected = numerical(lambda x: sample.loss(x, sample.target).item(), x.data)
    np.testing.assert_allclose(x.grad, expected, 1e-6, 1e-8)


@pytest.mark.parametrize("sample", GOOD, ids=told)
def test_a_loss_can_be_differentiated_twice(sample):
    """The hessian times a vector is the difference of two gradients."""
    if np.abs(sample.prediction).max() > 100.0:
        return
    x = np.array(sample.prediction, np.float64)
    v = np.linspace(-1.0, 1.0, x.size).reshape(x.shape)

    def loss(x):
        return sample.loss(x, sample.target)

    slope = sg.grad(loss)
    expected = (slope(x + 1e-5 * v).data - slope(x - 1e-5 * v).data) / 2e-5
    found = sg.hessian_vector(loss)(x, v).data
    np.testing.assert_allclose(found, expected, 1e-5, 1e-7)


@pytest.mark.parametrize("sample", GOOD, ids=told)
@pytest.mark.parametrize("scale", [1e4, -1e4])
def test_extremes_stay_finite(sample, scale):
    """Values and slopes in float32, at 10,000 on either side of either target."""
    x = np.sign(np.array(sample.prediction, np.float32)) * np.float32(scale)
    x = sg.tensor(x, requires_grad=True)
    out = sample.loss(x, sample.target)
    out.backward()
    assert np.isfinite(out.item())
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize("sample", GOOD, ids=told)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_is_that_of_the_prediction(sample, dtype):
    """Whatever kind of numbers the target holds, also as a tensor."""
    x = sg.tensor(sample.prediction, dtype=dtype, requires_grad=True)
    target = np.asarray(sample.target)
    for given_target in (target, sg.tensor(target), target.tolist()):
        out = sample.loss(x, given_target)
        out.backward()
        assert [dtype, dtype] == [out.dtype, x.grad.dtype]


@pytest.mark.parametrize("sample", GOOD, ids=told)
def test_the_mean_is_the_sum_by_the_count(sample):
    """And both are those of the single losses."""
    single = sample.loss(sample.prediction, sample.target, reduction="none").data
    total = sample.loss(sample.prediction, sample.target, reduction="sum").item()
    mean = sample.loss(sample.prediction, sample.target).item()
    assert single.sum() == pytest.approx(total)
    assert single.mean() == pytest.approx(mean)
    assert (single >= 0.0).all()
    assert not np.signbit(single).any()


@pytest.mark.parametrize("sample", GOOD, ids=told)
def test_a_loss_is_computed_and_checked_without_reading_a_number(sample):
    """Same value; what is required of the targets is handed on, and it holds."""
    x, t = sg.tensor(sample.prediction), sg.tensor(sample.target)
    tracer = Tracer()
    with tracing(tracer):
        out = sample.loss(x, t)
    assert sample.loss(x, t).item() == out.item()
    assert all(condition.all().item() for condition in tracer.conditions)
    assert tracer.conditions or t.dtype == sg.int64


@pytest.mark.parametrize("sample", [s for s in BAD if s.error is DataError], ids=told)
def test_a_bad_target_breaks_a_condition(sample):
    """So that a compiled step stops where the eager one would."""
    x, t = sg.tensor(sample.prediction), sg.tensor(sample.target)
    tracer = Tracer()
    if not x.size:
        return
    with tracing(tracer), suppress(SeegradError):
        sample.loss(x, t)
    assert not all(condition.all().item() for condition in tracer.conditions)


@pytest.mark.parametrize("sample", BAD, ids=told)
def test_a_bad_target_gets_its_error(sample):
    """A typed error that says what, which loss, and what to try."""
    with pytest.raises(sample.error) as caught:
        sample.loss(sample.prediction, sample.target)
    assert sample.text in str(caught.value)
    assert sample.loss.__name__ == caught.value.where
    assert caught.value.hint


@pytest.mark.parametrize("name", sorted(losses.LOSSES))
def test_what_is_not_numbers_is_refused(name):
    """Text, nothing and ragged lists, as prediction and as target."""
    loss = losses.get(name)
    for thing in ("text", None, [[1.0], [1.0, 2.0]]):
        with pytest.raises(SeegradError) as caught:
            loss(thing, [1])
        assert name == caught.value.where
        with pytest.raises(SeegradError) as caught:
            loss([[0.5, 1.0]], thing)
        assert name == caught.value.where


@pytest.mark.parametrize("name", sorted(losses.LOSSES))
def test_an_unknown_reduction_suggests_the_nearest(name):
    """And names the loss."""
    sample = next(s for s in GOOD if s.loss.__name__ == name)
    with pytest.raises(ArgumentError, match="try  'mean'") as caught:
        sample.loss(sample.prediction, sample.target, reduction="maen")
    assert name == caught.value.where


def test_a_loss_is_found_by_name():
    """A misspelt name suggests the nearest; a function is taken as it is."""
    assert losses.mse is losses.get("mse")
    assert len is losses.get(len)
    for wrong in ("mce", 3):
        with pytest.raises(ArgumentError, match="try "):
            losses.get(wrong)


def test_labels_of_rows_pair_with_a_column_of_scores():
    """(N,) labels and (N, 1) scores give N losses, never N x N."""
    scores, bits = [[2.0], [-1.0], [0.5]], np.array([1, 0, 1])
    for loss, target in (
        (losses.bce_with_logits, bits),
        (losses.hinge, 2 * bits - 1),
    ):
        paired = loss(scores, target, reduction="none")
        assert (3, 1) == paired.shape
        expected = loss(scores, target.reshape(3, 1), reduction="none")
        assert expected.tolist() == paired.tolist()


def test_a_target_can_be_differentiated_too():
    """The mse between two networks teaches both."""
    x, y = (sg.tensor([v], requires_grad=True) for v in (1.0, 3.0))
    losses.mse(x, y).backward()
    assert [-4.0, 4.0] == [x.grad.item(), y.grad.item()]


def test_an_untrained_classifier_loses_log_c():
    """Equal logits give every class the same chance."""
    assert np.log(10.0) == pytest.approx(
        losses.cross_entropy(np.zeros((4, 10)), [0, 3, 9, 9]).item()
    )


@given(
    st.integers(1, 6),
    st.integers(2, 5),
    st.floats(-1e4, 1e4),
    st.integers(0, 1000),
)
def test_cross_entropy_ignores_a_common_shift(rows, classes, shift, seed):
    """Only differences of logits count, and float32 stays finite."""
    x = sg.randn((rows, classes), seed=seed).data
    labels = np.arange(rows) % classes
    plain = losses.cross_entropy(x, labels).item()
    shifted = losses.cross_entropy(x + np.float32(shift), labels).item()
    assert plain == pytest.approx(shifted, abs=1e-2)


@given(st.floats(-1e4, 1e4, width=32), st.floats(0.0, 1.0, width=32))
def test_bce_is_finite_wherever_the_logit_is(logit, target):
    """Value and slope; the slope is sigmoid(x) - t."""
    x = sg.tensor([logit], requires_grad=True)
    out = losses.bce_with_logits(x, [target])
    out.backward()
    assert np.isfinite(out.item())
    assert sg.sigmoid(x).item() - target == pytest.approx(x.grad.item(), abs=1e-6)


def test_an_impossible_class_does_not_spoil_the_others():
    """A logit of -inf is a class that is ruled out: no loss, no slope, no NaN."""
    x = sg.tensor([[0.0, -np.inf, 0.0]], requires_grad=True)
    out = losses.cross_entropy(x, [0])
    out.backward()
    assert np.log(2.0) == pytest.approx(out.item())
    assert [[-0.5, 0.0, 0.5]] == x.grad.tolist()
    assert np.inf == losses.cross_entropy(x, [1]).item()


@pytest.mark.parametrize("name", ["mse", "l1", "bce_with_logits", "hinge"])
def test_a_nan_in_the_prediction_is_passed_on(name):
    """The loss says that something broke; it does not hide it."""
    assert np.isnan(losses.get(name)([np.nan, 1.0], [1, 1]).item())


@pytest.mark.parametrize("name", ["mse", "l1", "bce_with_logits", "hinge"])
def test_single_numbers_can_be_compared(name):
    """0-d predictions and targets, as for one example."""
    assert () == losses.get(name)(0.5, 1.0).shape
