"""What must be true of the numbers, said so that a compiled step can check it too.

An ``if`` reads a number, and in a step that is traced there is none to read. A
condition that is required stays a condition: the compiled step looks at it each time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seegrad.mode import mode, switched
from seegrad.node import Node


def require(condition: Any, explain: Callable[[], Exception]) -> None:
    """Raise ``explain()`` unless all of ``condition`` holds: a bool, array or node.

    ``explain`` is called only when something is wrong, so it may take its time to find
    out what.

    >>> require(np.array([1.0, 2.0]) > 0.0, lambda: ValueError("not positive"))
    >>> require(np.array([1.0, -2.0]) > 0.0, lambda: ValueError("not positive"))
    Traceback (most recent call last):
    ValueError: not positive
    """
    if isinstance(condition, Node):
        if switched and mode.tracer is not None:
            mode.tracer.require(condition)
            return
        condition = condition.data
    if isinstance(condition, np.ndarray):
        condition = condition.all()
    if not condition:
        raise explain()
