"""Are the gradients right? Finite differences against the rules, to second order.

Move one number a little both ways, see how far the result moves: that is the derivative
by measurement. Twice with different steps, combined so that the error of the first kind
cancels (Richardson 1911). The rules must agree, with a gradient arriving that is
different for every output, or a mistake in one place could hide behind another.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from seegrad.backpropagation import cotangents
from seegrad.errors import ArgumentError, GradientMismatch, InputTypeError
from seegrad.gradient import grad
from seegrad.mode import recording
from seegrad.node import Node
from seegrad.op import Op
from seegrad.random import seeded
from seegrad.samples import calls
from seegrad.tensor import Tensor
from seegrad.value import Value

STEP = 1e-3


def gradients(
    function: Callable[..., Any],
    *inputs: Any,
    order: int = 2,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> None:
    """Check the derivatives of a function of nodes at these inputs.

    Numbers are given to it as Values, arrays as float64 Tensors; arrays of integers
    and booleans are left alone. ``order=2`` checks the derivatives of the derivatives
    too. Raises GradientMismatch with both numbers at the worst entry.

    >>> gradients(lambda x, y: x * y.exp(), 2.0, 0.5)
    >>> gradients(lambda x: x @ x.T, np.array([[1.0, 2.0], [3.0, 5.0]]))
    """
    scalar = all(isinstance(x, float | int | Value) for x in inputs)
    arrays = [_plain(float(x) if scalar else x) for x in inputs]
    if not any(x.dtype.kind == "f" for x in arrays):
        raise ArgumentError(
            "there is nothing to check: no input is a floating-point number",
            hint="check.gradients(f, 2.0), or an array of floats",
        )
    _check(
        function, arrays, scalar, order, tolerance, seed, getattr(function, "name", "")
    )


def op(op: Op, order: int = 2, tolerance: float = 1e-6) -> int:
    """Check an op on all its sample calls, and return how many there were.

    >>> from seegrad import ops
    >>> op(ops.tanh)
    4
    """
    count = 0
    for inputs, settings in calls(op):
        moving = [i for i, _ in enumerate(inputs) if _has_rule(op, i)]
        shapes = ", ".join(str(x.shape) for x in inputs)
        _check(
            partial(_with_fixed, op, inputs, settings, moving),
            [inputs[i] for i in moving],
            False,
            order if moving else 0,
            tolerance,
            count,
            f"{op} of {shapes} with {settings}" if settings else f"{op} of {shapes}",
        )
        count += 1
    return count


def _with_fixed(
    op: Op, inputs: list[Any], settings: Any, moving: list[int], *given: Any
) -> Any:
    """The op with some inputs given and the others as they were drawn."""
    every = list(inputs)
    for i, x in zip(moving, given, strict=True):
        every[i] = x
    return op(*every, **settings)


def _has_rule(op: Op, position: int) -> bool:
    return op.variadic or op.rules[position] is not None


@recording()
def _check(
    function: Any,
    arrays: list[Any],
    scalar: bool,
    order: int,
    tolerance: float,
    seed: int,
    where: str,
    scale: float = 1.0,
) -> None:
    if not order:
        return
    wrap = Value if scalar else Tensor
    shape = np.shape(_run(function, arrays, wrap).data)
    weights = seeded("check", seed, order).uniform(0.5, 2.0, shape)
    if weights.size == 1:  # one number: say its own derivative, not that times g
        scale *= float(weights.item())

    def weighted(*nodes: Any) -> Any:
        out = function(*nodes)
        out = out * (float(weights) if scalar else weights)
        return out if scalar else out.sum()

    moving = [i for i, x in enumerate(arrays) if x.dtype.kind == "f"]
    for i in moving:
        by_rule = np.asarray(_by_rule(weighted, arrays, wrap, i))
        measured = _measured(weighted, arrays, wrap, i)
        _compare(by_rule / scale, measured / scale, tolerance, where, f"input {i}")
        if order > 1:
            _check(
                lambda *nodes, i=i: grad(weighted, i)(*nodes),
                arrays,
                scalar,
                order - 1,
                tolerance * 10,
                seed,
                f"the gradient of {where or 'the function'} for input {i}",
                scale,
            )


def _by_rule(function: Any, arrays: list[Any], wrap: Any, i: int) -> Any:
    nodes = [_node(x, wrap, needs=True) for x in arrays]
    out = function(*nodes)
    if not out.requires_grad:
        return np.zeros_like(arrays[i])
    return cotangents(out, out.seed(None)).get(nodes[i], np.zeros_like(arrays[i]))


def _measured(function: Any, arrays: list[Any], wrap: Any, i: int) -> Any:
    """The central difference, extrapolated from two step sizes."""
    slopes = np.zeros_like(arrays[i])
    for index in np.ndindex(slopes.shape):
        scale = max(1.0, abs(float(arrays[i][index])))

        def slope(step: float, index: Any = index) -> float:
            return (
                _moved(function, arrays, wrap, i, index, step)
                - _moved(function, arrays, wrap, i, index, -step)
            ) / (2.0 * step)

        wide, narrow = slope(STEP * scale), slope(STEP * scale / 2.0)
        slopes[index] = (4.0 * narrow - wide) / 3.0
    return slopes


def _moved(
    function: Any, arrays: list[Any], wrap: Any, i: int, index: Any, step: float
) -> float:
    moved = [x.copy() if j == i else x for j, x in enumerate(arrays)]
    moved[i][index] += step
    return float(_run(function, moved, wrap).item())


def _run(function: Any, arrays: list[Any], wrap: Any) -> Any:
    out = function(*(_node(x, wrap, needs=False) for x in arrays))
    if not isinstance(out, Node):
        raise InputTypeError(
            f"the function returned {type(out).__name__} instead of a node",
            hint="compute with the nodes it is given",
        )
    return out


def _node(x: Any, wrap: Any, needs: bool) -> Any:
    if wrap is Value:
        return Value(float(x), requires_grad=needs)
    return Tensor(x, requires_grad=needs and x.dtype.kind == "f")


def _plain(x: Any) -> Any:
    array = np.array(x.data if isinstance(x, Node) else x)
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _compare(
    by_rule: Any, measured: Any, tolerance: float, where: str, name: str
) -> None:
    error = np.abs(by_rule - measured) / np.maximum(1.0, np.abs(measured))
    error = np.where(np.isnan(by_rule) == np.isnan(measured), error, np.inf)
    if not error.size or not np.nanmax(error) > tolerance:
        return
    worst = np.unravel_index(np.nanargmax(error), error.shape)
    entry = f"[{', '.join(map(str, worst))}]" if worst else ""
    raise GradientMismatch(
        f"the derivative for {name}{entry} is {by_rule[worst]:.9g} by the rule and "
        f"{measured[worst]:.9g} by finite differences",
        where=where,
        hint="the rule's sign, factor, transposition; or a kink at this very point",
    )
