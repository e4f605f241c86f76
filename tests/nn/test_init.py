"""How weights begin: the spread that the papers ask for, and what has no fan."""

import math

import numpy as np
import pytest

from seegrad.errors import ArgumentError, DtypeError, SeegradError, ShapeError
from seegrad.nn import init

SHAPE = (200, 100)
SPREADS = [
    (math.sqrt(2.0 / 100), init.kaiming_uniform, {}),
    (math.sqrt(2.0 / 100), init.kaiming_normal, {}),
    (math.sqrt(2.0 / 200), init.kaiming_normal, {"mode": "fan_out"}),
    (5.0 / 3.0 / 10.0, init.kaiming_uniform, {"nonlinearity": "tanh"}),
    (math.sqrt(2.0 / 6.0) / 10.0, init.kaiming_uniform, {"a": math.sqrt(5.0)}),
    (math.sqrt(2.0 / 300), init.xavier_uniform, {}),
    (math.sqrt(2.0 / 300) * 2.0, init.xavier_normal, {"gain": 2.0}),
    (2.0, init.normal, {"std": 2.0}),
    (1.0 / math.sqrt(12.0), init.uniform, {}),
]


@pytest.mark.parametrize(("spread", "function", "settings"), SPREADS)
def test_the_spread_is_the_one_of_the_paper(spread, function, settings):
    """The standard deviation of 20,000 numbers is within two percent."""
    out = function(SHAPE, seed=0, **settings)
    assert spread == pytest.approx(out.std(), rel=0.02)
    assert np.float32 == out.dtype
    assert np.float64 == function(SHAPE, seed=0, dtype="float64", **settings).dtype


@pytest.mark.parametrize(("spread", "function", "settings"), SPREADS)
def test_a_seed_repeats(spread, function, settings):
    """The same seed, the same numbers; without one, fresh ones."""
    first, second = (function((3, 4), seed=1, **settings) for _ in range(2))
    assert first.tolist() == second.tolist()
    assert (
        function((3, 4), **settings).tolist() != function((3, 4), **settings).tolist()
    )


def test_middles_and_constants():
    """A mean that was asked for, a range, and numbers repeated."""
    assert 5.0 == pytest.approx(init.normal((1000,), 5.0, 0.1, seed=0).mean(), abs=0.02)
    out = init.uniform((1000,), 2.0, 3.0, seed=0)
    assert 2.0 <= out.min() < out.max() <= 3.0
    assert [0.0, 0.0] == init.zeros(2).tolist()
    assert [[1.0], [1.0]] == init.ones((2, 1)).tolist()
    assert [0.5] == init.constant(1, 0.5).tolist()


def test_fans_count_what_flows_in_and_out():
    """A linear weight, and a convolution of 3 x 3."""
    assert (3, 16) == init.fans((16, 3))
    assert (27, 144) == init.fans((16, 3, 3, 3))


def test_gains():
    """PyTorch's numbers."""
    gains = {"linear": 1.0, "relu": math.sqrt(2.0), "sigmoid": 1.0, "tanh": 5.0 / 3.0}
    assert gains == {name: init.calculate_gain(name) for name in gains}
    assert math.sqrt(2.0 / 1.04) == pytest.approx(
        init.calculate_gain("leaky_relu", 0.2)
    )


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: init.kaiming_uniform(()), ShapeError, "two axes or more"),
        (lambda: init.kaiming_normal((3,)), ShapeError, "two axes or more"),
        (lambda: init.xavier_uniform(3), ShapeError, "two axes or more"),
        (lambda: init.xavier_normal((0, 0)), ArgumentError, "no numbers"),
        (lambda: init.calculate_gain("rleu"), ArgumentError, "try  'relu'"),
        (lambda: init.kaiming_normal((2, 2), mode="fan"), ArgumentError, "no mode"),
        (lambda: init.normal((2, -1)), ShapeError, "0 or more"),
        (lambda: init.normal(2, dtype="int64"), DtypeError, "int64"),
        (lambda: init.zeros(2, dtype="complex64"), DtypeError, "complex64"),
    ],
)
def test_what_cannot_begin_is_refused(call, error, text):
    """A shape without a fan, an unknown name, a dtype that cannot learn."""
    with pytest.raises(SeegradError) as caught:
        call()
    assert isinstance(caught.value, error)
    assert text in str(caught.value)
