"""Accuracy: the same fraction as scikit-learn's, and errors instead of wrong ones."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import metrics
from seegrad.errors import (
    ArgumentError,
    DataError,
    DtypeError,
    SeegradError,
    ShapeError,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("expected", "prediction", "target"),
    [
        (1.0, [[0.1, 2.0], [3.0, 0.2]], [1, 0]),
        (0.5, [[0.1, 2.0], [3.0, 0.2]], [[1], [1]]),
        (0.75, [[2.0], [-1.0], [0.5], [0.1]], [1, 0, 1, 0]),
        (0.5, [2.0, -1.0], [True, True]),
        (0.5, [2.0, -1.0], [1.0, 1.0]),
        (1.0, [2.0, -1.0], [1, -1]),
        (0.0, [0.0, 0.0], [1, 1]),
        (1.0, [1, 0, 2], [1, 0, 2]),
        (0.5, [True, False], [1, 1]),
        (0.0, [[NAN, 1.0], [1.0, NAN]], [0, 0]),
        (0.0, [NAN, NAN], [0, 1]),
        (1.0, [[1.0, 1.0]], [0]),
    ],
)
def test_the_fraction_that_is_right(expected, prediction, target):
    """Rows of scores, single scores, classes; a tie goes to the first; NaN is wrong."""
    for read in (lambda x: x, np.array, sg.tensor):
        found = metrics.accuracy(read(prediction), read(target))
        assert expected == found
        assert float is type(found)


def test_probabilities_have_their_threshold_in_the_middle():
    """0 for logits, 0.5 for what a sigmoid gave."""
    assert 1.0 == metrics.accuracy([0.9, 0.2], [1, 0], threshold=0.5)
    assert 0.5 == metrics.accuracy([0.9, 0.2], [1, 0])


def test_a_tensor_that_needs_a_gradient_is_only_looked_at():
    """The output of a network can be judged as it is."""
    x = sg.tensor([[0.1, 2.0]], requires_grad=True)
    assert 1.0 == metrics.accuracy(x * 2.0, [1])


@pytest.mark.parametrize(
    ("prediction", "target", "error", "text"),
    [
        ([], [], DataError, "nothing to measure"),
        ([1.0], [], DataError, "nothing to measure"),
        ([1.0, 2.0], [1], ShapeError, "2 predictions"),
        ([[1.0, 2.0]], [[0, 1]], ShapeError, "argmax"),
        ([[[1.0]]], [1], ShapeError, "(examples, classes)"),
        (1.0, 1, ShapeError, "(examples, classes)"),
        ([1.0, 2.0], [1.0, NAN], DataError, "nan at index 1"),
        ([1.0, 2.0], [1.0, 0.5], DtypeError, "not whole"),
        ([[1.0, 2.0]], [2], DataError, "class 2 does not exist"),
        ([[1.0, 2.0]], [-1], DataError, "class -1 does not exist"),
        ([1.0, 2.0], [0, 2], DataError, "[0, 2]"),
        ([1.0, 2.0], [0, -1], DataError, "[-1, 0]"),
        ("text", [1], DtypeError, "str"),
    ],
)
def test_what_cannot_be_judged_is_refused(prediction, target, error, text):
    """A typed error that says what, where and what to try."""
    with pytest.raises(error) as caught:
        metrics.accuracy(prediction, target)
    assert text in str(caught.value)
    assert "accuracy" == caught.value.where
    assert caught.value.hint


def test_a_metric_is_found_by_name():
    """A misspelt name suggests the nearest; a function is taken as it is."""
    assert metrics.accuracy is metrics.get("accuracy")
    assert max is metrics.get(max)
    with pytest.raises(ArgumentError, match="try  'accuracy'"):
        metrics.get("acuracy")


@pytest.mark.parametrize("name", sorted(metrics.METRICS))
def test_every_metric_gives_a_float_and_refuses_no_data(name):
    """The contract of a metric: a Python float, a typed error for no data."""
    metric = metrics.get(name)
    assert isinstance(metric([[0.1, 0.9], [0.8, 0.2]], [1, 0]), float)
    with pytest.raises(SeegradError):
        metric([], [])
