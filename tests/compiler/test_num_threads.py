"""How many threads a step may use: said in the program, or before it starts."""

import numpy as np
import pytest

from seegrad.compiler.machine import threads
from seegrad.compiler.machine.threads import get_num_threads, set_num_threads
from seegrad.errors import ArgumentError, InputTypeError


@pytest.fixture
def keep_number(monkeypatch):
    """The number of threads is put back."""
    monkeypatch.setattr(threads.team, "chosen", threads.team.chosen)


def test_the_number_is_what_was_set(keep_number):
    """NumPy's whole numbers count as such."""
    set_num_threads(np.int64(3))
    assert 3 == get_num_threads()


@pytest.mark.parametrize(
    ("n", "error", "complaint"),
    [
        (0, ArgumentError, "n must be 1 or more, not 0"),
        (-2, ArgumentError, "n must be 1 or more, not -2"),
        (257, ArgumentError, "257 threads are more than the 256"),
        (2.0, InputTypeError, "n must be a whole number, not 2.0"),
        (True, InputTypeError, "n must be a whole number"),
        ("2", InputTypeError, "n must be a whole number"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(keep_number, n, error, complaint):
    """The error says what is allowed, and the old number stays."""
    before = get_num_threads()
    with pytest.raises(error, match=complaint):
        set_num_threads(n)
    assert before == get_num_threads()


@pytest.mark.parametrize(("text", "expected"), [("3", 3), (" 2 ", 2), ("256", 256)])
def test_the_environment_may_say_the_number(keep_number, monkeypatch, text, expected):
    """It is read when the number is first asked for."""
    monkeypatch.setenv("SEEGRAD_NUM_THREADS", text)
    monkeypatch.setattr(threads.team, "chosen", None)
    assert expected == get_num_threads()


@pytest.mark.parametrize("text", ["", " "])
def test_without_a_number_all_usable_cores_work(keep_number, monkeypatch, text):
    """As many as the process may use."""
    monkeypatch.setenv("SEEGRAD_NUM_THREADS", text)
    monkeypatch.setattr(threads.team, "chosen", None)
    monkeypatch.setattr(threads, "usable_cores", lambda: 5)
    assert 5 == get_num_threads()


@pytest.mark.parametrize("text", ["0", "-1", "two", "2.5", "1000"])
def test_nonsense_in_the_environment_is_refused(keep_number, monkeypatch, text):
    """The error names the variable or the limit, and where it was said."""
    monkeypatch.setenv("SEEGRAD_NUM_THREADS", text)
    monkeypatch.setattr(threads.team, "chosen", None)
    with pytest.raises(ArgumentError, match="the environment"):
        get_num_threads()
