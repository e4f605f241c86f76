"""Everything outside of a function that can make a difference to what it does.

One walk: from the function to the cells and globals that its code asks for, on to the
functions, objects and modules found there, and into them. Of an object of the user only
the attributes are looked at that some of the code asks for by name, so a counter that
nobody reads in the step may count.
"""

from __future__ import annotations

import builtins
import enum
import os
import sys
import types
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from importlib.util import resolve_name
from operator import attrgetter, methodcaller
from random import SystemRandom
from typing import Any

import numpy as np

from seegrad.compiler.machine.objects import CELL, TYPE, dictionary
from seegrad.compiler.tracing.chance import GENERATORS
from seegrad.compiler.tracing.codes import ANY, asked, is_library, written
from seegrad.compiler.tracing.members import knowing, slots_of, vars_of
from seegrad.compiler.tracing.opened import BOXES, is_as, opened
from seegrad.compiler.tracing.watch import Watch
from seegrad.mode import changes
from seegrad.nn.module import Module
from seegrad.node import Node
from seegrad.optim.optimizer import Optimizer

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype)
DICTIONARIES: Any = dict | types.MappingProxyType
LISTS: Any = list | tuple | set | frozenset | deque
BY_NAME = {"globals", "eval", "exec"}  # who calls them may ask for any global
BUILT_IN = (types.BuiltinFunctionType, types.MethodWrapperType)
KEPT = {"states", "params", "_started"}  # of an optimizer: not its settings
CALLED = {"forward", "update", "start", "parts"}  # by the library
MAKING = {"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__"}
Found = tuple[str, Any]  # what it is called, and what is compared


def plain(value: Any) -> tuple[type, Any]:
    """A plain value so that only the very same is equal: 1 is not 1.0, 0.0 not -0.0.

    >>> plain(1) == plain(True), plain(float("nan")) == plain(float("nan"))
    (False, True)
    """
    if isinstance(value, float | complex | np.generic | np.dtype):
        return type(value), repr(value)
    return type(value), value


