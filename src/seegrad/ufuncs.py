"""What happens when one of NumPy's functions meets a tensor.

Where seegrad has an op of that name, `np.exp(x)` is that op and keeps the graph. Where
it has none, NumPy would compute on the plain numbers and lose the gradient in silence,
so it is refused, with what to use instead.
"""

from __future__ import annotations

from typing import Any

from seegrad.errors import InputTypeError
from seegrad.node import Node
from seegrad.op import REGISTRY, Op

OURS = {  # NumPy's name -> ours, where they differ
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "power": "pow",
    "negative": "neg",
    "absolute": "abs",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "equal": "eq",
    "not_equal": "ne",
}


def op_of(ufunc: Any, method: str, settings: dict[str, Any]) -> Op:
    """The op that a ufunc stands for; InputTypeError where there is none.

    >>> import numpy as np
    >>> op_of(np.multiply, "__call__", {})
    mul
    """
    op = REGISTRY.get(OURS.get(ufunc.__name__, ufunc.__name__))
    if op is None or method != "__call__" or settings:  # np.add.reduce, out=
        raise unknown(ufunc.__name__)
    return op


def unknown(name: str) -> InputTypeError:
    """The error for a function of NumPy that cannot keep the graph.

    >>> unknown("mean").hint, unknown("median").hint
    ('sg.mean, or x.numpy()', 'x.numpy() for the plain array')
    """
    known = hasattr(Node, name) or name in (*REGISTRY, "concatenate", "stack")
    hint = f"sg.{name}, or x.numpy()" if known else "x.numpy() for the plain array"
    return InputTypeError(f"np.{name} does not know tensors", hint=hint)
