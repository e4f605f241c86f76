"""What may be optimized, and with which settings: checked once, at construction."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from seegrad.errors import ArgumentError, GradientError, InputTypeError
from seegrad.node import Node


def parameters_of(parameters: Any, where: str) -> list[Any]:
    """The parameters as a list of leaves, each once, or an error that says why not.

    Frozen parameters are welcome; they may be thawed later. A plain tensor that needs
    no gradient would never be changed, so it is refused.
    """
    if isinstance(parameters, Node | np.ndarray):
        kind = type(parameters).__name__
        raise InputTypeError(
            f"an optimizer takes several parameters, not one {kind}",
            where=where,
            hint=f"{where}([p], ...), a list of one",
        )
    if not isinstance(parameters, Iterable):
        raise InputTypeError(
            f"an optimizer takes parameters, not {type(parameters).__name__}",
            where=where,
            hint=f"{where}(model.parameters(), lr=0.001)",
        )
    found = list(parameters)
    if not found:
        raise ArgumentError(
            "there are no parameters to optimize",
            where=where,
            hint="a model with layers; an iterator can be used only once",
        )
    for i, p in enumerate(found):
        _check(i, p, where)
        for j, other in enumerate(found[:i]):
            if other is p:
                raise ArgumentError(
                    f"parameter {i} is parameter {j} once more: it would be updated "
                    "twice",
                    where=where,
                    hint="each parameter once, as model.parameters() gives them",
                )
    return found


def _check(i: int, p: Any, where: str) -> None:
    if not isinstance(p, Node):
        raise InputTypeError(
            f"parameter {i} is {_described(p)}, not a tensor",
            where=where,
            hint=f"{where}(model.parameters(), lr=0.001)",
        )
    if p.inputs:
        raise GradientError(
            f"parameter {i} is the result of {p.op}, and only a leaf can be changed",
            where=where,
            hint="the leaf that it was computed from",
        )
    if not p.requires_grad and type(p) is p.kind:  # a frozen Parameter may be thawed
        raise GradientError(
            f"parameter {i} does not require a gradient, so it would never change",
            where=where,
            hint="sg.tensor(..., requires_grad=True), or nn.Parameter(...)",
        )


def _described(p: Any) -> str:
    if isinstance(p, str):
        return f"the text {p!r}"
    if isinstance(p, dict):
        return "a dictionary (all parameters share their settings)"
    return type(p).__name__


def amount(name: str, value: Any, where: str, *, below: float = math.inf) -> float:
    """A number from 0 up to, not including, ``below``.

    >>> amount("lr", 1, "SGD")
    1.0
    """
    limit = "" if below == math.inf else f" and below {below:g}"
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise InputTypeError(
            f"{name} must be a number, not {value!r} ({type(value).__name__})",
            where=where,
            hint=f"{name}=0.001",
        )
    number = float(value)
    if not 0.0 <= number < below:
        raise ArgumentError(
            f"{name} must be 0 or more{limit}, not {number:g}",
            where=where,
            hint=f"{name}=0.001" if below == math.inf else f"{name}=0.9",
        )
    return number


def pair(name: str, value: Any, where: str) -> tuple[float, float]:
    """Two rates of forgetting, each from 0 up to, not including, 1.

    >>> pair("betas", [0.9, 0.999], "Adam")
    (0.9, 0.999)
    """
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise InputTypeError(
            f"{name} must be two numbers, not {value!r}",
            where=where,
            hint=f"{name}=(0.9, 0.999)",
        )
    first, second = value
    return (
        amount(f"{name}[0]", first, where, below=1.0),
        amount(f"{name}[1]", second, where, below=1.0),
    )
