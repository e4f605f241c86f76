"""History: one number per epoch for everything measured."""

import pytest

from seegrad import errors
from seegrad.borrow import LENDERS
from seegrad.train import History, fit


def test_it_has_a_number_for_every_finished_epoch(model, moons):
    """Loss, metrics and their validation twins, in the order in which they are made."""
    run = fit(
        model, *moons, loss="bce_with_logits", optimizer="adam", epochs=4,
        metrics=["accuracy"], validation_data=moons,
    )  # fmt: skip
    assert ["loss", "accuracy", "val_loss", "val_accuracy"] == list(run.history.records)
    assert [4] * 4 == [len(numbers) for numbers in run.history.records.values()]
    assert 4 == len(run.history)
    assert all(isinstance(n, float) for n in run.history.last().values())


def test_it_shows_its_latest_numbers():
    """The repr is for a person."""
    history = History()
    assert "History(0 epochs)" == repr(history)
    assert {} == history.last()
    history.add({"loss": 0.123456, "accuracy": 0.5})
    assert "History(1 epoch: loss=0.1235, accuracy=0.5)" == repr(history)


def test_drawing_is_lent_to_it(monkeypatch):
    """It hands itself and the settings to the function that the library lends."""
    history = History()
    draw = "seegrad.draw.learning_curve"
    monkeypatch.setattr(draw, lambda *given, **settings: (*given, settings))
    assert (history, {"theme": "dark"}) == history.draw(theme="dark")
    monkeypatch.delitem(LENDERS, "History.draw")
    with pytest.raises(errors.SeegradError, match="import seegrad"):
        history.draw()


def test_it_is_asked_for_a_number_by_name():
    """As a dictionary would be, with the nearest name when there is none."""
    history = History()
    history.add({"loss": 0.5})
    assert [0.5] == history["loss"]
    with pytest.raises(errors.ArgumentError, match="try  'loss'"):
        history["los"]
