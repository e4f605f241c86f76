"""Random numbers that do not come from the library, noticed by what they leave behind.

A step that draws from NumPy or from Python's `random` would get its first numbers again
in every compiled run. Each generator remembers how far it has come, which tells.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from numpy.random import BitGenerator, Generator, RandomState

GENERATORS = (random.Random, RandomState, Generator, BitGenerator)
BUILT_IN = (np.random.mtrand._rand, random._inst)


class Chance:
    """The states of all generators in reach, at the moment it is made."""

    def __init__(self) -> None:
        self.before: list[tuple[Any, Any]] = []
        self.notice(BUILT_IN)

    def notice(self, generators: Any) -> None:
        """Look at these generators as well."""
        self.before += [(generator, _state(generator)) for generator in generators]

    def moved(self) -> bool:
        """Whether anything was drawn since."""
        return any(repr(_state(g)) != repr(before) for g, before in self.before)

    def put_back(self) -> None:
        """Let every generator stand where it stood."""
        for generator, before in self.before:
            if hasattr(generator, "getrandbits"):
                generator.setstate(before)
            elif hasattr(generator, "set_state"):
                generator.set_state(before)
            else:
                getattr(generator, "bit_generator", generator).state = before


def _state(generator: Any) -> Any:
    """How far a generator has come, as plain data."""
    if hasattr(generator, "getrandbits"):
        return generator.getstate()
    if hasattr(generator, "get_state"):
        return generator.get_state(legacy=False)
    return getattr(generator, "bit_generator", generator).state
