"""EarlyStopping: patience is counted, the best model comes back."""

import math

import numpy as np
import pytest

from seegrad import errors
from seegrad.train import Callback, EarlyStopping, fit


class Script(Callback):
    """Puts prepared numbers into the logs, and marks the model with the epoch."""

    def __init__(self, *numbers, name="loss"):
        self.numbers, self.name = numbers, name

    def after_epoch(self, trainer):
        trainer.logs[self.name] = self.numbers[trainer.epoch - 1]
        trainer.model[2].bias.assign([float(trainer.epoch)])


def stopped(model, moons, numbers, stopping, name="loss"):
    """The run in which these numbers were seen, one per epoch."""
    return fit(
        model,
        *moons,
        loss="bce_with_logits",
        optimizer="adam",
        metrics=["accuracy"],
        epochs=len(numbers),
        callbacks=[Script(*numbers, name=name), stopping],
    )


@pytest.mark.parametrize(
    ("patience", "numbers", "epochs"),
    [
        (0, [3.0, 2.0, 2.0, 1.0], 3),
        (1, [3.0, 2.0, 2.0, 1.0], 4),
        (1, [3.0, 2.0, 2.5, 2.5, 1.0], 4),
        (2, [3.0, 4.0, 4.0, 4.0, 4.0], 4),
        (2, [3.0, 4.0, 4.0, 2.0, 4.0, 4.0, 4.0, 4.0], 7),
    ],
)
def test_patience_is_how_many_bad_epochs_are_forgiven(
    model, moons, patience, numbers, epochs
):
    """Patience 0 stops at the first epoch that does not improve."""
    run = stopped(model, moons, numbers, EarlyStopping("loss", patience))
    assert epochs == run.epochs_done


def test_the_sentence_says_when_it_was_best(model, moons):
    """Which epoch it stopped after, and what it had been waiting to beat."""
    run = stopped(model, moons, [3.0, 0.25, 4.0], EarlyStopping("loss", 0))
    assert "stopped after epoch 3: loss was best, at 0.25, in epoch 2" == run.stopped


def test_the_best_parameters_come_back(model, moons):
    """The model ends as it was after its best epoch."""
    stopped(model, moons, [3.0, 1.0, 2.0, 2.0], EarlyStopping("loss", 1))
    assert [2.0] == model[2].bias.tolist()


def test_the_best_come_back_also_when_time_runs_out(model, moons):
    """Without a stop the last epoch is not always the best either."""
    run = stopped(model, moons, [3.0, 1.0, 2.0], EarlyStopping("loss", 5))
    assert run.stopped is None
    assert [2.0] == model[2].bias.tolist()


def test_the_last_can_be_kept(model, moons):
    """restore_best=False leaves the model as it is."""
    stopping = EarlyStopping("loss", 0, restore_best=False)
    stopped(model, moons, [3.0, 1.0, 2.0, 2.0], stopping)
    assert [3.0] == model[2].bias.tolist()


def test_a_nan_is_no_improvement(model, moons):
    """Neither after a number nor as the first."""
    numbers = [2.0, math.nan, math.nan, 1.0]
    assert 3 == stopped(model, moons, numbers, EarlyStopping("loss", 1)).epochs_done
    run = stopped(model, moons, [math.nan] * 4, EarlyStopping("loss", 1))
    assert "stopped after epoch 2: loss was never a finite number" == run.stopped


def test_a_small_improvement_does_not_count(model, moons):
    """min_delta is how much better it must be."""
    stopping = EarlyStopping("loss", 0, min_delta=0.5)
    assert 3 == stopped(model, moons, [3.0, 2.0, 1.6, 1.0], stopping).epochs_done


@pytest.mark.parametrize(
    ("name", "mode"), [("accuracy", "auto"), ("accuracy", "max"), ("loss", "max")]
)
def test_higher_can_be_better(model, moons, name, mode):
    """Accuracy by itself, anything else by mode="max"."""
    stopping = EarlyStopping(name, 0, mode=mode)
    run = stopped(model, moons, [0.1, 0.5, 0.3, 0.9], stopping, name=name)
    assert 3 == run.epochs_done
    assert f"{name} was best, at 0.5, in epoch 2" in run.stopped


def test_a_second_fit_starts_anew(model, moons):
    """What was best in another run is forgotten."""
    stopping = EarlyStopping("loss", 0)
    stopped(model, moons, [0.1, 0.2], stopping)
    assert 2 == stopped(model, moons, [3.0, 2.0], stopping).epochs_done


def test_validation_loss_is_what_it_watches_by_itself(model, moons):
    """The default is val_loss, on real numbers."""
    x, y = moons
    run = fit(
        model, x, y, loss="bce_with_logits", optimizer="adam", epochs=3,
        validation_data=(x, 1 - y), callbacks=[EarlyStopping(patience=0)],
    )  # fmt: skip
    losses = run.history.records["val_loss"]
    assert run.stopped
    assert np.argmin(losses) == len(losses) - 2


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"mode": "maximum"}, "try  'max'"),
        ({"patience": -1}, "patience must be 0 or more"),
        (
            {"min_delta": -0.1},
            "min_delta must be a finite number of 0 or more, not -0.1",
        ),
        (
            {"min_delta": math.nan},
            "min_delta must be a finite number of 0 or more, not nan",
        ),
    ],
)
def test_a_bad_setting_is_refused(settings, text):
    """When it is made, not after an hour of training."""
    with pytest.raises(errors.ArgumentError) as caught:
        EarlyStopping(**settings)
    assert text in str(caught.value)


@pytest.mark.usefixtures("unchanged")
def test_which_way_is_better_must_be_clear(model, moons):
    """A number that is neither a loss nor an accuracy needs a mode, before training."""

    def r2(prediction, target):
        return 0.5

    with pytest.raises(errors.ArgumentError, match="mode='min' or mode='max'"):
        fit(
            model, *moons, loss="bce_with_logits", optimizer="adam", metrics=[r2],
            callbacks=[EarlyStopping("r2")],
        )  # fmt: skip


def test_a_misspelt_name_gets_the_nearest_one(model, moons):
    """Before anyone asks which way is better."""
    with pytest.raises(errors.ArgumentError, match="try  'loss'"):
        fit(
            model, *moons, loss="bce_with_logits", optimizer="adam",
            callbacks=[EarlyStopping("los")],
        )  # fmt: skip


@pytest.mark.parametrize("settings", [{"monitor": 3}, {"min_delta": "a little"}])
def test_a_setting_of_the_wrong_type_is_refused(settings):
    """With the setting and what it was."""
    with pytest.raises(errors.InputTypeError, match=next(iter(settings))):
        EarlyStopping(**settings)
