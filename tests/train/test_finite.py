"""NaN stops training at once, and the first operation that made it is named."""

import numpy as np
import pytest

from seegrad import data, errors, nn, optim
from seegrad.backpropagation import ordered
from seegrad.train import Callback, fit
from seegrad.train.finite import first_nonfinite
from seegrad.value import Value

X, Y = data.moons(60, noise=0.1, seed=0)


def broken(model, loss, lr=0.01, **settings):
    """The error of a fit that meets a number that is not finite."""
    optimizer = optim.SGD(model.parameters(), lr=lr)
    with pytest.raises(errors.NonFiniteError) as caught:
        fit(model, X, Y, loss=loss, optimizer=optimizer, batch_size=20, **settings)
    return caught.value


def squared(prediction, target):
    """A loss that grows with the square of what is wrong."""
    return ((prediction.squeeze(1) - target) ** 2).mean()


def log_loss(prediction, target):
    """A loss with a logarithm of zero in it."""
    return ((prediction - prediction).log() * 2.0).mean()


@pytest.mark.usefixtures("unchanged")
def test_the_first_operation_is_named_with_its_layer(model):
    """Epoch, step, operation, how many, in what shape, and after which layer."""
    error = broken(model, log_loss)
    assert "became -inf at epoch 1 of 10, step 1 of 3" in error.what
    assert "is log, with 20 inf among 20 numbers (shape (20, 1))" in error.what
    assert "log, in or after layer 2, Linear(4 -> 1)" == error.where
    assert "keep the input of log away from 0" in error.hint


def test_the_parameters_are_those_before_the_step(model):
    """The step of the bad loss does not happen: nothing moves after the one before."""

    class Keep(Callback):
        def before_batch(self, trainer):
            self.state = trainer.model.state_dict()

    keep = Keep()
    error = broken(model, squared, lr=1e30, callbacks=[keep])
    assert "step 2 of 3" in error.what
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(keep.state[name], array)


def test_an_overflow_blames_the_learning_rate(model):
    """Numbers grew out of range: the remedy is a smaller step."""
    error = broken(model, squared, lr=1e30)
    assert "a smaller learning rate than 1e+30" in error.hint


@pytest.mark.usefixtures("unchanged")
def test_a_gradient_can_be_nan_though_the_loss_is_not(model):
    """sqrt(0) is 0, and its slope is infinite: the backward pass is watched as well."""
    error = broken(model, lambda p, t: ((p - p) ** 0.5).mean())
    assert "the gradient of 0.weight holds 8 nan among 8 numbers" in error.what
    assert "though the loss is 0: the first derivative" in error.what
    assert error.what.endswith("is that of pow")


def test_a_parameter_that_was_nan_before_is_said_to_be_so(model):
    """The fault lies with what was loaded, not with any operation."""
    state = model.state_dict()
    state["2.bias"] = np.float32([np.nan])
    model.load_state_dict(state)
    error = broken(model, "bce_with_logits")
    assert "parameter 2.bias already held 1 nan among 1 numbers" in error.what
    assert "layer 2, Linear(4 -> 1)" == error.where


def test_a_constant_loss_of_nan_is_said_to_be_so(model):
    """A NaN that came in without any operation with a gradient."""
    error = broken(model, lambda p, t: p.mean() + float("nan"))
    assert "before any operation with a gradient" in error.what


def test_the_last_update_is_watched_too(model):
    """Nothing would look at the parameters after the last step."""

    class Spoil(Callback):
        def after_step(self, trainer):
            if trainer.step == trainer.steps:
                p = trainer.model.parameters()[0]
                p.assign(p.data * np.float32(np.inf))

    error = broken(model, "bce_with_logits", epochs=1, callbacks=[Spoil()])
    assert "the last update of epoch 1 left 8 inf" in error.what
    assert "in 0.weight" in error.what


def test_a_layer_without_a_number_is_named_by_itself():
    """A single Linear is no part of anything."""
    error = broken(nn.Linear(2, 1, seed=0), log_loss)
    assert "log, in or after Linear(2 -> 1)" == error.where


def test_what_was_not_finite_from_the_start_is_not_blamed():
    """A mask of minus infinity is no fault; the operation after it may be."""
    mask = Value(float("-inf"), requires_grad=False)
    x = Value(0.0)
    masked = x + mask
    assert first_nonfinite(ordered(masked.exp())) is None
    assert "log" == first_nonfinite(ordered(masked.exp() + x.log())).op.name


def test_the_gradient_of_every_parameter_is_watched(model):
    """Only the last one is NaN; the derivative that made it is named."""

    def flat(prediction, target):
        return squared(prediction, target) + (model[2].bias * 0.0).sqrt().sum()

    error = broken(model, flat)
    assert "the gradient of 2.bias holds 1 nan among 1 numbers" in error.what
    assert "the first derivative that is not finite is that of sqrt" in error.what


class Wild(nn.Module):
    """A model with dropout, and with a logarithm that meets zero one day."""

    def __init__(self):
        self.layer = nn.Linear(2, 16, seed=0)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.dropout(self.layer(x).exp()).sum(1, keepdim=True).log()


class Keep(Callback):
    """The parameters before every step."""

    def __init__(self):
        self.states = []

    def before_batch(self, trainer):
        self.states.append(trainer.model.state_dict())


@pytest.mark.parametrize("lr", [30.0, 100.0])
def test_a_compiled_step_finds_the_same_culprit(lr):
    """The step that fails runs again eagerly, with the random numbers that it had."""
    told = []
    for compile in (True, False):
        model, keep = Wild(), Keep()
        told.append(broken(model, squared, lr, callbacks=keep, compile=compile))
        assert len(keep.states) > 2  # found by the native code, not while it was traced
        np.testing.assert_equal(keep.states[-1], model.state_dict())
    assert str(told[1]) == str(told[0])


def test_a_compiled_step_finds_a_bad_gradient():
    """The loss is 0, its slope is not finite: nothing has moved when it is said."""
    x = X.copy()
    x[40:] = 0.0
    model, keep = nn.Linear(2, 1, bias=False, seed=0), Keep()
    sgd = optim.SGD(model.parameters(), lr=0.01)
    settings = {"shuffle": False, "batch_size": 20, "callbacks": keep}
    with pytest.raises(errors.NonFiniteError) as caught:
        fit(model, x, Y, loss=distance, optimizer=sgd, **settings)
    assert "the gradient of weight holds 2 nan among 2 numbers" in caught.value.what
    assert "step 3 of 3" in caught.value.what
    assert caught.value.what.endswith("is that of pow")
    np.testing.assert_equal(keep.states[-1], model.state_dict())


def distance(prediction, target):
    """How far the predictions are from zero, all together."""
    return (prediction**2).sum() ** 0.5
