"""Keys give the same numbers everywhere; the stored values here were made once.

If one of them changes, every seeded run of every user changes with it.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad import box_muller, random
from seegrad.errors import (
    ArgumentError,
    DtypeError,
    InputTypeError,
    ShapeError,
    StateError,
)

DERIVED = 6169297401537954544
UNIFORM = ["0x1.76d8d6da984efp-1", "0x1.ac2fc17408f84p-2", "0x1.59176acccd590p-1"]
NORMAL = ["-0x1.2547bd31a64edp-2", "-0x1.64b9d264eabddp+0", "-0x1.3cd72e5e092d1p-1"]
PERMUTATION = [6, 7, 3, 0, 2, 1, 4, 5]

keys = st.integers(0, 2**70)


@pytest.fixture(autouse=True)
def _stream_left_as_found():
    """Put the global stream back after each test."""
    saved = random.state()
    yield
    random.set_state(saved)


def test_derived_key_is_the_stored_one():
    """The hash is fixed for good."""
    assert DERIVED == random.derive("dropout", 3)


def test_uniform_numbers_are_the_stored_ones():
    """Bit for bit, in hexadecimal."""
    actual = [x.hex() for x in random.uniform(0, 3, np.float64).tolist()]
    assert UNIFORM == actual


def test_normal_numbers_are_the_stored_ones():
    """Bit for bit: no step of the way depends on the machine."""
    actual = [x.hex() for x in random.normal(0, 3, np.float64).tolist()]
    assert NORMAL == actual


def test_permutation_is_the_stored_one():
    """Shuffles are as fixed as numbers are."""
    assert PERMUTATION == random.permutation(0, 8).tolist()


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_numbers_do_not_depend_on_the_hash_seed(hash_seed):
    """Python's own hash of strings changes from run to run; ours does not."""
    code = "from seegrad.random import derive; print(derive('dropout', 3))"
    here = os.pathsep.join(path for path in sys.path if path)
    settings = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": here}
    out = subprocess.run(
        [sys.executable, "-c", code], env=settings, capture_output=True, check=True
    )
    assert DERIVED == int(out.stdout)


@given(st.lists(st.integers(0, 2**80) | st.text(max_size=5), max_size=4))
def test_derived_keys_fit_an_int64(parts):
    """Any parts give a whole number from 0 to 2**63 - 1."""
    assert 0 <= random.derive(*parts) < 2**63


def test_derive_tells_kind_order_and_grouping_apart():
    """Parts that look alike when run together give different keys."""
    parts = [(1, 2), (2, 1), ("1", 2), (12,), ("12",), ("1", "2"), (), ("",)]
    assert len(parts) == len({random.derive(*each) for each in parts})


def test_numpy_integers_are_whole_numbers():
    """A seed taken from an array is as good as one typed."""
    assert random.derive("a", 5) == random.derive("a", np.int32(5))


