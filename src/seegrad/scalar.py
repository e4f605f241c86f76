"""The op vocabulary spoken in Python floats: the scalar dialect.

It is Python's own ``math``, plus the few words that need a branch. Where Python raises
and IEEE 754 has an answer (1/0, exp(1000), log(0)), NumPy's float64 gives the answer,
so a Value and a Tensor agree. The backward walk is here a second time, spelled
out for floats: unpacking argument lists costs more than multiplying two of them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad.errors import InputTypeError, unknown_name


class _Words(type):
    def __getattr__(cls, word: str) -> Any:
        if word.startswith("_"):
            raise AttributeError(word)  # Python itself is asking
        words = [name for name in vars(cls) if not name.startswith("_")]
        error = unknown_name("word in the vocabulary of ops", word, words)
        raise InputTypeError(error.what, hint=error.hint)


class Scalar(metaclass=_Words):
    """The words that elementwise forwards may use, for one float.

    >>> Scalar.maximum(1.0, 2.0), Scalar.where(False, 1.0, 2.0)
    (2.0, 2.0)
    """

    exp, expm1, log, log1p, sqrt = (
        math.exp,
        math.expm1,
        math.log,
        math.log1p,
        math.sqrt,
    )
    sin, cos, tanh, floor, isnan = (
        math.sin,
        math.cos,
        math.tanh,
        math.floor,
        math.isnan,
    )
    power, absolute, copysign, erf = math.pow, math.fabs, math.copysign, math.erf

    @staticmethod
    def maximum(x: float, y: float) -> float:
        """The larger; NaN if either is NaN, as in NumPy."""
        return x if x >= y or x != x else y

    @staticmethod
    def minimum(x: float, y: float) -> float:
        """The smaller; NaN if either is NaN, as in NumPy."""
        return x if x <= y or x != x else y

    @staticmethod
    def sign(x: float) -> float:
        """-1, 0 or 1; NaN for NaN."""
        return x if x != x else float((x > 0) - (x < 0))

    @staticmethod
    def where(condition: Any, x: Any, y: Any) -> Any:
        """``x`` where the condition holds, else ``y``."""
        return x if condition else y


def compute(forward: Any, data: Any, settings: dict[str, Any]) -> float:
    """Run an elementwise forward on floats.

    >>> compute(lambda xp, x, y: x / y, (1.0, 0.0), {})
    inf
    """
    try:
        return float(forward(Scalar, *data, **settings))
    except (ArithmeticError, ValueError):
        return by_numpy(forward, (np, *data), settings)


def by_numpy(function: Any, args: Any, settings: dict[str, Any]) -> float:
    """Run a function on NumPy's float64 instead of Python's float.

    >>> by_numpy(lambda x: 1.0 / x, (0.0,), {})
    inf
    """
    doubles = [np.float64(arg) if isinstance(arg, float | int) else arg for arg in args]
    with np.errstate(all="ignore"):
        return float(function(*doubles, **settings))


def walk(results: list[Any], grads: dict[Any, Any]) -> dict[Any, Any] | None:
    """The loop of `cotangents` for floats; None where anything is out of the ordinary.

    ``grads`` holds the gradient of the last result and is filled. A division by zero or
    a rule that returns no float is left to the general loop, which starts afresh.

    >>> from seegrad import Value
    >>> x = Value(3.0)
    >>> out = x * x
    >>> walk([out], {out: 1.0})[x]
    6.0
    """
    try:
        for node in reversed(results):
            g, out, rules, inputs = grads[node], node._data, node.op.rules, node.inputs
            if len(inputs) == 2 and not node.settings:
                x, y = inputs
                a, b = x._data, y._data
                if x._requires_grad:
                    gx = rules[0](g, out, a, b)
                    grads[x] = grads[x] + gx if x in grads else gx
                if y._requires_grad:
                    gy = rules[1](g, out, a, b)
                    grads[y] = grads[y] + gy if y in grads else gy
            else:
                data = [x._data for x in inputs]
                for x, rule in zip(inputs, rules, strict=True):
                    if x._requires_grad:
                        gx = rule(g, out, *data, **node.settings)
                        grads[x] = grads[x] + gx if x in grads else gx
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None
    return grads if set(map(type, grads.values())) == {float} else None
