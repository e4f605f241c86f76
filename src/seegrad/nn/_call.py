"""What happens around a call of a module: errors learn where they were, watchers look.

An error raised deep inside a network passes through every module on its way out. The
innermost one writes down its own name, and each one further out adds which of its parts
that was: "Linear(3 -> 16), layer 0 of Sequential".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from seegrad.errors import SeegradError

if TYPE_CHECKING:
    from seegrad.nn.module import Module


class _Mode(threading.local):
    watcher: Callable[[Any, tuple[Any, ...], Any], None] | None = None
    guide: Any = None  # is told where every call begins and, whatever happens, ends


mode = _Mode()  # each thread has its own, so that nobody watches another's calls


@contextmanager
def watching_calls(
    watcher: Callable[[Module, tuple[Any, ...], Any], None],
) -> Iterator[None]:
    """Show every call of a module in this thread to ``watcher(module, inputs, out)``.

    A call is shown when it has returned, so inner modules come before outer ones.

    >>> from seegrad import nn
    >>> seen = []
    >>> with watching_calls(lambda module, inputs, out: seen.append(module.describe())):
    ...     y = nn.MLP(2, [3], 1, seed=0)([[1.0, 2.0]])
    >>> seen
    ['2 -> 3', '', '3 -> 1', '']
    """
    before, mode.watcher = mode.watcher, watcher
    try:
        yield
    finally:
        mode.watcher = before


@contextmanager
def guiding_calls(guide: Any) -> Iterator[None]:
    """Tell ``guide`` of every call in this thread: ``enter(module)``, ``leave()``."""
    before, mode.guide = mode.guide, guide
    try:
        yield
    finally:
        mode.guide = before


def located(error: SeegradError, module: Module) -> None:
    """Add to an error that passes through ``module`` where it came from."""
    inner = error.__dict__.get("_module")
    if inner is None:
        name = f"{type(module).__name__}({module.describe()})"
        error.where = f"{error.where}, in {name}" if error.where else name
    else:
        for name, child in module.named_children():
            if child is inner:
                part = f"layer {name}" if name.isdigit() else name
                error.where += f", {part} of {type(module).__name__}"
                break
    error.__dict__["_module"] = module
