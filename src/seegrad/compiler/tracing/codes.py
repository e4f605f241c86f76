"""What a piece of Python code asks for by name: globals, attributes and modules.

A function says in its byte code which names it looks up. That tells, before it runs and
without running it, which of all the things around it can make a difference.
"""

from __future__ import annotations

import dis
import sys
import types
from functools import cache
from typing import Any, NamedTuple

# What is stored matters as well: a compiled step would not store it again.
_GLOBALS = {"LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL"}
_ATTRIBUTES = {"LOAD_ATTR", "STORE_ATTR", "IMPORT_FROM"}
_ATTRIBUTES |= {"LOAD_METHOD", "LOAD_SUPER_ATTR"}
ANY = {"getattr", "vars", "__dict__", "hasattr", "attrgetter", "asdict", "fields"}
LIBRARIES = {"seegrad", "numpy", "llvmlite", *sys.stdlib_module_names} - {"__main__"}


class Asked(NamedTuple):
    """What some code asks for, in order; of its strings, those that may be names."""

    globals: tuple[str, ...]
    attributes: tuple[str, ...]
    imports: tuple[str, ...]
    strings: tuple[str, ...]


@cache
def asked(code: types.CodeType) -> Asked:
    """What the code asks for, and the functions and classes written inside of it.

    >>> asked((lambda x: x.real + limit).__code__)
    Asked(globals=('limit',), attributes=('real',), imports=(), strings=())
    """
    names, attributes, imports, strings = found = [dict[str, None]() for _ in range(4)]
    before: list[Any] = [None, None]
    for instruction in dis.get_instructions(code):
        if instruction.opname in _GLOBALS:
            names[instruction.argval] = None
        elif instruction.opname in _ATTRIBUTES:
            attributes[instruction.argval] = None
        elif instruction.opname == "IMPORT_NAME":  # above lies how many dots it has
            imports["." * before[-2] + instruction.argval] = None
        if instruction.opname != "EXTENDED_ARG":  # the first half of the next one
            before.append(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            for mine, inner in zip(found, asked(constant), strict=True):
                mine |= dict.fromkeys(inner)
        elif isinstance(constant, str) and constant.isidentifier():
            strings[constant] = None
    return Asked(*map(tuple, found))


def is_library(module: Any) -> bool:
    """Whether a module of this name never changes while a program runs.

    >>> is_library("seegrad.nn.linear"), is_library("my_project.model")
    (True, False)
    """
    return str(module or "").split(".")[0] in LIBRARIES


def written(function: Any) -> types.FunctionType | None:
    """The function behind a property, a static or a class method, or None."""
    for name in ("fget", "__func__", "func"):
        function = getattr(function, name, function)
    return function if isinstance(function, types.FunctionType) else None
