"""evaluate and predict: right for any batch size, and without a trace."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad import nn
from seegrad.train import evaluate, predict


class Spy(nn.Module):
    """Passes its input on, and notes mode and recording."""

    def __init__(self):
        self.scale = nn.Parameter([1.0])
        self.seen = []

    def forward(self, x):
        out = self.scale * x
        self.seen.append((self.training, out.requires_grad, len(x)))
        return out


@given(rows=st.integers(1, 40), size=st.integers(1, 50))
def test_predictions_do_not_depend_on_the_batch_size(rows, size):
    """Every row is predicted once, in order."""
    x = np.arange(2 * rows, dtype=np.float32).reshape(rows, 2)
    model = nn.MLP(2, [3], 2, seed=0)
    expected = predict(model, x, batch_size=1000)
    np.testing.assert_allclose(expected, predict(model, x, batch_size=size), rtol=1e-5)


def test_predictions_are_plain_float32_rows():
    """float64 in, the model's own precision out."""
    prediction = predict(nn.Linear(2, 3, seed=0), np.ones((5, 2)))
    assert ((5, 3), np.float32) == (prediction.shape, prediction.dtype)


def test_nothing_is_recorded_and_dropout_stands_still():
    """Evaluation mode and no graph; three batches of at most two rows."""
    spy = Spy()
    predict(spy, np.ones((5, 2)), batch_size=2)
    assert [(False, False, 2), (False, False, 2), (False, False, 1)] == spy.seen
    assert spy.training


def test_scores_are_taken_over_all_rows_at_once():
    """A maximum is not a mean of maxima of batches."""

    def largest(prediction, target):
        return float(prediction.max().item())

    x = np.array([[1.0], [5.0], [2.0]])
    scores = evaluate(Spy(), x, x, loss="l1", metrics=[largest], batch_size=1)
    assert {"loss": 0.0, "largest": 5.0} == scores


def test_the_mode_is_restored_when_a_forward_fails():
    """Whatever the model raises, it leaves in the mode in which it came."""

    class Failing(nn.Module):
        def forward(self, x):
            raise ZeroDivisionError

    model = Failing().train()
    with pytest.raises(ZeroDivisionError):
        predict(model, [[1.0]])
    assert model.training


def test_gradients_are_left_alone():
    """Looking at a model does not change what it is about to learn."""
    model = nn.Linear(2, 1, seed=0)
    model(np.ones((3, 2), np.float32)).sum().backward()
    before = [p.grad.copy() for p in model.parameters()]
    evaluate(model, np.ones((3, 2)), np.ones((3, 1)), loss="mse")
    for g, p in zip(before, model.parameters(), strict=True):
        np.testing.assert_array_equal(g, p.grad)
