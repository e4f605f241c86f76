"""A compiled step as a function of Python that is itself native code.

The code is `call/`. Here are its tables, which say what has to be as it was before a
run and what a run leaves behind, and the way to make a function of Python of it.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

import numpy as np

from seegrad.compiler.machine.build import Built, build
from seegrad.compiler.machine.pool import immortal
from seegrad.node import NO_SETTINGS, _now

RUNS = array("q", [0])  # native runs in this process, of all steps
PARTS = "objects", "places", "arguments", "results", "step"  # of the code, in order
TABLES = (
    *("arguments", "closed", "guards", "counts", "reads"),
    *("results", "writes", "updated", "forgotten"),
)


class Table(ctypes.Structure):
    """Rows of words: where they begin and end."""

    _fields_ = (("begin", ctypes.c_void_p), ("end", ctypes.c_void_p))


class Call(ctypes.Structure):
    """The same layout as ``%Call`` in ``call/``, where it is explained."""

    _fields_ = (
        *((name, Table) for name in TABLES),
        *((name, ctypes.c_int64) for name in ("given", "made", "alone")),
        *((name, ctypes.c_int64) for name in ("pauses", "long", "missing")),
        *((name, ctypes.c_void_p) for name in ("step", "slots", "dispatch", "job")),
        *((name, ctypes.c_void_p) for name in ("status", "runs", "none", "float")),
        *((name, ctypes.c_void_p) for name in ("int", "ndarray", "empty", "leaf")),
        *((name, ctypes.c_void_p) for name in ("settings", "now", "turn")),
        ("_own", ctypes.c_void_p * 4),
    )


class Method(ctypes.Structure):
    """What CPython wants to know of a function: PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


class Caller:
    """One step, ready to be called: ``step(args)``, or ``step(None)`` if prepared.

    It returns None where anything is not as the tables say, and has done nothing then.
    """

    def __init__(self) -> None:
        memory = np.zeros(ctypes.sizeof(Call), np.uint8)
        self.call = Call.from_buffer(memory.data)
        self.rows: dict[str, Any] = {}  # the tables, kept alive
        self.alive: dict[str, Any] = {}  # and the objects in them
        constants = {
            "none": None,
            "float": float,
            "int": int,
            "ndarray": np.ndarray,
            "empty": np.empty,
            "leaf": (),
            "settings": NO_SETTINGS,
            "now": _now,
        }
        for name, thing in constants.items():
            setattr(self.call, name, id(thing))
        self.call.runs = RUNS.buffer_info()[0]
        self.call.given = -1  # decline everything, until the tables are filled
        for name in TABLES:
            self.fill(name, [])
        self.step: Callable[[Any], Any] = _function(memory)

    def fill(self, name: str, rows: Iterable[Iterable[int]], alive: Any = ()) -> int:
        """Fill a table with rows of words; the address of the first is returned."""
        self.rows[name], table = table_of(rows)
        setattr(self.call, name, table)
        self.alive[name] = alive
        return int(table.begin or 0)


@cache
def shape_words(lengths: tuple[int, ...]) -> int:
    """Where the lengths of axes are written down, for ever."""
    words, _ = immortal(table_of([lengths]))
    return int(words.buffer_info()[0])


def table_of(rows: Iterable[Iterable[int]]) -> tuple[Any, Table]:
    """Rows one after the other in memory, and where that is while it is kept."""
    words = array("Q", [word % 2**64 for word in chain.from_iterable(rows)])
    begin, count = words.buffer_info()
    return words, Table(begin, begin + 8 * count)


@cache
def _program() -> Built:
    folder = files("seegrad.compiler.machine").joinpath("call")
    texts = [folder.joinpath(f"{part}.ll").read_text("utf-8") for part in PARTS]
    built = build("\n".join(texts), effort="thorough")
    return immortal(built)  # type: ignore[no-any-return]


@cache
def _method() -> Method:
    takes_one_object = 8  # METH_O
    address = _program().address("step")
    return immortal(  # type: ignore[no-any-return]
        Method(b"step", address, takes_one_object, b"A compiled step.")
    )


def unchanged(places: Table) -> bool:
    """Whether every place of a table still holds what is expected there."""
    return bool(_unchanged()(ctypes.byref(places)))


@cache
def _unchanged() -> Any:
    kind = ctypes.PYFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)
    return kind(_program().address("unchanged"))


def _function(memory: np.ndarray[Any, Any]) -> Any:
    """A function of Python whose `self` is the memory of a call."""
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype = ctypes.py_object
    make.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    return make(ctypes.addressof(_method()), memory, None)
