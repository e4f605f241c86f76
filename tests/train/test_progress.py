"""The bar: in a terminal, in a notebook that can show it, and nowhere else."""

import io
import os
import sys
import types

import pytest

from seegrad.train import Callback, Progress, Stop, fit
from seegrad.train.progress import bar_class, in_notebook

BCE = {"loss": "bce_with_logits", "optimizer": "adam", "epochs": 12}


class Terminal(io.StringIO):
    """A place to write that says it is a terminal."""

    def isatty(self):
        return True


class Notebook:
    """What IPython calls its shell inside Jupyter."""


Notebook.__name__ = "ZMQInteractiveShell"


@pytest.fixture
def terminal(monkeypatch):
    """Standard error as a terminal."""
    screen = Terminal()
    # pytest puts its own stream back into sys before each test, so not there.
    place = types.SimpleNamespace(stderr=screen, modules=sys.modules)
    monkeypatch.setattr("seegrad.train.progress.sys", place)
    return screen


@pytest.fixture
def notebook(monkeypatch):
    """Python inside a Jupyter kernel."""
    module = types.SimpleNamespace(get_ipython=Notebook)
    monkeypatch.setitem(sys.modules, "IPython", module)


def test_it_is_silent_where_nobody_looks(model, moons, capsys):
    """A pipe, a file, a test: not a word."""
    fit(model, *moons, **BCE)
    assert ("", "") == tuple(capsys.readouterr())


def test_a_terminal_gets_a_bar_with_epoch_and_numbers(model, moons, terminal):
    """One bar for the whole training, its last line with the numbers."""
    run = fit(model, *moons, **BCE, metrics=["accuracy"], validation_data=moons)
    numbers = run.history.last()
    last = terminal.getvalue().split("\r")[-1]
    assert last.startswith("epoch 12/12 |")
    assert "100% 00:00" in last
    for name in ("loss", "accuracy"):
        words = f"{name} {numbers[name]:.3f} (val {numbers['val_' + name]:.3f})"
        assert words in last


def test_a_terminal_can_be_told_to_be_quiet(model, moons, terminal):
    """progress=False never shows a bar."""
    fit(model, *moons, **BCE, progress=False)
    assert "" == terminal.getvalue()


def test_a_bar_can_be_asked_for(model, moons, capsys):
    """progress=True shows it also in a pipe, on standard error."""
    fit(model, *moons, **BCE, progress=True)
    out, err = capsys.readouterr()
    assert "" == out
    assert "epoch 12/12 |" in err
    assert "| 100% 00:00, loss 0." in err


def test_the_reason_of_an_early_end_is_said(model, moons, terminal):
    """After the bar, once."""

    class Enough(Callback):
        def after_epoch(self, trainer):
            raise Stop("that will do")

    fit(model, *moons, **BCE, callbacks=[Enough()])
    assert 1 == terminal.getvalue().count("that will do\n")


def test_a_bar_is_closed_when_training_fails(model, moons, terminal):
    """Whatever happened, the terminal is left in order."""
    progress = Progress()

    class Failing(Callback):
        def after_step(self, trainer):
            raise KeyError

    with pytest.raises(Exception, match="KeyError"):
        fit(model, *moons, **BCE, progress=False, callbacks=[progress, Failing()])
    assert progress.bar is None
    assert terminal.getvalue().endswith("\n")


@pytest.mark.usefixtures("notebook")
def test_a_notebook_with_widgets_gets_its_own_bar(monkeypatch):
    """ipywidgets is what such a bar is made of."""
    monkeypatch.setattr("seegrad.train.progress.find_spec", lambda name: object())
    assert in_notebook()
    assert "tqdm.notebook" == bar_class(None).__module__
    assert bar_class(False) is None


@pytest.mark.usefixtures("notebook")
def test_a_notebook_without_widgets_is_left_in_peace(monkeypatch, capsys):
    """A bar of text would fill it with lines; asked for, it comes."""
    monkeypatch.setattr("seegrad.train.progress.find_spec", lambda name: None)
    assert bar_class(None) is None
    assert "tqdm.std" == bar_class(True).__module__


def test_a_process_without_standard_error_trains_too(monkeypatch):
    """Under pythonw there is none."""
    monkeypatch.setattr(sys, "stderr", None)
    assert bar_class(None) is None


def test_a_terminal_of_unknown_size_gets_a_bar_of_eighty_columns(
    model, moons, terminal, monkeypatch
):
    """Some terminals say that they are 0 by 0, where tqdm alone would draw nothing."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.get_terminal_size", lambda *_: os.terminal_size((0, 0)))
    fit(model, *moons, **BCE)
    last = terminal.getvalue().split("\r")[-1].rstrip("\n")
    assert last.startswith("epoch 12/12 |")
    assert 80 == len(last)
