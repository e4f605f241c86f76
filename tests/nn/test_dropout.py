"""Dropout: what is left out, what is kept, and when."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, random
from seegrad.errors import ArgumentError


def test_the_expected_sum_stays_the_same():
    """About p of the numbers are 0, and the others are divided by 1 - p."""
    out = nn.Dropout(0.25)(np.ones((200, 200), np.float32)).data
    assert {0.0, np.float32(1.0 / 0.75)} == set(np.unique(out).tolist())
    assert 0.25 == pytest.approx((out == 0.0).mean(), abs=0.01)


def test_predicting_changes_nothing():
    """After eval() the very same tensor comes out, and no random number is drawn."""
    layer, x = nn.Dropout(0.5).eval(), sg.ones(3)
    before = random.state()
    assert x is layer(x)
    assert before == random.state()
    assert layer.train()(x) is not x


def test_the_ends_of_the_range():
    """With p = 0 all stay, with p = 1 none."""
    x = sg.ones((3, 3), requires_grad=True)
    assert x is nn.Dropout(0)(x)
    out = nn.Dropout(1)(x)
    out.sum().backward()
    assert not out.data.any()
    assert not x.grad.any()


def test_the_gradient_goes_where_the_number_went():
    """What was left out learns nothing."""
    x = sg.ones((5, 5), requires_grad=True)
    out = nn.Dropout(0.5)(x)
    out.sum().backward()
    assert out.tolist() == x.grad.tolist()


def test_the_stream_decides_and_can_be_put_back():
    """Two calls differ; a saved state of the stream repeats them."""
    layer, x = nn.Dropout(0.5), sg.ones(64)
    saved = random.state()
    first, second = layer(x).tolist(), layer(x).tolist()
    assert first != second
    random.set_state(saved)
    assert [first, second] == [layer(x).tolist(), layer(x).tolist()]


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan"), "half", None, True])
def test_a_p_that_is_no_probability_is_refused(p):
    """At construction, with what was given."""
    with pytest.raises(ArgumentError, match="from 0 to 1") as caught:
        nn.Dropout(p)
    assert "Dropout" == caught.value.where


def test_the_next_key_of_the_stream_draws_the_mask():
    """One number of float32 for each of x, whatever the dtype of x."""
    x = sg.ones((4, 5), dtype="float64")
    sg.manual_seed(7)
    out = nn.Dropout(0.3)(x)
    sg.manual_seed(7)
    kept = random.uniform(random.next_key(), (4, 5)) >= 0.3
    np.testing.assert_array_equal(kept / 0.7, out.data)
    assert np.float64 == out.dtype
