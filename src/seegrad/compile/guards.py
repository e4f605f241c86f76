"""What a traced step took for granted, and whether it still holds.

While a step is traced, Python looks at ordinary values: a flag of a layer, a number in
an enclosing function, a global. They are fixed in the compiled code. Before each run
they are compared with what they were; if any differs, the step is traced again.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from operator import is_
from typing import Any

import numpy as np

from seegrad.mode import changes
from seegrad.node import Node

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype)
FUNCTIONS = types.FunctionType | types.MethodType
DEEPEST = 6  # how far objects inside of objects are followed


class Guards:
    """The plain values that a function can reach, as they are now.

    Modules and optimizers count their changes, so they are walked again only after one;
    other containers are told by what they hold.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        fixed, self.cells, self.names = _reached(function)
        self.values = self._now()
        self.roots = [*fixed, *self.values]
        self.snapshot = self._look()

    def _now(self) -> list[Any]:
        try:
            now = [cell.cell_contents for cell in self.cells]
        except ValueError:  # not yet set, or deleted
            now = [_contents(cell) for cell in self.cells]
        if self.names:
            now += [table.get(name) for table, name in self.names]
        return now

    def _look(self) -> list[Any]:
        self.changes = changes[0]
        snapshot, self.containers = _snapshot(self.roots)
        self.held = list(map(_ids, self.containers))
        return snapshot

    def hold(self) -> bool:
        """Whether everything is as it was."""
        now = self._now()
        if not all(map(is_, now, self.values)) and not all(map(_same, now, self.values)):
            return False
        if self.changes == changes[0] and (
            not self.containers or self.held == list(map(_ids, self.containers))
        ):
            return True
        if self._look() == self.snapshot:
            return True
        self.changes = -1  # whoever asks again gets the same answer
        return False


def _ids(container: Any) -> tuple[int, ...]:
    """What a container holds, told by identity."""
    if isinstance(container, dict):
        return tuple(map(id, container.values()))
    if isinstance(container, list | tuple | set | frozenset):
        return tuple(map(id, container))
    return tuple(map(id, vars(container).values()))


def _same(now: Any, then: Any) -> bool:
    return isinstance(now, PLAIN) and type(now) is type(then) and bool(now == then)


def _reached(function: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """What a function finds outside of it: itself, cells, and (globals, name) pairs.

    Functions of the user that it reaches are looked into as well.
    """
    fixed: list[Any] = []
    cells: list[Any] = []
    names: list[Any] = []
    stack, seen = [function], set()
    while stack:
        function = stack.pop()
        owner = getattr(function, "__self__", None)
        if owner is not None and not isinstance(owner, types.ModuleType):
            fixed.append(owner)
        function = getattr(function, "__func__", function)
        if not isinstance(function, types.FunctionType):
            fixed.append(function)
            parts = getattr(function, "__dict__", {}).values()
            stack += [part for part in parts if isinstance(part, FUNCTIONS)]
            continue
        if id(function) in seen or function.__module__.split(".")[0] == "seegrad":
            continue
        seen.add(id(function))
        fixed += function.__defaults__ or ()
        own = list(function.__closure__ or ())
        cells += own
        inner = [_contents(cell) for cell in own]
        for name in _global_names(function.__code__):
            value = function.__globals__.get(name)
            if value is not None and not isinstance(value, types.ModuleType | type):
                names.append((function.__globals__, name))
                inner.append(value)
        stack += [value for value in inner if isinstance(value, FUNCTIONS)]
    return fixed, cells, names


def _contents(cell: Any) -> Any:
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
        if isinstance(value, np.ndarray | type | types.ModuleType | types.FunctionType):
            found.append(id(value))
            continue
        inner = _inside(value)
        found.append((type(value).__name__, len(inner)))
        if inner and not _counts(value):
            containers.append(value)
        if depth < DEEPEST:
            stack.extend((part, depth + 1) for part in reversed(inner))
    return found, containers


def _is_ours(value: Any) -> bool:
    """Whether it is a part of the library that never changes: an op, a loss."""
    kind = type(value)
    ours = kind.__module__.split(".")[0] == "seegrad"
    return ours and not hasattr(kind, "named_parameters")


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
        settings = tuple(value.settings.items())
        return [settings, tuple(value.params), id(value.states)]
    if hasattr(type(value), "depends_on"):  # it knows best
        return list(value.depends_on())
    if isinstance(value, FUNCTIONS | types.BuiltinFunctionType) or _is_ours(value):
        return []
    return [part for pair in getattr(value, "__dict__", {}).items() for part in pair]
