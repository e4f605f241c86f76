"""Numbers in pictures: four digits, and what is written can be read back."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad.draw.numbers import fixed, read, short, signed, summary


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2.0", 2.0),
        ("−3.0", -3.0),
        ("0.7071", 0.70710678),
        ("0.3333", 1 / 3),
        ("1.0", 0.99999),
        ("12346", 12345.678),
        ("100.0", 99.999),
        ("0.001", 0.001),
        ("9.9e−4", 0.00099),
        ("1.2e−7", 1.2e-7),
        ("1.234e8", 123400000.0),
        ("0.0", 0.0),
        ("0.0", -0.0),
        ("nan", math.nan),
        ("inf", math.inf),
        ("−inf", -math.inf),
    ],
)
def test_short_writes_four_significant_digits(text, number):
    """The digits that count, no more, and no negative zero."""
    assert text == short(number)


@given(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
)
def test_what_short_writes_is_the_number_to_four_digits(number):
    """Reading back loses at most half a unit of the fourth digit."""
    assert math.isclose(number, read(short(number)), rel_tol=5.1e-4, abs_tol=1e-300)


@given(st.floats(1e-6, 1e6))
def test_a_number_and_its_negative_are_written_alike(number):
    """The minus is the only difference."""
    assert "−" + short(number) == short(-number)
    assert "−" + fixed(number) == fixed(-number)


@given(st.floats(-1e6, 1e6, allow_subnormal=False))
def test_fixed_keeps_three_digits(number):
    """For crowded places."""
    assert math.isclose(number, read(fixed(number)), rel_tol=5.1e-3, abs_tol=1e-300)


def test_float32_is_written_without_its_noise():
    """0.1 in float32 is 0.10000000149, and nobody wants to see that."""
    assert "0.1" == short(np.float32(0.1))


def test_a_summary_tells_the_range():
    """Many numbers are summed up; a few are written out."""
    assert "1.0, −2.0" == summary(np.array([1.0, -2.0]))
    assert "−4.0 … 9.0" == summary(np.array([-4.0, 0.0, 9.0]))
    assert "all 1.0" == summary(np.ones((3, 3)))
    assert "empty" == summary(np.ones((0, 3)))
    assert "holds nan" == summary(np.array([1.0, math.nan, 2.0]))
    assert "2 of 3 true" == summary(np.array([True, False, True]))


def test_the_common_sign_of_many():
    """Mixed signs have none."""
    assert [1.0, -1.0, 0.0, 0.0, 1.0] == [
        signed(x)
        for x in (3.0, np.array([-1.0, -2.0]), np.array([-1.0, 1.0]), 0.0, [0, 2])
    ]
