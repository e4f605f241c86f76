"""Ctrl-C: the model is kept, between two steps, and a sentence says where."""

import os
import signal
import sys
import threading

import numpy as np
import pytest

from seegrad import optim
from seegrad.train import Callback, EarlyStopping, fit

BCE = {"loss": "bce_with_logits", "optimizer": "adam", "batch_size": 20}


class Press(Callback):
    """Ctrl-C, at a moment of one step of the second epoch."""

    def __init__(self, moment, times=1):
        self.times = times
        setattr(self, moment, self.press)

    def press(self, trainer):
        if (trainer.epoch, trainer.step) == (2, 2):
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def ordinary():
    """Ctrl-C means what it usually means, also where it is ignored (`command &`)."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("moment", ["before_batch", "after_loss", "after_backward"])
def test_the_step_is_finished_first(model, moons, capsys, moment):
    """Ctrl-C anywhere in a step ends training after it, without a traceback."""
    run = fit(model, *moons, **BCE, callbacks=[Press(moment)])
    expected = (
        "interrupted at epoch 2 of 10, step 2 of 3; the model keeps what it has learned"
    )
    assert expected == run.stopped
    assert expected + "\n" == capsys.readouterr().err
    assert [1, 1] == [run.epochs_done, len(run.history)]


def test_an_interrupted_model_is_that_of_a_whole_number_of_steps(moons, model):
    """No parameter is a step ahead of another."""

    class Keep(Callback):
        def after_step(self, trainer):
            states.append(trainer.model.state_dict())

    states = []
    fit(model, *moons, **BCE, callbacks=[Press("after_backward"), Keep()])
    assert 5 == len(states)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(states[-1][name], array)


def test_a_second_ctrl_c_is_obeyed_at_once(model, moons):
    """The step is not waited for, but the run still returns."""
    run = fit(model, *moons, **BCE, callbacks=[Press("after_loss", times=2)])
    assert run.stopped.startswith("interrupted at epoch 2 of 10, step 2 of 3")


def test_ctrl_c_during_validation_is_obeyed_after_it(model, moons):
    """The epoch is complete then, and recorded."""

    def pressing(prediction, target):
        if len(calls) == 6:  # two rehearsals, three batches, then validation
            signal.raise_signal(signal.SIGINT)
        calls.append(len(prediction))
        return 0.0

    calls = []
    run = fit(model, *moons, **BCE, metrics=[pressing], validation_data=moons)
    assert run.stopped.startswith("interrupted at epoch 2 of 10, step 1")
    assert 1 == run.epochs_done


def test_ctrl_c_gets_its_meaning_back(model, moons):
    """After fit, and after a fit that failed, Ctrl-C is Python's again."""
    before = signal.getsignal(signal.SIGINT)
    fit(model, *moons, **BCE, epochs=1)
    assert before is signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError):
        fit(model, *moons, **BCE, epochs=1, metrics=[Failing()])
    assert before is signal.getsignal(signal.SIGINT)


class Failing:
    """A metric that fails when training has begun."""

    calls = 0

    def __call__(self, prediction, target):
        self.calls += 1
        return 1 / (2 - self.calls)


def test_anothers_handler_is_left_alone(model, moons):
    """Who has taken over Ctrl-C keeps it."""
    pressed = []

    def handler(*_):
        pressed.append("mine")

    before = signal.signal(signal.SIGINT, handler)
    try:
        run = fit(model, *moons, **BCE, epochs=2, callbacks=[Press("after_loss")])
        assert handler is signal.getsignal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert ["mine"] == pressed
    assert run.stopped is None


def test_a_thread_can_train(model, moons):
    """Signals belong to the main thread; elsewhere fit does without."""
    runs = []
    thread = threading.Thread(
        target=lambda: runs.append(fit(model, *moons, **BCE, epochs=1))
    )
    thread.start()
    thread.join()
    assert [1] == [run.epochs_done for run in runs]


def test_early_stopping_still_restores_the_best(model, moons):
    """after_fit comes to everybody, interrupted or not."""
    stopping = EarlyStopping("loss", patience=50)
    adam = optim.Adam(model.parameters(), lr=10.0)  # the second epoch is worse
    settings = {**BCE, "optimizer": adam}
    fit(model, *moons, **settings, callbacks=[stopping, Press("after_loss")])
    assert 1 == stopping.best_epoch
    assert stopping.state is None


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to send there")
def test_a_real_signal_is_understood(model, moons):
    """As a terminal sends it, to the process."""

    class Kill(Callback):
        def after_loss(self, trainer):
            if trainer.step == 2:
                os.kill(os.getpid(), signal.SIGINT)

    run = fit(model, *moons, **BCE, callbacks=[Kill()])
    assert run.stopped.startswith("interrupted at epoch 1 of 10, step")


@pytest.mark.parametrize("order", [KeyboardInterrupt, SystemExit])
def test_ctrl_c_in_the_last_moment_leaves_nothing_behind(model, moons, order):
    """Every callback tidies up, and the order is obeyed after that."""

    class Last(Callback):
        def after_fit(self, trainer):
            raise order

    with pytest.raises(order):
        fit(model, *moons, **BCE, epochs=1, callbacks=[Last()])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
