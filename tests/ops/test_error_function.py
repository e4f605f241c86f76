"""The error function of arrays, for which NumPy has no word, and gelu made of it."""

import math

import numpy as np
import pytest

import seegrad as sg


def apart(expected, actual):
    """How many units in the last place two arrays are apart, at most."""
    return (np.abs(actual - expected) / np.spacing(np.abs(expected))).max()


def test_erf_of_arrays_is_exact_to_two_units_in_the_last_place():
    """On a fine grid, around the seam at 0.5, and down to the smallest numbers."""
    x = np.concatenate(
        [
            np.linspace(-7.0, 7.0, 20_001),
            np.geomspace(1e-320, 0.5, 2_001),
            np.nextafter(0.5, [0.0, 1.0]),
        ]
    )
    expected = np.array([math.erf(number) for number in x])
    assert apart(expected, sg.erf(sg.tensor(x)).data) <= 2.0
    narrow = sg.erf(sg.tensor(x.astype(np.float32)))
    assert np.float32 == narrow.dtype
    expected = np.array([math.erf(number) for number in x.astype(np.float32)])
    np.testing.assert_array_equal(expected.astype(np.float32), narrow.data)


def test_the_ends_of_the_axis():
    """Infinity, NaN, numbers whose square overflows, and both zeros."""
    x = np.array([np.inf, -np.inf, 1e300, -1e300, np.nan, 0.0, -0.0])
    out = sg.erf(sg.tensor(x)).data
    np.testing.assert_array_equal([1.0, -1.0, 1.0, -1.0, np.nan, 0.0, -0.0], out)
    assert [False, True] == np.signbit(out[-2:]).tolist()


def test_whole_numbers_become_floats():
    """Tensors of integers, and NumPy's own."""
    assert np.float32 == sg.erf(sg.tensor([1, 2])).dtype
    assert math.erf(1.0) == pytest.approx(sg.erf(np.array([1]))[0], rel=1e-15)


def test_the_slope_of_erf_is_the_bell_curve():
    """2 exp(-x^2) / sqrt(pi), for a Value and a tensor."""
    x = sg.Value(0.5)
    sg.erf(x).backward()
    assert 2.0 * math.exp(-0.25) / math.sqrt(math.pi) == pytest.approx(x.grad)


def test_gelu_stays_finite_far_out():
    """x on the right, 0 on the left, with slopes 1 and 0, in both forms."""
    for approximate in ("none", "tanh"):
        x = sg.tensor(np.array([1e4, -1e4]), requires_grad=True)
        out = sg.gelu(x, approximate)
        out.sum().backward()
        assert [1e4, 0.0] == out.tolist()
        assert [1.0, 0.0] == x.grad.tolist()
