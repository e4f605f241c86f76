"""The words behind random numbers are NumPy's Philox, however they are asked for."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seegrad import philox
from seegrad.philox import philox_words

WORD = 2**64


@given(st.integers(0, WORD**2 - 1), st.integers(0, 20))
def test_words_are_those_of_a_new_generator(key, count):
    """A generator that was used before leaves no trace in the next words."""
    philox_words(key ^ 1, 3)  # in the middle of a block
    expected = np.random.Philox(key=key).random_raw(count)
    np.testing.assert_array_equal(expected, philox_words(key, count))


def test_first_block_is_the_stored_one():
    """Key 0 and counter 1: if this changes, every seeded run changes."""
    expected = [0x02F4BA6408E4D89B, 0x3DD62B0B9CA8C5B2]
    expected += [0x1C8667A55D902E79, 0x907D7A052FD5B4DC]
    assert expected == philox_words(0, 4).tolist()


def test_threads_do_not_meet_in_a_generator():
    """Eight threads draw the words that one would, and no generator is made twice."""
    expected = [philox_words(key, 500).sum() for key in range(200)]
    with ThreadPoolExecutor(8) as pool:
        actual = list(pool.map(lambda key: philox_words(key, 500).sum(), range(200)))
    assert expected == actual
    assert 1 <= len(philox._idle) <= 9
