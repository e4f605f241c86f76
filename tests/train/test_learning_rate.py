"""A schedule inside `fit`: per epoch, per batch, and whose it has to be."""

import pytest

from seegrad import data, nn, optim, train
from seegrad.errors import ArgumentError, InputTypeError


def fitted(callback, sgd, model):
    """Two epochs of two batches; the learning rate that each batch was trained with."""
    rates = []

    class Rates(train.Callback):
        def before_batch(self, trainer):
            rates.append(trainer.optimizer.lr)

    x, y = data.moons(64, seed=0)
    settings = {"loss": "bce_with_logits", "optimizer": sgd, "epochs": 2}
    train.fit(model, x, y, callbacks=[callback, Rates()], progress=False, **settings)
    return rates


@pytest.mark.parametrize(
    ("each", "expected"),
    [("epoch", [1.0, 1.0, 0.5, 0.5]), ("batch", [1.0, 0.5, 0.25, 0.125])],
)
def test_the_learning_rate_follows_its_schedule(each, expected):
    """After each epoch, or after each batch; what comes next uses it."""
    model = nn.MLP(2, [4], 1, seed=0)
    sgd = optim.SGD(model.parameters(), lr=1.0)
    callback = train.LearningRate(optim.ExponentialLR(sgd, 0.5), each)
    assert expected == fitted(callback, sgd, model)


def test_a_second_fit_goes_on():
    """The schedule counts over all of them."""
    model = nn.MLP(2, [4], 1, seed=0)
    sgd = optim.SGD(model.parameters(), lr=1.0)
    callback = train.LearningRate(optim.ExponentialLR(sgd, 0.5))
    fitted(callback, sgd, model)
    assert [0.25, 0.25, 0.125, 0.125] == fitted(callback, sgd, model)
    assert "LearningRate(ExponentialLR(gamma=0.5), each='epoch')" == repr(callback)


def test_a_schedule_of_another_optimizer_is_refused():
    """It would change nothing here."""
    model = nn.MLP(2, [4], 1, seed=0)
    one, other = (optim.SGD(model.parameters(), lr=1.0) for _ in range(2))
    callback = train.LearningRate(optim.ExponentialLR(one, 0.5))
    with pytest.raises(ArgumentError, match="belongs to another optimizer"):
        fitted(callback, other, model)
    assert 1.0 == one.lr


def test_what_is_no_schedule_is_refused():
    """Nor any moment but two."""
    with pytest.raises(InputTypeError, match="follows a schedule, not float"):
        train.LearningRate(0.1)
    schedule = optim.ExponentialLR(optim.SGD([nn.Parameter(1.0)]), 0.5)
    with pytest.raises(ArgumentError, match="'step'"):
        train.LearningRate(schedule, "step")
