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


mode = _Mode()
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
