"""Things that show what they hold only to who asks them in their own way.

A walk over attributes passes them by: the bytes of a buffer, what a weak reference
leads to, the value of a context variable.
"""

from __future__ import annotations

import weakref
from array import array
from contextvars import ContextVar
from typing import Any

BUFFERS = bytearray, array, memoryview
BOXES = (*BUFFERS, weakref.ref, ContextVar)


def opened(box: Any) -> Any:
    """What lies in one of BOXES.

    >>> opened(bytearray(b"ab"))
    b'ab'
    """
    if isinstance(box, BUFFERS):
        try:
            return bytes(box)
        except ValueError:  # a view that was released
            return None
    return box.get(None) if isinstance(box, ContextVar) else box()


def is_as(box: Any, inner: Any) -> bool:
    """Whether there still is the very same in it, or the same bytes."""
    now = opened(box)
    return now is inner or (isinstance(box, BUFFERS) and now == inner)
