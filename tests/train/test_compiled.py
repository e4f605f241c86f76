"""Compiled steps: the numbers of the eager ones, to the bit the same every time."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import data, nn, optim
from seegrad.train import (
    Callback,
    EarlyStopping,
    LearningRate,
    evaluate,
    fit,
)

X, Y = data.moons(70, noise=0.1, seed=0)
MAKERS = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "adam": lambda p: optim.Adam(p, lr=0.01),
    "adamw": lambda p: optim.AdamW(p, lr=0.01, amsgrad=True),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.01, centered=True, momentum=0.5),
}


def network(dtype="float32", dropout=0.3):
    """Every kind of layer that has something to remember or to draw."""
    return nn.Sequential(
        nn.Linear(2, 8, seed=1, dtype=dtype),
        nn.Tanh(),
        nn.Dropout(dropout),
        nn.BatchNorm1d(8, dtype=dtype),
        nn.Linear(8, 1, seed=2, dtype=dtype),
    )


def trained(model, optimizer="adam", compile=True, **settings):
    """A run of a few epochs; 70 rows in batches of 32 leave a last one of 6."""
    made = MAKERS[optimizer](model.parameters()) if optimizer in MAKERS else optimizer
    usual = {"epochs": 3, "loss": "bce_with_logits", "metrics": ["accuracy"]}
    return fit(model, X, Y, optimizer=made, compile=compile, **usual | settings)


def numbers(run):
    """All that a run leaves behind: history, parameters, buffers, gradients."""
    model = run.model
    grads = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    return list(run.history.records.values()), model.state_dict(), grads


def assert_close(one, other, tolerance=2e-5):
    """Two runs have the same numbers, but for rounding."""
    for mine, yours in zip(numbers(one), numbers(other), strict=True):
        if isinstance(mine, dict):
            assert list(mine) == list(yours)
            mine, yours = mine.values(), yours.values()
        for a, b in zip(mine, yours, strict=True):
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def assert_same(one, other):
    """Two runs have the same bits."""
    for mine, yours in zip(numbers(one), numbers(other), strict=True):
        np.testing.assert_equal(mine, yours)


@pytest.fixture
def made(monkeypatch):
    """The compiled functions that `fit` made, for a look at what they did."""
    functions, compiler = [], sg.compile

    def spy(function):
        functions.append(compiler(function))
        return functions[-1]

    monkeypatch.setattr("seegrad.compiler.compile", spy)
    return functions


@pytest.mark.parametrize("optimizer", MAKERS)
def test_every_optimizer_learns_the_same(optimizer, made):
    """Dropout, batch norm, validation and metrics; one trace for each shape."""
    settings = {"optimizer": optimizer, "validation_data": (X[:20], Y[:20])}
    run = trained(network(), **settings)
    assert run.eager is None
    assert_close(trained(network(), compile=False, **settings), run)
    assert [2] == [function.traces for function in made]


@pytest.mark.parametrize("size", [7, 35, 70, 100])
def test_batches_of_any_size(size, made):
    """With and without a smaller last one; 70 rows make batches of one shape here."""
    runs = [trained(network(), compile=c, batch_size=size) for c in (False, True)]
    assert_close(*runs)
    assert [1] == [function.traces for function in made]


def test_double_precision(made):
    """Twice the digits agree."""
    runs = [trained(network("float64"), compile=c) for c in (False, True)]
    assert_close(*runs, tolerance=1e-13)
    assert [2] == [function.traces for function in made]


def test_frozen_parameters_stay_and_others_learn(made):
    """A frozen layer, and a layer that the optimizer does not know."""
    runs = []
    for compile in (False, True):
        model = network()
        model[0].weight.requires_grad = False
        optimizer = optim.SGD(model[4].parameters(), lr=0.1)
        before = model.state_dict()
        runs.append(trained(model, optimizer, compile))
        np.testing.assert_equal(before["0.weight"], model.state_dict()["0.weight"])
        np.testing.assert_equal(before["3.weight"], model.state_dict()["3.weight"])
    assert_close(*runs)
    assert runs[1].eager is None


@pytest.mark.parametrize("each", ["batch", "epoch"])
def test_the_learning_rate_may_change(each, made):
    """A new learning rate is no new trace."""
    runs = []
    for compile in (False, True):
        model = network()
        adam = optim.Adam(model.parameters(), lr=0.05)
        schedule = LearningRate(optim.ExponentialLR(adam, gamma=0.8), each)
        runs.append(trained(model, adam, compile, callbacks=schedule))
    assert_close(*runs)
    assert [2] == [function.traces for function in made]


def test_early_stopping_restores_the_best():
    """The same epoch is the best one, and its parameters come back."""
    runs = []
    for compile in (False, True):
        settings = {"validation_data": (X[:9], Y[:9]), "epochs": 30}
        stopping = EarlyStopping("val_loss", patience=0)
        run = trained(network(), "momentum", compile, callbacks=stopping, **settings)
        assert run.stopped is not None
        best = run.history["val_loss"][stopping.best_epoch - 1]
        found = evaluate(run.model, X[:9], Y[:9], loss="bce_with_logits")["loss"]
        assert best == pytest.approx(found, rel=1e-5)
        runs.append(run)
    assert_close(*runs)


def test_one_seed_gives_the_same_bits_on_any_number_of_threads():
    """Enough work for several threads, dropout included."""
    chosen = sg.get_num_threads()
    runs = []
    try:
        for threads in (1, 1, 2):
            sg.set_num_threads(threads)
            model = nn.Sequential(
                nn.Linear(2, 128, seed=1),
                nn.Tanh(),
                nn.Dropout(0.2),
                nn.Linear(128, 128, seed=2),
                nn.ReLU(),
                nn.Linear(128, 1, seed=3),
            )
            runs.append(trained(model))
    finally:
        sg.set_num_threads(chosen)
    assert_same(runs[0], runs[1])
    assert_same(runs[0], runs[2])


def test_a_run_in_two_parts_is_the_whole_run():
    """The first step of a part is as compiled as the step that it continues."""
    runs = []
    for parts in ([4], [2, 2]):
        model = network(dropout=0.0)  # each part would draw the same numbers again
        adam = MAKERS["adam"](model.parameters())
        for epochs in parts:
            run = trained(model, adam, epochs=epochs, shuffle=False)
        runs.append(run)
    np.testing.assert_equal(*[run.model.state_dict() for run in runs])


def test_gradients_can_be_read_after_every_step():
    """A callback for after_step leaves the step compiled, and sees its gradients."""

    class Norms(Callback):
        def after_step(self, trainer):
            grads = [p.grad for p in trainer.model.parameters()]
            seen.append(sum(float((g**2).sum()) for g in grads) ** 0.5)

    norms = []
    for compile in (False, True):
        seen = []
        run = trained(network(), compile=compile, callbacks=Norms())
        norms.append(seen)
    assert run.eager is None
    assert 9 == len(norms[1])
    np.testing.assert_allclose(*norms, rtol=1e-4)


def test_a_gradient_belongs_to_its_parameter():
    """It may be changed in place, and the step after it is none the wiser."""

    class Spoil(Callback):
        def after_step(self, trainer):
            for p in trainer.model.parameters():
                p.grad[...] = 7.0

    run = trained(network(), callbacks=Spoil())
    assert run.eager is None
    np.testing.assert_equal(
        trained(network()).model.state_dict(), run.model.state_dict()
    )


def test_prediction_and_loss_are_there_after_the_step():
    """As plain tensors: the compiled step keeps no graph."""

    class Look(Callback):
        def after_batch(self, trainer):
            loss = sg.losses.bce_with_logits(trainer.prediction, trainer.y)
            assert float(trainer.loss) == pytest.approx(float(loss), rel=1e-5)
            shapes.append(trainer.prediction.shape)

    shapes = []
    assert trained(network(), callbacks=Look(), epochs=1).eager is None
    assert [(32, 1), (32, 1), (6, 1)] == shapes


def test_a_callback_may_exchange_the_loss(made):
    """What the step uses is looked up anew; the change is one more trace."""

    def harder(prediction, target):
        return 3.0 * sg.losses.bce_with_logits(prediction, target)

    class Exchange(Callback):
        def before_epoch(self, trainer):
            if trainer.epoch == 2:
                trainer.loss_function = harder

    runs = [
        trained(network(), compile=c, callbacks=Exchange(), batch_size=35)
        for c in (False, True)
    ]
    assert_close(*runs)
    assert [2] == [function.traces for function in made]


def test_what_a_loss_finds_outside_of_it_may_change(made):
    """A number in an enclosing function is watched."""

    def weighted(prediction, target):
        return weight * sg.losses.bce_with_logits(prediction, target)

    class Reweigh(Callback):
        def before_epoch(self, trainer):
            nonlocal weight
            weight = 1.0 + (trainer.epoch > 2)

    runs = []
    for compile in (False, True):
        weight = 1.0
        settings = {"loss": weighted, "callbacks": Reweigh(), "batch_size": 35}
        runs.append(trained(network(), compile=compile, **settings))
    assert_close(*runs)
    assert [2] == [function.traces for function in made]
