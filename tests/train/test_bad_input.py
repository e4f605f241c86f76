"""Bad input to fit: a typed error in three lines, and a model that is as it was."""

import numpy as np
import pytest

from seegrad import errors, nn, optim
from seegrad.train import Callback, EarlyStopping, evaluate, fit, predict

X = np.linspace(-1.0, 1.0, 20, dtype=np.float32).reshape(10, 2)
Y = (X[:, 0] > 0).astype(np.int64)


def with_nan(array):
    """A copy with a NaN in its fourth row."""
    copy = np.array(array, dtype=np.float32)
    copy.reshape(len(copy), -1)[3, -1] = np.nan
    return copy


def detached(prediction, target):
    """A loss that forgets where it came from."""
    return prediction.detach().mean()


class Late(Callback):
    """A callback that must never be reached."""

    def before_fit(self, trainer):
        raise AssertionError


CASES = [
    (
        {"x": with_nan(X)},
        errors.DataError,
        "x holds 1 numbers of 20 that are not finite; the first is nan at x[3, 1]",
    ),
    (
        {"y": with_nan(Y)},
        errors.DataError,
        "y holds 1 numbers of 10 that are not finite; the first is nan at y[3]",
    ),
    ({"x": X * np.nan}, errors.DataError, "x holds 20 numbers of 20"),
    ({"x": X[:0], "y": Y[:0]}, errors.DataError, "x is empty"),
    ({"y": Y[:-1]}, errors.DataError, "x has 10 rows and y has 9"),
    ({"x": 3.0}, errors.InputTypeError, "x must be an array with one row"),
    ({"x": [[1.0], [1.0, 2.0]]}, errors.InputTypeError, "rows of different lengths"),
    ({"x": np.ones((10, 3))}, errors.ShapeError, "inner sizes 3 and 2 differ"),
    ({"y": np.array(list("ab") * 5)}, errors.DtypeError, "np.unique(labels"),
    ({"y": Y + 1}, errors.DataError, "2"),
    ({"y": np.ones((10, 3))}, errors.ShapeError, "(10, 3)"),
    ({"loss": "mce"}, errors.ArgumentError, "try  'mse'"),
    ({"loss": 3}, errors.InputTypeError, "loss must be a name or a function"),
    ({"loss": detached}, errors.GradientError, "does not depend on any parameter"),
    ({"loss": lambda p, t: p}, errors.ShapeError, "one number, not shape (10, 1)"),
    ({"loss": lambda p, t: 1.0}, errors.InputTypeError, "returned float"),
    ({"optimizer": "adm"}, errors.ArgumentError, "try  'adam'"),
    ({"optimizer": 0.1}, errors.InputTypeError, "not 0.1"),
    ({"optimizer": optim.Adam}, errors.InputTypeError, "name or an optimizer"),
    ({"metrics": ["acuracy"]}, errors.ArgumentError, "try  'accuracy'"),
    ({"metrics": ["accuracy"] * 2}, errors.ArgumentError, "two things to record"),
    ({"epochs": -1}, errors.ArgumentError, "epochs must be 0 or more, not -1"),
    ({"epochs": 1.5}, errors.InputTypeError, "epochs must be a whole number"),
    ({"batch_size": 0}, errors.ArgumentError, "batch_size must be 1 or more"),
    ({"seed": -1}, errors.ArgumentError, "seed must be 0 or more"),
    ({"validation_data": X}, errors.InputTypeError, "must be a pair (x, y)"),
    (
        {"validation_data": (X[:, :1], Y)},
        errors.ShapeError,
        "rows of the validation data have shape (1,), and those of x (2,)",
    ),
    ({"validation_data": (X, Y[:3])}, errors.DataError, "y has 3"),
    ({"validation_data": (X, Y + 1)}, errors.DataError, "2"),
    ({"callbacks": [Late]}, errors.InputTypeError, "Late is a class, not a callback"),
    ({"callbacks": [print]}, errors.InputTypeError, "is not a callback"),
    (
        {"callbacks": [EarlyStopping("val_loss")]},
        errors.ArgumentError,
        "try  validation_data=(x_val, y_val) in fit",
    ),
    (
        {"callbacks": [EarlyStopping("acuracy", mode="max")]},
        errors.ArgumentError,
        "no number to monitor called 'acuracy'",
    ),
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("changes", "error", "text"), CASES)
def test_a_mistake_is_explained_before_anything_changes(model, changes, error, text):
    """The error has its type and its words, says where, and nothing has moved."""
    good = {"x": X, "y": Y, "loss": "bce_with_logits", "optimizer": "adam"}
    settings = {"callbacks": [Late()], **good, **changes}
    with pytest.raises(error) as caught:
        fit(model, settings.pop("x"), settings.pop("y"), **settings)
    assert text in str(caught.value)
    assert caught.value.where
    assert caught.value.hint


