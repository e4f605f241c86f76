"""How the objects of CPython and NumPy lie in memory, as native code reads them.

`call/` looks into nodes, arrays, lists and floats without asking Python, so it has to
know where each part lies. All of that is written down here once, and `are_known` checks
it on objects whose parts are known. Where it is not so, nothing is compiled.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import types
from functools import cache
from typing import Any

import numpy as np

from seegrad.tensor import Tensor

HEAD = object.__basicsize__  # every object begins with its count and its type
TYPE = 8
LENGTH = HEAD  # of a list, a tuple, a dictionary
CELL = HEAD  # what the cell of a closure holds
DATA = HEAD  # an array: the pointer to its numbers; a float: its number
NODE = {
    name: HEAD + 8 * k
    for k, name in enumerate(
        ("_data", "_grad", "_requires_grad", "born", "inputs", "name", "op", "settings")
    )
}


WORD, ITEM, ENTRY, WHOLE = range(4)  # kinds of places, as in `call/`


def word(address: int) -> int:
    """What is written in the eight bytes there."""
    return ctypes.c_uint64.from_address(address).value


def holders(thing: Any) -> int:
    """How many hold an object; whoever asks is not counted."""
    return word(id(thing)) % 2**32 - 1


def dictionary(thing: Any) -> dict[str, Any]:
    """The dictionary in which a class or an object keeps its attributes."""
    own: Any = vars(thing)
    if isinstance(own, types.MappingProxyType):  # it shows the one of a class
        (own,) = gc.get_referents(own)
    return own  # type: ignore[no-any-return]


@cache
def function_parts() -> dict[str, int]:
    """Where a function of Python keeps its code and its defaults."""

    def probe(x: Any = (), *, y: Any = 0) -> None: ...

    parts = ("__code__", "__defaults__", "__kwdefaults__")
    words = [word(id(probe) + 8 * k) for k in range(probe.__sizeof__() // 8)]
    return {name: 8 * words.index(id(getattr(probe, name))) for name in parts}


@cache
def are_known() -> bool:
    """Whether objects look as this file and `call/` take them to look."""
    alone = getattr(sys, "_is_gil_enabled", lambda: True)()  # else counts mean little
    if sys.implementation.name != "cpython" or HEAD != 16 or not alone:
        return False
    node = Tensor(np.zeros((3, 5), np.float32), name="probe")
    node.op, node._grad = object(), np.zeros(1)  # type: ignore[assignment]
    array, cell = node._data, types.CellType(node)
    pair = [node, array]
    right = [word(id(node) + at) == id(getattr(node, k)) for k, at in NODE.items()]
    right += [
        word(id(node) + TYPE) == id(Tensor),
        word(id(array) + DATA) == array.ctypes.data,
        word(id(array) + 24) % 2**32 == array.ndim,
        word(word(id(array) + 32) + 8) == array.shape[1],
        word(id(array) + 56) == id(array.dtype),
        word(id(array) + 64) % 2**32 == array.flags.num,
        word(id(pair) + LENGTH) == 2,
        word(word(id(pair) + 24) + 8) == id(array),
        word(id({1: 2}) + LENGTH) == 1,
        word(id(cell) + CELL) == id(node),
        ctypes.c_double.from_address(id(2.5) + DATA).value == 2.5,
    ]
    return all(right)
