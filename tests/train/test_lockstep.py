"""Lanes take turns, and none of them can tell that it was not alone."""

import io
import signal
import sys

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim, random
from seegrad.errors import ArgumentError
from seegrad.train import Callback, EarlyStopping, LearningRate

X, Y = sg.data.moons(60, noise=0.1, seed=0)


def start(lr=0.05):
    """A network with random numbers and running averages, and its optimizer."""
    model = nn.Sequential(
        nn.Linear(2, 8, seed=0), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.2),
        nn.Linear(8, 1, seed=1),
    )  # fmt: skip
    return model, optim.Adam(model.parameters(), lr=lr)


def trained(lr=0.05, made=None, **settings):
    """Four epochs of four steps."""
    model, optimizer = made or start(lr)
    arguments = {"epochs": 4, "batch_size": 16, "progress": False, "seed": 3}
    arguments |= {"loss": "bce_with_logits", "optimizer": optimizer}
    return sg.fit(model, X, Y, **arguments | settings)


def scheduled(lr=0.05, each="batch", **settings):
    """With a learning rate that first rises and then falls, and early stopping."""
    model, optimizer = start(lr)
    parts = [
        optim.LinearLR(optimizer, 0.1, 1.0, 4),
        optim.ExponentialLR(optimizer, 0.9),
    ]
    schedule = optim.SequentialLR(optimizer, parts, milestones=[4])
    callbacks = [LearningRate(schedule, each), EarlyStopping("loss", patience=0)]
    return trained(made=(model, optimizer), callbacks=callbacks, **settings)


def assert_same(one, other):
    """Two runs, to the last bit: losses, weights, averages and the optimizer."""
    assert one.history.records == other.history.records
    for a, b in zip(
        [*one.model.state_dict().values(), *moments(one)],
        [*other.model.state_dict().values(), *moments(other)],
        strict=True,
    ):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()
    assert one.optimizer.lr == other.optimizer.lr


def moments(run):
    """All that the optimizer remembers."""
    return [a for state in run.optimizer.state_dict()["states"] for a in state.values()]


@pytest.mark.parametrize("compiled", [True, False])
def test_each_lane_is_what_it_would_be_alone(compiled):
    """Dropout, averages, moments: bit for bit those of fit."""
    lanes = trained(compile=compiled).fork({"lr": 0.2}, lr=0.1)
    assert all((lane.run.eager is None) == compiled for lane in lanes.lanes)
    for lane, lr in zip(lanes.lanes, (0.05, 0.1, 0.2), strict=True):
        assert_same(trained(lr, compile=compiled), lane.run)


@pytest.mark.parametrize("each", ["batch", "epoch"])
def test_every_lane_has_its_own_schedule_and_early_stopping(each):
    """The learning rate of a lane is the one from which its schedule starts."""
    lanes = scheduled(each=each).fork(lr=0.5)
    assert [] == lanes.notes
    assert_same(scheduled(each=each), lanes["A"].run)
    assert_same(scheduled(0.5, each), lanes["B"].run)


def test_a_schedule_follows_another_optimizer():
    """With the steps that it has taken."""
    lane = scheduled(epochs=1).fork({"optimizer": "sgd"}, epochs=2, at="end")["B"]
    assert isinstance(lane.run.optimizer, optim.SGD)
    assert lane.run.optimizer.lr == pytest.approx(0.05 * 0.9**8)


def test_the_callbacks_of_the_run_are_left_alone():
    """Copies of them train the lanes."""
    model, optimizer = start()
    schedule = optim.ExponentialLR(optimizer, 0.5)
    run = trained(made=(model, optimizer), callbacks=LearningRate(schedule))
    before = str((schedule.state_dict(), optimizer.state_dict()))
    run.fork(lr=0.5)
    assert before == str((schedule.state_dict(), optimizer.state_dict()))


def test_a_callback_that_cannot_be_repeated_is_noted():
    """Where it has made a difference."""

    class Wild(Callback):
        def after_epoch(self, trainer):
            trainer.optimizer.lr *= 3.0

    class Calm(Wild):
        repeatable = True

    run = trained(callbacks=[Wild(), sg.train.History()])
    notes = run.fork(lr=0.1).notes
    assert ["repeated without Wild, History, the run has another loss"] == notes
    lanes = trained(callbacks=Calm()).fork(lr=0.1)
    assert [] == lanes.notes
    assert 0.1 * 81.0 == pytest.approx(lanes["B"].run.optimizer.lr)


def test_the_lanes_take_turns():
    """After every round all of them are at the same step, with the same rows."""
    rounds = []
    lanes = trained().fork(
        {"optimizer": "sgd"},
        lr=0.1,
        watch=lambda lanes: rounds.append([len(lane.losses) for lane in lanes.lanes]),
    )
    assert [[k, k, k] for k in range(1, 17)] == rounds[:16]
    assert lanes["A"].rows == lanes["B"].rows == lanes["C"].rows
    assert [16, 16, 16] == rounds[-1]


def test_a_lane_with_smaller_batches_takes_more_steps():
    """All have seen the same rows at the end of each epoch."""
    seen = []
    trained().fork(
        batch_size=5, watch=lambda lanes: seen.append([k.seen for k in lanes.lanes])
    )
    assert {60, 120, 180, 240} <= {a for a, b in seen if a == b}
    assert all(abs(a - b) <= 16 for a, b in seen)