@pytest.mark.usefixtures("unchanged")
def test_an_optimizer_of_another_model_is_noticed(model):
    """Otherwise the loss would stay as it is, and nobody would know why."""
    other = optim.Adam(nn.Linear(2, 1).parameters())
    with pytest.raises(errors.GradientError, match="2 of the optimizer's 2") as caught:
        fit(model, X, Y, loss="bce_with_logits", optimizer=other)
    assert "made after the model" in caught.value.hint


@pytest.mark.usefixtures("unchanged")
def test_a_lost_requires_grad_is_noticed(model):
    """All frozen, or all that the optimizer has: both are said."""
    first, last = model[0], model[2]
    optimizer = optim.SGD(first.parameters(), lr=0.1)
    for p in first.parameters():
        p.requires_grad = False
    with pytest.raises(errors.GradientError, match="every parameter of the optimizer"):
        fit(model, X, Y, loss="bce_with_logits", optimizer=optimizer)
    for p in last.parameters():
        p.requires_grad = False
    with pytest.raises(errors.GradientError, match="all of them are frozen"):
        fit(model, X, Y, loss="bce_with_logits", optimizer=optimizer)


def test_a_part_of_a_model_can_be_trained(model):
    """Freezing some parameters is not a mistake."""
    before = model.state_dict()
    optimizer = optim.SGD(model[2].parameters(), lr=0.1)
    fit(model, X, Y, loss="bce_with_logits", optimizer=optimizer, epochs=1)
    assert np.array_equal(before["0.weight"], model.state_dict()["0.weight"])
    assert not np.array_equal(before["2.weight"], model.state_dict()["2.weight"])


def test_a_model_without_parameters_cannot_learn():
    """There is nothing to change."""
    with pytest.raises(errors.GradientError, match="it has none"):
        fit(nn.ReLU(), X, X, loss="mse", optimizer=optim.SGD([nn.Parameter([1.0])]))


def test_only_modules_are_trained():
    """A function is not a model."""
    with pytest.raises(errors.InputTypeError, match="not function"):
        fit(lambda x: x, X, Y, loss="mse", optimizer="sgd")


class Odd(nn.Module):
    """A model that returns whatever it is told to."""

    def __init__(self, make):
        self.weight, self.make = nn.Parameter([1.0]), make

    def forward(self, x):
        return self.make(self.weight * x)


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda out: out.numpy(), errors.InputTypeError, "returned ndarray"),
        (lambda out: out.sum(), errors.ShapeError, "one row and returned shape ()"),
        (lambda out: out.flatten(), errors.ShapeError, "returned shape (2,)"),
    ],
)
def test_a_model_must_give_one_prediction_for_each_row(make, error, text):
    """The first axis of what a model returns counts the rows."""
    with pytest.raises(error) as caught:
        fit(Odd(make), X, X, loss="mse", optimizer="sgd")
    assert text in str(caught.value)


def test_evaluate_and_predict_complain_alike(model):
    """The same data errors, naming the function that was called."""
    with pytest.raises(errors.DataError, match="in   evaluate"):
        evaluate(model, with_nan(X), Y, loss="bce_with_logits")
    with pytest.raises(errors.DataError, match="in   predict"):
        predict(model, with_nan(X))
    with pytest.raises(errors.ArgumentError, match="batch_size"):
        predict(model, X, batch_size=0)
    with pytest.raises(errors.InputTypeError, match="returned ndarray"):
        predict(Odd(lambda out: out.numpy()), X)


def test_the_rehearsal_predicts_and_does_not_train(moons):
    """The row that is tried first sees no dropout, which would draw random numbers."""

    class Spy(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 1, seed=0)
            self.modes = []

        def forward(self, x):
            self.modes.append(self.training)
            return self.layer(x)

    spy = Spy()
    fit(spy, *moons, loss="bce_with_logits", optimizer="sgd", epochs=1, batch_size=60)
    assert False is spy.modes[0]
    assert [True] == spy.modes[-1:]
