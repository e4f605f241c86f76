"""What a traced step took for granted, and whether it still holds.

While a step is traced, Python looks at ordinary values: a flag of a layer, a number in
an enclosing function, a global. They are fixed in the compiled code. Before each run
they are compared with what they were; if any differs, the step is traced again.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from seegrad.mode import changes
from seegrad.node import Node

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype)
DEEPEST = 6  # how far objects inside of objects are followed


class Guards:
    """The plain values that a function can reach, as they are now.

    Modules and optimizers count their changes, so they are walked again only after one;
    other containers are told by what they hold.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.names = list(_names(function, set()))
        self.values = [read(key) for read, key in self.names]
        self.snapshot = self._look()

    def _look(self) -> list[Any]:
        self.changes = changes[0]
        snapshot, self.containers = _snapshot(self.values)
        self.held = [_ids(container) for container in self.containers]
        return snapshot

    def hold(self) -> bool:
        """Whether everything is as it was."""
        for (read, key), value in zip(self.names, self.values, strict=True):
            now = read(key)
            if now is not value and not _same(now, value):
                return False
        if self.changes == changes[0] and self.held == list(map(_ids, self.containers)):
            return True
        return self._look() == self.snapshot


def _ids(container: Any) -> tuple[int, ...]:
    """What a container holds, told by identity."""
    if isinstance(container, dict):
        return tuple(map(id, container.values()))
    if isinstance(container, list | tuple | set | frozenset):
        return tuple(map(id, container))
    return tuple(map(id, vars(container).values()))


def _same(now: Any, then: Any) -> bool:
    return isinstance(now, PLAIN) and type(now) is type(then) and bool(now == then)


def _names(function: Any, seen: set[int]) -> Iterator[tuple[Any, Any]]:
    """Where a function finds what it uses from outside: (how to read it, its name)."""
    function = getattr(function, "__wrapped__", function)
    owner = getattr(function, "__self__", None)
    if owner is not None and not isinstance(owner, types.ModuleType):
        yield (lambda _, o=owner: o), "self"
    function = getattr(function, "__func__", function)
    if not isinstance(function, types.FunctionType) or id(function) in seen:
        if not isinstance(function, types.FunctionType | types.BuiltinFunctionType):
            yield (lambda _, f=function: f), "itself"
        return
    seen.add(id(function))
    if function.__module__.split(".")[0] == "seegrad":
        return
    for default in function.__defaults__ or ():
        yield (lambda _, d=default: d), "default"
    inner = []
    for name, cell in zip(
        function.__code__.co_freevars, function.__closure__ or (), strict=True
    ):
        yield _cell_contents, cell
        inner.append(_cell_contents(cell))
        del name
    for name in _global_names(function.__code__):
        if name in function.__globals__:
            value = function.__globals__[name]
            if not isinstance(value, types.ModuleType | type):
                yield function.__globals__.get, name
                inner.append(value)
    for value in inner:
        if isinstance(value, types.FunctionType | types.MethodType):
            yield from _names(value, seen)


def _cell_contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet set, or deleted
        return None


def _global_names(code: types.CodeType) -> list[str]:
    names = list(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names += _global_names(constant)
    return list(dict.fromkeys(names))


def _snapshot(values: list[Any]) -> tuple[list[Any], list[Any]]:
    """Every plain value inside of modules, lists and other objects, in a fixed order.

    And the containers on the way whose changes nobody counts.
    """
    found: list[Any] = []
    containers: list[Any] = []
    seen: set[int] = set()
    stack = [(value, 0) for value in reversed(values)]
    while stack:
        value, depth = stack.pop()
        if isinstance(value, PLAIN):
            found.append(repr(value) if value != value else value)
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Node):
            found.append((id(value), value._requires_grad))
            continue
        if isinstance(value, np.ndarray | type | types.ModuleType):
            found.append(id(value))
            continue
        inner = _inside(value)
        found.append((type(value).__name__, len(inner)))
        if inner and not _counts(value):
            containers.append(value)
        if depth < DEEPEST:
            stack.extend((part, depth + 1) for part in reversed(inner))
    return found, containers


def _counts(value: Any) -> bool:
    """Whether changes of an object's attributes are counted, or cannot happen."""
    kind = type(value)
    counted = hasattr(kind, "named_parameters") or hasattr(kind, "setting_names")
    return counted or isinstance(value, tuple | frozenset)


def _inside(value: Any) -> list[Any]:
    """What a container or an object holds, without what changes from step to step."""
    if isinstance(value, dict):
        return [part for pair in value.items() for part in pair]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if hasattr(type(value), "setting_names"):  # an optimizer
        return [value.settings, value.params, len(value.states)]
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType):
        return []
    return [part for pair in getattr(value, "__dict__", {}).items() for part in pair]
