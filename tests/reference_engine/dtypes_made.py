"""Which dtypes come out of which: every pair of dtypes, with and without axes.

A call is written once and runs on both libraries; PyTorch's answers are stored in
`dtypes_made.txt`, one a line, so that a change of the rule can be read in a diff.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

DTYPES = [
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "bool",
]
NUMBERS = [True, 2, 2.5]
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "<": operator.lt,
    "==": operator.eq,
}
UNARY: dict[str, Callable[[Any, Any], Any]] = {
    **{
        name: lambda lib, x, name=name: getattr(lib, name)(x)
        for name in [
            "abs",
            "all",
            "amax",
            "amin",
            "any",
            "argmax",
            "argmin",
            "cos",
            "exp",
            "expm1",
            "log",
            "log1p",
            "mean",
            "neg",
            "relu",
            "sigmoid",
            "sign",
            "sin",
            "softplus",
            "sqrt",
            "std",
            "sum",
            "tanh",
            "var",
        ]
    },
    **{
        name: lambda lib, x, name=name: getattr(lib, name)(x, 0)
        for name in ["log_softmax", "logsumexp", "softmax"]
    },
    "clamp to 0 and 1": lambda lib, x: lib.clamp(x, 0, 1),
    "clamp to 0.5 and 1": lambda lib, x: lib.clamp(x, 0.5, 1),
    "index": lambda lib, x: x[0],
    "matmul": lambda lib, x: x @ x,
}


def calls() -> Iterator[tuple[str, Callable[[Any, Any], Any]]]:
    """Every call by name, as a function of a library and of its `tensor`."""
    for name, function in UNARY.items():
        for dtype in DTYPES:
            x = np.ones(2, dtype)
            yield (
                f"{name} of {dtype}",
                lambda lib, tensor, f=function, x=x: f(lib, tensor(x)),
            )
    for name, function in BINARY.items():
        for a in DTYPES:
            for left, right in _beside(a):
                yield (
                    f"{_said(left)} {name} {_said(right)}",
                    lambda lib, tensor, f=function, x=left, y=right: f(
                        _given(tensor, x), _given(tensor, y)
                    ),
                )


def _beside(a: str) -> Iterator[tuple[Any, Any]]:
    for b in DTYPES:
        yield np.ones(2, a), np.ones(2, b)
        yield np.ones(2, a), np.ones((), b)
        yield np.ones((), a), np.ones(2, b)
        yield np.ones((), a), np.ones((), b)
    for number in NUMBERS:
        for shape in [(2,), ()]:
            yield np.ones(shape, a), number
            yield number, np.ones(shape, a)


def _given(tensor: Any, x: Any) -> Any:
    return tensor(x) if isinstance(x, np.ndarray) else x


def _said(x: Any) -> str:
    if not isinstance(x, np.ndarray):
        return repr(x)
    return f"{x.dtype.name}{'[2]' if x.ndim else '[]'}"
