"""fit: it learns, it repeats itself to the bit, and it leaves nothing behind."""

import gc
import weakref

import numpy as np
import pytest

from seegrad import data, metrics, nn, optim, random
from seegrad.train import Callback, Run, evaluate, fit, predict

BCE = {"loss": "bce_with_logits", "optimizer": "adam"}


def same(one, other):
    """Whether two models have the same parameters, bit for bit."""
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def trained(seed=0, dropout=0.0, **settings):
    """A fresh small network after two epochs."""
    x, y = data.moons(60, noise=0.1, seed=0)
    layers = [nn.Linear(2, 8, seed=1), nn.ReLU(), nn.Dropout(dropout)]
    model = nn.Sequential(*layers, nn.Linear(8, 1, seed=2))
    fit(model, x, y, **BCE, epochs=2, batch_size=16, seed=seed, **settings)
    return model


def test_a_network_learns_the_moons(moons):
    """A few dozen epochs separate two moons, and the record shows it."""
    x, y = moons
    model = nn.MLP(2, [16], 1, activation="tanh", seed=0)
    adam = optim.Adam(model.parameters(), lr=0.05)
    run = fit(
        model,
        x,
        y,
        loss="bce_with_logits",
        optimizer=adam,
        epochs=60,
        metrics=["accuracy"],
    )
    losses = run.history.records["loss"]
    assert losses[-1] < 0.3 * losses[0]
    assert run.history.records["accuracy"][-1] > 0.9
    scores = evaluate(model, x, y, loss="bce_with_logits", metrics=["accuracy"])
    assert scores["accuracy"] > 0.9


def test_a_run_says_what_happened(model, moons):
    """Model, optimizer, history and the number of epochs are in what fit returns."""
    run = fit(model, *moons, **BCE, epochs=3)
    assert isinstance(run, Run)
    assert model is run.model
    assert [3, 3, None] == [run.epochs, run.epochs_done, run.stopped]
    assert repr(run).startswith("Run(3 of 3 epochs in ")


def test_zero_epochs_change_nothing(model, moons, unchanged):
    """An empty run is a run."""
    assert {} == fit(model, *moons, **BCE, epochs=0).history.records


def test_the_same_seed_gives_the_same_bits():
    """Order of rows and dropout come from the seed alone."""
    assert same(trained(seed=3, dropout=0.5), trained(seed=3, dropout=0.5))


def test_another_seed_gives_another_run():
    """Both the order of the rows and dropout follow the seed."""
    assert not same(trained(seed=0), trained(seed=1))
    first, second = (trained(seed=s, dropout=0.5, shuffle=False) for s in (0, 1))
    assert not same(first, second)


def test_the_global_stream_neither_matters_nor_moves():
    """Training draws from a stream of its own, also when it fails."""
    random.manual_seed(11)
    first = trained(dropout=0.5)
    assert {"seed": 11, "counter": 0} == random.state()
    random.manual_seed(12)
    assert same(first, trained(dropout=0.5))
    with pytest.raises(ZeroDivisionError):
        fit(
            nn.Linear(2, 1, seed=0),
            np.ones((4, 2)),
            np.ones((4, 1)),
            loss=Explosive(),
            optimizer="sgd",
        )
    assert {"seed": 12, "counter": 0} == random.state()


class Explosive:
    """A loss that fails in the middle of training."""

    calls = 0

    def __call__(self, prediction, target):
        self.calls += 1
        if self.calls == 4:
            raise ZeroDivisionError
        return ((prediction - target) ** 2).mean()


def test_seed_none_takes_the_next_global_key():
    """Without a seed of its own, a run depends on manual_seed."""
    random.manual_seed(5)
    first = trained(seed=None)
    random.manual_seed(5)
    assert same(first, trained(seed=None))
    assert not same(first, trained(seed=None))


def test_a_run_can_be_continued(moons):
    """Two fits with one optimizer are one longer fit, moments and all."""
    x, y = moons
    models = [nn.Linear(2, 1, seed=0) for _ in range(2)]
    adams = [optim.Adam(model.parameters(), lr=0.1) for model in models]
    settings = {"loss": "bce_with_logits", "shuffle": False}
    fit(models[0], x, y, optimizer=adams[0], epochs=4, **settings)
    for _ in range(2):
        fit(models[1], x, y, optimizer=adams[1], epochs=2, **settings)
    assert same(*models)


def test_the_numbers_of_an_epoch_are_means_over_rows(model):
    """A smaller last batch counts by its rows: three of 1 and one of 5 make 2."""

    def mean_target(prediction, target):
        return (0.0 * prediction + target).mean()

    x, y = np.zeros((4, 2)), np.array([[1.0], [1.0], [1.0], [5.0]])
    settings = {"optimizer": "sgd", "batch_size": 3, "shuffle": False}
    run = fit(model, x, y, loss=mean_target, epochs=1, **settings)
    assert [2.0] == run.history.records["loss"]


