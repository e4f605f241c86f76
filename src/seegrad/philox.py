"""The words behind all random numbers: Philox, which encrypts a counter with a key.

Block n of four 64-bit words depends on the key and on n only, so numbers can be drawn
in any order, by any number of threads. NumPy has it; here it is asked in the cheapest
way. The compiler writes it once more, for the machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Generators that nobody is using. Each is taken out while it is used, so that threads
# never meet in one. Setting the state of one takes a tenth of the time of making one.
_idle: list[np.random.Philox] = []


def philox_words(key: int, count: int) -> NDArray[np.uint64]:
    """The first ``count`` 64-bit words of a key of 128 bits.

    They are those of Philox4x64 with ten rounds (Salmon et al., 2011), which counts its
    blocks from 1.

    >>> bool((philox_words(7, 2) == np.random.Philox(key=7).random_raw(2)).all())
    True
    """
    try:
        generator = _idle.pop()
    except IndexError:
        generator = np.random.Philox(key=0)
    generator.state = _beginning(key)
    words = np.asarray(generator.random_raw(count), dtype=np.uint64)
    _idle.append(generator)
    return words


def _beginning(key: int) -> Any:
    """The state of a generator that has not yet made a block."""
    high, low = divmod(key, 2**64)
    return {
        "bit_generator": "Philox",
        "state": {"counter": (0, 0, 0, 0), "key": (low, high)},
        "buffer": (0, 0, 0, 0),
        "buffer_pos": 4,  # used up: the next word begins a block
        "has_uint32": 0,
        "uinteger": 0,
    }
