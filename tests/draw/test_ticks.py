"""Ticks: round numbers inside the limits, evenly spaced."""

import math

from hypothesis import given
from hypothesis import strategies as st

from seegrad.draw.ticks import log_ticks, nice_ticks, whole_ticks

spans = st.tuples(st.floats(-1e5, 1e5), st.floats(1e-3, 1e5))


@given(spans)
def test_ticks_lie_between_the_limits(span):
    """A few, in order, none outside."""
    low, high = span[0], span[0] + span[1]
    ticks = nice_ticks(low, high)
    room = (high - low) * 1e-6
    assert 2 <= len(ticks) <= 9
    assert sorted(set(ticks)) == ticks
    assert low - room <= ticks[0] <= ticks[-1] <= high + room


@given(spans)
def test_steps_are_one_two_or_five(span):
    """The step is 1, 2 or 5 times a power of ten."""
    ticks = nice_ticks(span[0], span[0] + span[1])
    step = (ticks[-1] - ticks[0]) / (len(ticks) - 1)
    digits = step / 10 ** math.floor(math.log10(step) + 1e-6)
    assert min(abs(digits - nice) for nice in (1, 2, 5, 10)) < 0.02


def test_no_tick_is_a_negative_zero():
    """-0.0 is written 0."""
    assert ["0.0"] == [f"{t}" for t in nice_ticks(-1.0, 1.0) if t == 0.0]


def test_an_empty_span_has_one_tick():
    """Nothing to divide."""
    assert [3.0] == nice_ticks(3.0, 3.0)
    assert [1.0] == whole_ticks(1, 1)


@given(st.integers(1, 5), st.integers(0, 10_000))
def test_counting_ticks_are_whole(low, more):
    """There is no epoch 2.5."""
    ticks = whole_ticks(low, low + more)
    assert ticks
    assert all(tick == int(tick) and low <= tick <= low + more for tick in ticks)


@given(st.floats(1e-8, 1e3), st.floats(1.1, 1e8))
def test_logarithmic_ticks_lie_between_the_limits(low, ratio):
    """Also when the axis spans less than a decade."""
    high = low * ratio
    ticks = log_ticks(low, high)
    assert ticks
    assert len(ticks) <= 12
    assert all(low * 0.999 <= tick <= high * 1.001 for tick in ticks)
