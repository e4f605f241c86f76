"""What a thread does with each operation it runs: remember it, show it to a watcher.

The switch belongs to the thread, so `no_grad()` in one never silences another, and it
is put back after an exception.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any


class _Mode(threading.local):
    recording: bool = True
    watcher: Callable[..., None] | None = None  # sees (out, op, inputs, settings)
    tracer: Any = None  # stands in for numbers while a step is traced for the compiler
    listener: Any = None  # is told what a watcher cannot see; the flight recorder


mode = _Mode()
changes = [0]  # how often a setting that code may depend on was changed, by anyone
switched: list[object] = []  # non-empty while any thread is not in the ordinary mode


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without remembering: results inside need no gradient.

    >>> from seegrad import Value, no_grad
    >>> x = Value(2.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """
    with _switch("recording", False):
        yield


@contextmanager
def recording() -> Iterator[None]:
    """Remember, even inside `no_grad`: who asks for a derivative needs the history.

    >>> from seegrad import Value, no_grad
    >>> with no_grad(), recording():
    ...     y = Value(2.0) * 3.0
    >>> y.requires_grad
    True
    """
    with nullcontext() if mode.recording else _switch("recording", True):
        yield


@contextmanager
def watching(watcher: Callable[..., None]) -> Iterator[None]:
    """Show every operation of this thread to ``watcher(out, op, inputs, settings)``.

    >>> from seegrad import Value
    >>> seen = []
    >>> with watching(lambda out, op, inputs, settings: seen.append(op.name)):
    ...     y = Value(2.0) * 3.0 + 1.0
    >>> seen
    ['mul', 'add']
    """
    with _switch("watcher", watcher):
        yield


@contextmanager
def _switch(name: str, new: Any) -> Iterator[None]:
    before, token = getattr(mode, name), object()
    switched.append(token)
    setattr(mode, name, new)
    try:
        yield
    finally:
        setattr(mode, name, before)
        switched.remove(token)


@contextmanager
def tracing(tracer: Any) -> Iterator[None]:
    """Ask ``tracer`` wherever this thread would read or replace a number.

    It has a method for each way to do so: ``data``, ``gradient``, ``set_gradient``,
    ``assign``, ``backward``, ``reading``, ``made``, ``require``, and for what is kept
    between steps ``number``, ``remembered`` and ``remember``. ``None`` pauses it.
    """
    with _switch("tracer", tracer):
        yield


@contextmanager
def listening(listener: Any) -> Iterator[None]:
    """Tell ``listener`` everything that this thread computes; ``None`` pauses it.

    It has a method for each thing that can happen: ``operation`` (see `watching`),
    ``passed``, ``accumulated``, ``gradient``, ``assigned`` and ``updating``.
    """
    watcher = None if listener is None else listener.operation
    with _switch("listener", listener), _switch("watcher", watcher):
        yield


def reading(node: Any) -> None:
    """A number is about to leave the graph: an error in a step that is traced."""
    if switched and mode.tracer is not None:
        mode.tracer.reading(node)
