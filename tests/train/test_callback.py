"""Callbacks: every moment comes when it should, and a failure says whose it is."""

import pytest

from seegrad import errors
from seegrad.train import Callback, Stop, fit
from seegrad.train.callback import MOMENTS

BCE = {"loss": "bce_with_logits", "optimizer": "adam", "batch_size": 32}


class Diary(Callback):
    """Writes down every moment, with its epoch and step."""

    def __init__(self):
        self.pages = []


def _write(moment):
    def method(self, trainer):
        self.pages.append((moment, trainer.epoch, trainer.step))

    return method


for _moment in MOMENTS:
    setattr(Diary, _moment, _write(_moment))


def acting(moment, action):
    """A callback that does something at one moment."""
    return type(
        "Acting", (Callback,), {moment: lambda self, trainer: action(trainer)}
    )()


def test_the_moments_come_in_the_order_of_the_class(model, moons):
    """Sixty rows in batches of 32 are two steps; the class has the moments in order."""
    diary = Diary()
    fit(model, *moons, **BCE, epochs=1, callbacks=[diary])
    batch = [m for m in MOMENTS if not m.endswith(("fit", "epoch"))]
    expected = [("before_fit", 0, 0), ("before_epoch", 1, 0)]
    expected += [(moment, 1, step) for step in (1, 2) for moment in batch]
    expected += [("after_epoch", 1, 2), ("after_fit", 1, 2)]
    assert expected == diary.pages


@pytest.mark.parametrize("moment", [m for m in MOMENTS if m != "after_fit"])
def test_stop_ends_training_at_any_moment(model, moons, moment):
    """The sentence is kept, and after_fit still comes to everybody."""

    def stop(trainer):
        raise Stop(f"enough at {moment}")

    diary = Diary()
    run = fit(model, *moons, **BCE, epochs=5, callbacks=[acting(moment, stop), diary])
    assert f"enough at {moment}" == run.stopped
    assert ["after_fit"] == [m for m, _, _ in diary.pages if m == "after_fit"]
    assert moment in [m for m, _, _ in diary.pages]  # the others see it too
    assert run.epochs_done == (moment == "after_epoch")


def test_stop_without_a_word_gets_a_sentence(model, moons):
    """`raise Stop` is enough."""

    def stop(trainer):
        raise Stop

    run = fit(model, *moons, **BCE, callbacks=[acting("after_epoch", stop)])
    assert "stopped after epoch 1" == run.stopped


def test_a_callback_that_fails_is_named(model, moons):
    """The error says which callback, where, and keeps the original as its cause."""

    def fail(trainer):
        raise KeyError("colour")

    with pytest.raises(errors.SeegradError) as caught:
        fit(model, *moons, **BCE, callbacks=[acting("after_batch", fail)])
    assert "the callback Acting raised KeyError: 'colour'" == caught.value.what
    assert "Acting.after_batch, at epoch 1 of 10, step 1 of 2" == caught.value.where
    assert isinstance(caught.value.__cause__, KeyError)


def test_an_error_of_ours_in_a_callback_keeps_its_type(model, moons):
    """A SeegradError only learns where it was."""

    def fail(trainer):
        raise errors.DataError("no ink")

    with pytest.raises(errors.DataError, match=r"in   Acting\.after_epoch"):
        fit(model, *moons, **BCE, callbacks=[acting("after_epoch", fail)])


def test_everybody_gets_after_fit_though_one_fails_in_it(model, moons):
    """A bar is closed and Ctrl-C given back whatever the neighbours do."""

    def fail(trainer):
        raise ValueError("late")

    diary = Diary()
    with pytest.raises(errors.SeegradError, match="ValueError: late"):
        fit(
            model,
            *moons,
            **BCE,
            epochs=1,
            callbacks=[acting("after_fit", fail), acting("after_fit", fail), diary],
        )
    assert ("after_fit", 1, 2) == diary.pages[-1]


def test_modes_are_restored_when_a_callback_fails(model, moons):
    """The model leaves in the mode in which it came, also through an error."""
    model.eval()
    with pytest.raises(errors.SeegradError):
        fit(model, *moons, **BCE, callbacks=[acting("after_loss", lambda t: 1 / 0)])
    assert [False] * 4 == [m.training for _, m in model.named_modules()]


def test_modes_are_restored_when_validation_fails(model, moons):
    """Also when a metric raises after the first epoch."""

    def fragile(prediction, target):
        if len(prediction) == 60:
            calls.append("all rows")
        assert len(calls) < 3  # the rehearsal sees both sets, then comes validation
        return 0.0

    calls = []
    model.eval()
    with pytest.raises(AssertionError):
        fit(model, *moons, **BCE, metrics=[fragile], validation_data=moons)
    assert [False] * 4 == [m.training for _, m in model.named_modules()]


def test_a_callback_may_replace_the_batch(model, moons):
    """What before_batch puts in place of x is what the model sees."""

    def darken(trainer):
        trainer.x = trainer.x * 0.0

    seen = []
    callbacks = [
        acting("before_batch", darken),
        acting("after_loss", lambda t: seen.append(float(abs(t.x).sum()))),
    ]
    fit(model, *moons, **BCE, epochs=1, callbacks=callbacks)
    assert [0.0, 0.0] == seen


def test_one_callback_needs_no_list(model, moons):
    """callbacks=Diary() is understood."""
    diary = Diary()
    fit(model, *moons, **BCE, epochs=0, callbacks=diary)
    assert ["before_fit", "after_fit"] == [moment for moment, _, _ in diary.pages]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("after_epochs", "after_epoch"),
        ("on_epoch_end", "after_epoch"),
        ("on_epoch_begin", "before_epoch"),
        ("on_train_start", "before_fit"),
        ("on_train_batch_end", "after_batch"),
    ],
)
def test_a_moment_that_never_comes_is_refused(name, meant):
    """Names from elsewhere, or misspelled, would be methods that nobody calls."""
    with pytest.raises(errors.ArgumentError, match=f"moment called '{name}'") as caught:
        type("Mine", (Callback,), {name: lambda self, trainer: None})
    assert "Mine" == caught.value.where
    assert repr(meant) == caught.value.hint


def test_a_callback_may_have_other_methods():
    """Only names that look like moments are looked at."""
    type("Mine", (Callback,), {"on_paper": None, "_after_all": None, "find_end": None})