def test_lanes_can_be_drawn_while_they_train():
    """Curves so far, and what the network of each has learned by then."""
    drawn, apart = [], []

    def watch(lanes):
        if lanes.records:
            drawn.append(lanes.draw().scene.texts())
        weights = [np.array(k.model[0].weight.data) for k in lanes.lanes]
        apart.append(np.abs(weights[0] - weights[1]).max())

    trained().fork(lr=0.1, watch=watch)
    assert len(drawn) == len(apart) - 3
    assert any("B: lr=0.1" in text for text in drawn[0])
    assert 0.0 < apart[0] < apart[-1]


def test_a_lane_that_fails_stops_alone():
    """Whatever the failure is; the others go on to their ends."""

    class Fragile(Callback):
        repeatable = True

        def after_step(self, trainer):
            if (trainer.optimizer.lr, trainer.epoch, trainer.step) == (0.1, 2, 3):
                raise RuntimeError("too hot")

    run = trained(callbacks=Fragile(), compile=False)
    with np.errstate(all="ignore"):
        lanes = run.fork({"lr": 1e38}, {"lr": 0.2}, lr=0.1)
    assert [16, 7, 1, 16] == [len(lane.losses) for lane in lanes.lanes]
    assert lanes["B"].problem.startswith("the callback Fragile raised")
    assert "B differs from A only in lr=0.1; it broke" in lanes.sentence
    assert 1 == len(lanes["B"].curve)
    assert "C differs from A only in lr=1e+38; it broke: the" in lanes.sentence
    assert_same(trained(0.2, compile=False), lanes["D"].run)
    assert "raised RuntimeError: too hot (7 steps" in str(lanes)


def test_a_run_that_breaks_itself_is_no_measure():
    """The other lane says where it ended, and that there is nothing beside it."""
    asked = []

    class Tired(Callback):
        repeatable = True

        def after_epoch(self, trainer):
            asked.append(trainer.optimizer.lr)
            if (trainer.optimizer.lr, asked.count(0.05)) == (0.05, 6):
                raise RuntimeError("enough")

    lanes = trained(callbacks=Tired()).fork(lr=0.1)
    assert "RuntimeError: enough" in lanes["A"].problem
    assert lanes.sentence.endswith(", and A broke.")


@pytest.fixture
def ordinary():
    """Ctrl-C means what it usually means, also where it is ignored (`command &`)."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Press(Callback):
    """Ctrl-C in the middle of a step of the lane with this learning rate."""

    repeatable = True

    def __init__(self, lr, times=1):
        self.lr, self.times = lr, times

    def after_loss(self, trainer):
        here = trainer.optimizer.lr, trainer.epoch, trainer.step
        if here == (self.lr, 2, 2):
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("ordinary")
@pytest.mark.parametrize("lr", [0.1, 0.2])
def test_ctrl_c_leaves_all_lanes_at_the_same_step(lr, capsys):
    """With what they have learned, whichever was at work."""
    lanes = trained(callbacks=Press(lr)).fork({"lr": 0.2}, lr=0.1)
    assert [6, 6, 6] == [len(lane.losses) for lane in lanes.lanes]
    expected = "interrupted at epoch 2 of 4, step 2 of 4; the lanes keep what they"
    assert lanes.stopped.startswith(expected)
    assert expected in capsys.readouterr().err
    assert expected in str(lanes)
    for lane in lanes.lanes:
        assert lane.run.stopped.startswith("interrupted at epoch 2 of 4, step 2 of 4")
        assert 1 == len(lane.curve)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("ordinary")
def test_a_second_ctrl_c_ends_all_lanes_at_once():
    """In the middle of B's step; A has made it, C has not."""
    lanes = trained(callbacks=Press(0.1, times=2)).fork({"lr": 0.2}, lr=0.1)
    assert [6, 5, 5] == [len(lane.losses) for lane in lanes.lanes]
    assert all(lane.run is not None for lane in lanes.lanes)


@pytest.mark.usefixtures("ordinary")
def test_ctrl_c_while_watching_is_obeyed_too():
    """It comes from `watch`, between two steps."""
    lanes = trained().fork(lr=0.1, watch=lambda _: signal.raise_signal(signal.SIGINT))
    assert [1, 1] == [len(lane.losses) for lane in lanes.lanes]


def test_an_error_in_watch_is_the_callers_own():
    """Every lane gives back what it holds, the global random numbers too."""
    ended = []

    class Held(Callback):
        repeatable = True

        def after_fit(self, trainer):
            ended.append(trainer.optimizer.lr)

    run = trained(callbacks=Held())
    ended.clear()
    before = random.state()
    with pytest.raises(ZeroDivisionError):
        run.fork(lr=0.1, watch=lambda _: 1 / 0)
    assert ([0.05, 0.1], before) == (ended, random.state())
    run.fork(lr=0.1)
    assert before == random.state()


def test_what_a_lane_refuses_is_refused_before_any_step():
    """The lanes that were ready are given up."""
    steps = []

    class Strict(Callback):
        repeatable = True

        def before_fit(self, trainer):
            if trainer.optimizer.lr > 1.0:
                raise ArgumentError("too fast")

        def before_batch(self, trainer):
            steps.append(trainer.step)

    run = trained(callbacks=Strict())
    steps.clear()
    with pytest.raises(ArgumentError, match="too fast"):
        run.fork(lr=2.0)
    assert [] == steps


def test_one_bar_shows_all_lanes(monkeypatch):
    """The loss of each, and who broke."""
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    with np.errstate(all="ignore"):
        lanes = trained().fork({"lr": 1e38}, lr=0.1, progress=True)
    last = screen.getvalue().splitlines()[-1].rpartition("\r")[2]
    assert last.startswith("lanes |")
    assert "100%" in last
    a, b = (lanes[name].losses[-1] for name in "AB")
    assert f"loss A {a:.3f}, B {b:.3f}, C broke" in last