class Reach:
    """One look at all that the roots lead to.

    ``found`` lists what was found in a fixed order; two looks that found the same are
    equal. ``watch`` tells at a glance whether another look is needed; what changes in
    models and optimizers, the library counts itself in `seegrad.mode.changes`.
    ``owners`` are the models and optimizers on the way, ``arrays`` the arrays,
    ``generators`` those of NumPy and Python, ``iterators`` the names of what gives
    something else each time.
    """

    def __init__(self, roots: list[Any], attributes: Iterable[str] = ()) -> None:
        self.attributes = set(attributes)
        while True:  # code that was found may ask for more attributes
            known = len(self.attributes)
            self._look(roots)
            if len(self.attributes) == known:
                break

    def _look(self, roots: list[Any]) -> None:
        self.found: list[Found] = []
        self.alive: list[Any] = []  # what is told by identity must not be freed
        self.owners: list[tuple[str, Any]] = []
        self.arrays: list[np.ndarray[Any, Any]] = []
        self.generators: list[Any] = []
        self.iterators: list[str] = []
        self.classes: set[type] = set()
        self.watch = Watch()
        self.watch.item(changes, 0)
        self.everything = bool(self.attributes & ANY)
        seen: dict[int, int] = {}
        stack = [("", root) for root in reversed(roots)]
        while stack:
            label, thing = stack.pop()
            if isinstance(thing, PLAIN):
                if self.everything and isinstance(thing, str) and thing.isidentifier():
                    self.attributes.add(thing)
                self.found.append((label, plain(thing)))
            elif id(thing) in seen:
                self.found.append((label, ("again", seen[id(thing)])))
            else:
                seen[id(thing)] = len(seen)
                self.alive.append(thing)
                place = len(self.found)
                self.found.append((label, None))
                inner = self._inside(label, thing)
                self.found[place] = label, self._told(thing, inner)
                stack.extend(reversed(inner))

    def _told(self, thing: Any, inner: list[Any]) -> Any:
        """What must be the same about the thing itself."""
        kind = type(thing)
        if isinstance(thing, Node):
            return id(thing), thing._requires_grad, not thing.inputs
        if isinstance(thing, types.FunctionType):
            return kind, id(thing.__code__)
        if isinstance(thing, np.ndarray):
            return id(thing), thing.shape, thing.dtype
        if isinstance(thing, Optimizer):  # the compiled code reads its memory
            return id(thing), id(thing.states)
        if inner or isinstance(thing, LISTS | DICTIONARIES | Module):
            return kind, len(inner)
        return id(thing)

    # What is inside of a thing --------------------------------------------------------

    def _inside(self, label: str, thing: Any) -> list[tuple[str, Any]]:
        """Whatever matters that a thing holds, each with a name for it."""
        kind = type(thing)
        if isinstance(thing, Node):
            return []
        if isinstance(thing, np.ndarray):
            self.arrays.append(thing)
            parts = thing.flat if thing.dtype.hasobject else ()
            return [(label, part) for part in parts]
        if isinstance(thing, BOXES):
            self.watch.looks.append(partial(is_as, thing, opened(thing)))
            return [(label, opened(thing))]
        if isinstance(thing, types.FunctionType):
            return list(self._of_function(thing))
        if isinstance(thing, types.MethodType):
            return [(label, thing.__self__), (label, thing.__func__)]
        if isinstance(thing, partial):
            return [(label, part) for part in (thing.func, thing.args, thing.keywords)]
        if isinstance(thing, DICTIONARIES | LISTS):
            return self._of_container(label, thing)
        if isinstance(thing, types.ModuleType):
            return list(self._named(label, thing.__dict__, thing.__name__))
        if isinstance(thing, type):
            return [*self._of_class(thing, made=False), (label, kind)]
        if isinstance(thing, BUILT_IN):
            owner = getattr(thing, "__self__", None)
            alone = isinstance(owner, types.ModuleType | None)
            return [] if alone else [(label, owner)]
        if hasattr(kind, "depends_on"):  # it knows best
            self.watch.contents(vars(thing).values())
            return [(label, part) for part in thing.depends_on()]
        if isinstance(thing, types.GeneratorType) and label.endswith(".gen"):
            return []  # of a context manager, which makes itself anew
        if hasattr(kind, "__next__") or kind is SystemRandom:  # to ask it changes it
            self.iterators.append(label or kind.__name__)
            return []
        if isinstance(thing, GENERATORS):
            self.generators.append(thing)
            return []
        if isinstance(thing, attrgetter | methodcaller):  # for whatever name
            self.attributes |= ANY
        return list(self._of_object(label, thing))

    def _of_function(self, function: types.FunctionType) -> Iterator[tuple[str, Any]]:
        watch, cells = self.watch, function.__closure__ or ()
        for name, cell in zip(function.__code__.co_freevars, cells, strict=True):
            try:
                inner = cell.cell_contents
            except ValueError:  # not yet set, or deleted
                inner = None
            watch.word(cell, CELL, inner)
            yield name, inner
        if is_library(function.__globals__.get("__name__")):
            return
        watch.function(function)
        yield function.__name__, function.__defaults__
        yield function.__name__, function.__kwdefaults__
        code = asked(function.__code__)
        self.attributes.update(code.attributes, code.strings if self.everything else ())
        if ANY.intersection(code.globals):
            self.attributes |= ANY
        if {"environ", "getenv"}.intersection(code.globals + code.attributes):
            yield "os.environ", os.environ
        table = function.__globals__
        for name in code.imports:
            module = resolve_name(name, table.get("__package__"))
            watch.entry(sys.modules, module)
            yield module, sys.modules.get(module)
        by_string = code.strings if BY_NAME.intersection(code.globals) else ()
        for name in code.globals + by_string:
            if name in table or not hasattr(builtins, name):
                watch.entry(table, name)
                yield name, table.get(name)
        yield from self._named(function.__name__, vars(function), "")

    def _named(self, label: str, table: Any, owner: Any) -> Iterator[tuple[str, Any]]:
        """Those entries of a table of attributes that some code asks for."""
        if is_library(owner):
            return
        self.watch.length(table)
        for name, part in table.items():
            if name in self.attributes or (self.everything and not owner):
                self.watch.entry(table, name)
                yield f"{label}.{name}" if label else name, part

    def _of_class(self, kind: type, made: bool) -> Iterator[tuple[str, Any]]:
        """What the code of a class asks for: methods by name, and all special ones.

        Where there is an object that was made already, nobody makes it again.
        """
        for base in kind.__mro__:
            if is_library(base.__module__):
                continue
            self.watch.length(dictionary(base))
            for name, part in vars(base).items():
                function = written(part)
                if function is None:
                    if name in self.attributes:
                        self.watch.entry(dictionary(base), name)
                        yield f"{base.__name__}.{name}", part
                elif self._is_called(name) and not (made and name in MAKING):
                    self.watch.entry(dictionary(base), name)
                    yield f"{base.__name__}.{name}", function

    def _is_called(self, name: str) -> bool:
        """Whether a method may be called: by name, by Python, or by the library."""
        special = name.startswith("__") and name != "__repr__"
        return special or name in self.attributes or name in CALLED

    def _of_container(self, label: str, thing: Any) -> list[tuple[str, Any]]:
        if isinstance(thing, DICTIONARIES):
            if thing:
                self.watch.contents(thing.keys())
            self.watch.contents(thing.values())
            pairs = [(f"{label}[{key!r}]", part) for key, part in thing.items()]
            inner = [*((label, key) for key in thing), *pairs]
        else:
            if not isinstance(thing, tuple | frozenset):
                self.watch.contents(thing)
            inner = [(f"{label}[{i}]", part) for i, part in enumerate(thing)]
        own = not is_library(type(thing).__module__)  # it has attributes and methods
        return [*inner, *(self._of_object(label, thing) if own else ())]

    def _of_object(self, label: str, thing: Any) -> Iterator[tuple[str, Any]]:
        kind, own = type(thing), vars_of(thing)
        if isinstance(thing, enum.Enum):
            return
        if "__wrapped__" in own:  # a decorated function, or a compiled one
            yield label, thing.__wrapped__
            return
        counted = isinstance(thing, Module | Optimizer)
        if counted:
            self.owners.append((label, thing))
        elif kind.__module__.startswith("seegrad."):
            return
        if kind not in self.classes:
            self.classes.add(kind)
            yield from self._of_class(kind, made=True)
        if isinstance(thing, Optimizer):
            self.watch.contents(thing.params)
            yield label, tuple(thing.params)
            own = {name: part for name, part in own.items() if name not in KEPT}
            if "lr" not in self.attributes:  # the compiled code reads it anew
                own.pop("_lr", None)
        # Who writes a class can set attributes behind the back of what is counted.
        unseen = not counted or not is_library(kind.__module__)
        if unseen:
            self.watch.word(thing, TYPE, kind)
            self.watch.length(vars_of(thing))
        for name, part in list(own.items()):
            if self._matters(kind, name, part):
                if unseen or name == "_lr":
                    self.watch.entry(vars_of(thing), name)
                yield f"{label}.{name}", part
        for name in slots_of(kind):
            if self._matters(kind, name, None):
                self.watch.attribute(thing, name)
                yield f"{label}.{name}", getattr(thing, name, ...)

    def _matters(self, kind: type, name: str, part: Any) -> bool:
        """Whether any code may look at this attribute of an object of this kind."""
        if self.everything or name in self.attributes:
            return True
        known_to = knowing(kind)
        # The base class of all modules walks over what is not plain, and asks for this.
        if known_to == {"Module"}:
            return name == "training" or not isinstance(part, PLAIN)
        return bool(known_to)
