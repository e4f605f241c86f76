"""What is required of numbers: nothing happens, or the error that explains it."""

import numpy as np
import pytest

import seegrad as sg
from seegrad.errors import DataError
from seegrad.mode import tracing
from seegrad.require import require


class Tracer:
    """Keeps the conditions it is told of, as a trace does."""

    def __init__(self):
        self.conditions = []

    def require(self, condition):
        """One more thing that every run has to check."""
        self.conditions.append(condition)


@pytest.mark.parametrize(
    "condition",
    [
        True,
        np.bool(True),
        np.array([True, True]),
        np.ones((0, 3), bool),
        sg.tensor([[True], [True]]),
        sg.Value(2.0) > 1.0,
    ],
)
def test_what_holds_asks_for_no_explanation(condition):
    """Of a bool, an array or a node, and of no numbers at all."""
    require(condition, lambda: pytest.fail("nothing is wrong"))


@pytest.mark.parametrize(
    "condition",
    [
        False,
        np.bool(False),
        np.array([True, False]),
        sg.tensor([[True], [False]]),
        sg.Value(2.0) > 3.0,
    ],
)
def test_one_number_that_fails_raises_the_explanation(condition):
    """Exactly the error that was made for it."""
    error = DataError("no", hint="yes")
    with pytest.raises(DataError) as caught:
        require(condition, lambda: error)
    assert error is caught.value


def test_a_trace_is_told_the_condition_and_no_number_is_read():
    """Conditions of plain data are checked at once, also in a trace."""
    tracer, condition = Tracer(), sg.tensor([1.0, -1.0]) > 0.0
    with tracing(tracer):
        require(condition, lambda: pytest.fail("a trace explains later"))
        with pytest.raises(DataError):
            require(np.array(False), lambda: DataError("no"))
    assert [condition] == tracer.conditions
    assert condition is tracer.conditions[0]