def test_validation_is_measured_after_the_epoch(model, moons):
    """The val_ numbers are those of evaluate on the model as it then was."""
    settings = {"loss": "bce_with_logits", "metrics": ["accuracy"]}
    run = fit(
        model, *moons, **settings, optimizer="adam", epochs=2, validation_data=moons
    )
    scores = evaluate(model, *moons, **settings)
    last = run.history.last()
    assert scores["loss"] == pytest.approx(last["val_loss"])
    assert scores["accuracy"] == pytest.approx(last["val_accuracy"])
    assert ["loss", "accuracy", "val_loss", "val_accuracy"] == list(run.history.records)


def test_every_module_gets_its_mode_back(moons):
    """Training mode while training; afterwards each module is as it was."""

    class Modes(Callback):
        def after_loss(self, trainer):
            seen.append([m.training for _, m in model.named_modules()])

    seen = []
    model = nn.Sequential(nn.Linear(2, 2, seed=0), nn.Dropout(0.5), nn.Linear(2, 1))
    model.eval()
    model[1].train()
    fit(model, *moons, **BCE, epochs=1, callbacks=[Modes()])
    assert all(all(flags) for flags in seen)
    assert [False, False, True, False] == [m.training for _, m in model.named_modules()]


def test_a_callable_loss_and_metric_go_by_their_names(model, moons):
    """Anything that takes prediction and target will do."""

    def nearness(prediction, target):
        return 0.25

    run = fit(
        model,
        moons[0],
        moons[1][:, None].astype(np.float32),
        loss=lambda prediction, target: ((prediction - target) ** 2).mean(),
        optimizer="sgd",
        epochs=1,
        metrics=[nearness],
    )
    assert [0.25] == run.history.records["nearness"]


def test_double_precision_data_does_not_widen_the_model(model, moons):
    """The rows are read in the precision of the model."""

    class Types(Callback):
        def after_loss(self, trainer):
            seen.update((trainer.x.dtype.name, trainer.loss.dtype.name))

    seen = set()
    x, y = moons
    fit(model, x.astype(np.float64), y, **BCE, epochs=1, callbacks=[Types()])
    assert {"float32"} == seen


def test_nothing_of_the_last_graph_is_kept(model, moons):
    """When fit returns, the last prediction and its history are free."""

    class Spy(Callback):
        def after_loss(self, trainer):
            self.last = weakref.ref(trainer.prediction)

    spy = Spy()
    gc.disable()
    try:
        fit(model, *moons, **BCE, epochs=1, callbacks=[spy])
        assert spy.last() is None
    finally:
        gc.enable()


def test_gradients_can_be_read_after_training(model, moons):
    """The gradients of the last step are still there: seeing them is the point."""
    fit(model, *moons, **BCE, epochs=1)
    assert all(p.grad is not None for p in model.parameters())


def test_gradients_from_before_do_not_count(moons):
    """A backward pass made before fit does not push the first step."""
    clean, used = (nn.Linear(2, 1, seed=0) for _ in range(2))
    used(moons[0]).sum().backward()
    for model in (clean, used):
        fit(model, *moons, **BCE, epochs=1)
    assert same(clean, used)


class Scaled(nn.Module):
    """A Linear, and a parameter of one's own in NumPy's own precision."""

    def __init__(self):
        self.scale = nn.Parameter(np.ones(1))
        self.linear = nn.Linear(2, 1, seed=0)

    def forward(self, x):
        return self.linear(x) * self.scale


def test_one_parameter_of_another_precision_does_not_decide(moons):
    """Two float32 weights and a bias against one float64 number."""
    model = Scaled()
    fit(model, *moons, **BCE, epochs=1)
    assert (60, 1) == predict(model, moons[0]).shape
    assert ["float64", "float32"] == [p.dtype.name for p in model.parameters()][:2]


@pytest.mark.parametrize("none", [None, (), []])
def test_none_is_no_callback_and_no_metric(model, moons, none):
    """As an empty list."""
    run = fit(model, *moons, **BCE, epochs=1, metrics=none, callbacks=none)
    assert ["loss"] == list(run.history.records)


def test_one_metric_needs_no_list(model, moons):
    """Neither as a name nor as a function."""
    for metric in ("accuracy", metrics.accuracy):
        run = fit(model, *moons, **BCE, epochs=1, metrics=metric)
        assert ["loss", "accuracy"] == list(run.history.records)