@given(keys, st.lists(st.integers(0, 4), max_size=3).map(tuple))
def test_element_does_not_depend_on_the_shape(key, shape):
    """A smaller request is the beginning of a larger one."""
    for draw in (random.uniform, random.normal):
        short, long = draw(key, shape), draw(key, (100,))
        assert shape == short.shape
        np.testing.assert_array_equal(long[: short.size], short.reshape(-1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_uniform_fills_its_interval_evenly(dtype):
    """From 0 up to but not 1, the tenths equally full, the mean one half."""
    x = random.uniform(1, (100_000,), dtype)
    assert dtype == x.dtype
    assert 0.0 <= x.min() < 0.001
    assert 0.999 < x.max() < 1.0
    counts = np.histogram(x, bins=10, range=(0, 1))[0]
    np.testing.assert_allclose(counts, 10_000, rtol=0.05)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_normal_has_the_moments_and_tails_of_a_normal(dtype):
    """Mean 0, deviation 1, skew 0, fourth moment 3, and 4.55 % beyond two."""
    x = random.normal(1, (200_000,), dtype)
    assert dtype == x.dtype
    moments = [float((x.astype(np.float64) ** k).mean()) for k in (1, 2, 3, 4)]
    np.testing.assert_allclose(moments, [0, 1, 0, 3], atol=0.05)
    assert math.erfc(math.sqrt(2)) == pytest.approx((np.abs(x) > 2).mean(), abs=0.002)


def test_own_logarithm_and_cosine_are_exact_to_rounding():
    """They agree with NumPy's to a few units in the last place, at the ends too."""
    u = np.append(random.uniform(2, (10_000,), np.float64), [2.0**-53, 1 - 2.0**-53])
    u = u[u > 0]
    np.testing.assert_allclose(np.log(u), box_muller.log(np, u), rtol=1e-15)
    expected = np.cos(2 * np.pi * u)
    np.testing.assert_allclose(expected, box_muller.cosine_of_turns(u), atol=2e-15)


def test_different_keys_and_purposes_are_unrelated():
    """No correlation between neighbouring keys, nor uniform and normal of one key."""
    draws = [random.normal(key, (20_000,)) for key in range(3)]
    draws.append(random.uniform(0, (20_000,)))
    off_diagonal = np.corrcoef(draws) - np.eye(4)
    np.testing.assert_allclose(off_diagonal, 0, atol=0.03)


@given(keys, st.integers(0, 50))
def test_permutation_holds_each_row_once(key, n):
    """Sorted, it is 0 to n - 1."""
    order = random.permutation(key, n)
    assert np.int64 == order.dtype
    assert list(range(n)) == sorted(order.tolist())


def test_permutation_puts_every_row_everywhere():
    """Each of four rows comes first about a quarter of the time."""
    first = [random.permutation(key, 4)[0] for key in range(2000)]
    np.testing.assert_allclose(np.bincount(first), 500, rtol=0.15)


def test_seeded_generator_repeats():
    """A NumPy generator made of the same parts gives the same numbers."""
    draws = [random.seeded("a", 1).poisson(3.0, 5).tolist() for _ in range(2)]
    assert draws[0] == draws[1]
    assert draws[0] != random.seeded("a", 2).poisson(3.0, 5).tolist()


def test_manual_seed_starts_the_stream_again():
    """The same seed, the same keys; another seed, others."""
    runs = []
    for seed in (4, 4, 5):
        random.manual_seed(seed)
        runs.append([random.next_key() for _ in range(3)])
    assert runs[0] == runs[1]
    assert not set(runs[0]) & set(runs[2])


def test_saved_state_goes_on_where_it_was():
    """The state is plain data, and survives what happens in between."""
    random.manual_seed(9)
    random.next_key()
    saved = random.state()
    assert {"seed": 9, "counter": 1} == saved
    expected = random.next_key()
    random.manual_seed(1)
    random.set_state(saved)
    assert expected == random.next_key()


def test_threads_never_share_a_key():
    """Eight threads take 800 keys, all different, the same set as one thread would."""
    random.manual_seed(0)
    expected = {random.next_key() for _ in range(800)}
    random.manual_seed(0)
    with ThreadPoolExecutor(8) as pool:
        actual = list(pool.map(lambda _: random.next_key(), range(800)))
    assert len(actual) == len(set(actual))
    assert expected == set(actual)


def test_no_seed_means_the_next_global_key():
    """With None the global stream decides; a given seed leaves it alone."""
    random.manual_seed(2)
    expected = random.next_key()
    random.manual_seed(2)
    assert 6 == random.key_from(6)
    assert expected == random.key_from(None)


@pytest.mark.parametrize(
    ("seed", "error", "words"),
    [
        (-1, ArgumentError, "seed must be 0 or more, not -1"),
        (1.5, InputTypeError, "seed must be a whole number, not 1.5 (float)"),
        (True, InputTypeError, "seed must be a whole number, not True (bool)"),
        ("7", InputTypeError, "seed must be a whole number, not '7' (str)"),
        (np.arange(2), InputTypeError, "seed must be one whole number"),
    ],
)
def test_bad_seed_says_what_a_seed_is(seed, error, words):
    """Three lines: what it was, where, what to try; the stream is untouched."""
    before = random.state()
    with pytest.raises(error) as caught:
        random.manual_seed(seed)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(words)
    assert ["  in   manual_seed", "  try  seed=0, or more"] == lines[1:]
    assert before == random.state()


@pytest.mark.parametrize(
    ("shape", "error"),
    [(-1, ShapeError), ((2, -3), ShapeError), (2.0, InputTypeError)],
)
def test_bad_shape_is_refused(shape, error):
    """Sizes are whole numbers of 0 or more."""
    with pytest.raises(error, match=r"must be a whole number|a shape has sizes"):
        random.normal(0, shape)


@pytest.mark.parametrize("dtype", [np.int64, np.float16, np.bool_, "flot", 3])
def test_numbers_come_as_float32_or_float64_only(dtype):
    """Anything else is a cast that the caller should see."""
    with pytest.raises(DtypeError, match="float32 or float64, not"):
        random.uniform(0, 3, dtype)


@pytest.mark.parametrize("saved", [{}, {"seed": 1}, {"seed": 1, "count": 2}, None, 7])
def test_state_of_something_else_is_refused(saved):
    """Nothing is half set."""
    before = random.state()
    with pytest.raises(StateError, match="'seed' and a 'counter'"):
        random.set_state(saved)
    assert before == random.state()
