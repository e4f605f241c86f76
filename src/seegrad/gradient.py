"""Derivatives of functions: grad, jacobian, hessian, and the products with them.

`backward` starts from a number that was computed. Here one starts from the function.
Every call differentiates with respect to a fresh alias of the argument, so derivatives
nest without confusion: in d/dx [x * d/dy (x * y)] the two variables never mix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seegrad.backpropagation import cotangents
from seegrad.errors import ArgumentError, GradientError, InputTypeError
from seegrad.mode import recording
from seegrad.node import Node
from seegrad.ops import reshape, stack, sum
from seegrad.ops.functions import alias
from seegrad.tensor import Tensor
from seegrad.value import Value

Function = Callable[..., Any]
Positions = int | tuple[int, ...]


def grad(function: Function, argnums: Positions = 0) -> Function:
    """The gradient of a function of one number: df(x) = d function(x) / dx.

    Floats become Values and arrays Tensors; the result is a node that can be
    differentiated again. With several argnums, a tuple.

    >>> grad(lambda x: x * x * x)(2.0).data
    12.0
    >>> grad(grad(lambda x: x * x * x))(2.0).data
    12.0
    """

    def gradient(*args: Any) -> Any:
        return value_and_grad(function, argnums)(*args)[1]

    return gradient


def value_and_grad(function: Function, argnums: Positions = 0) -> Function:
    """The value of a function and its gradient, for the price of one evaluation.

    >>> value, gradient = value_and_grad(lambda x: x * x)(3.0)
    >>> value.data, gradient.data
    (9.0, 6.0)
    """

    @recording()
    def both(*args: Any) -> tuple[Any, Any]:
        nodes, chosen = _aliased(args, argnums)
        out = _node_result(function, nodes)
        if getattr(out, "size", 1) != 1:
            raise GradientError(
                f"grad needs a function with one number as its result, not {out.shape}",
                hint="sg.jacobian for a result of several numbers, or sum it up",
            )
        return out, _as_given(argnums, _pulled(out, _one(out), chosen))

    return both


def jacobian(function: Function, argnums: int = 0) -> Function:
    """All first derivatives: J[i, j] = d out[i] / d x[j], shape out.shape + x.shape.

    >>> x = np.array([1.0, 2.0])
    >>> jacobian(lambda x: x * x)(x).numpy()
    array([[2., 0.],
           [0., 4.]])
    """

    @recording()
    def derivatives(*args: Any) -> Any:
        nodes, (x,) = _aliased(args, argnums)
        out = _node_result(function, nodes)
        if isinstance(out, Value):
            return _pulled(out, _one(out), [x])[0]
        if not out.size:
            return Tensor(np.zeros(out.shape + x.shape), dtype=x.dtype)
        flat = reshape(out, (-1,))
        rows = [_pulled(flat[i], _one(flat[i]), [x])[0] for i in range(out.size)]
        return reshape(stack(rows), out.shape + x.shape)

    return derivatives


def hessian(function: Function, argnums: int = 0) -> Function:
    """All second derivatives of a function of one number: the jacobian of the gradient.

    >>> hessian(lambda x: (x * x * x).sum())(np.array([1.0, 2.0])).numpy()
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return jacobian(grad(function, argnums), argnums)


def hessian_vector(function: Function, argnums: int = 0) -> Function:
    """The product H @ v without H: the gradient of grad(f)(x) . v (Pearlmutter 1994).

    The returned function takes the arguments of ``function`` and then v.

    >>> f = lambda x: (x * x * x).sum()
    >>> hessian_vector(f)(np.array([1.0, 2.0]), np.array([1.0, 1.0])).numpy()
    array([ 6., 12.])
    """

    def product(*args_and_v: Any) -> Any:
        *args, v = args_and_v

        def along(*args: Any) -> Any:
            dot = grad(function, argnums)(*args) * v
            return sum(dot) if isinstance(dot, Tensor) else dot

        return grad(along, argnums)(*args)

    return product


def _aliased(args: Any, argnums: Positions) -> tuple[list[Any], list[Any]]:
    """The arguments, those asked about under an alias that needs a gradient."""
    positions = argnums if isinstance(argnums, tuple) else (argnums,)
    nodes = list(args)
    for i in positions:
        if i not in range(-len(args), len(args)):
            raise ArgumentError(
                f"argnums is {argnums!r}, and there are {len(args)} arguments",
                hint="the position of an argument, or a tuple of them",
            )
        x = args[i] if isinstance(args[i], Node) else _leaf(args[i])
        if not x.requires_grad:
            x = x.detach()
            x.requires_grad = True
        nodes[i] = alias(x)
    return nodes, [nodes[i] for i in positions]


def _leaf(x: Any) -> Node:
    if isinstance(x, np.ndarray | list | tuple):
        return Tensor(x)
    return Value(x)


def _node_result(function: Function, args: list[Any]) -> Any:
    out = function(*args)
    if not isinstance(out, Node):
        raise InputTypeError(
            f"the function returned {type(out).__name__}, which has no gradient",
            hint="compute with what it is given: no float(x), x.numpy() or math.exp",
        )
    return out


def _one(out: Any) -> Any:
    one = out.kind.ones_like(out._data)  # its shape is known, also while traced
    return Value(one, requires_grad=False) if isinstance(out, Value) else Tensor(one)


def _pulled(out: Any, seed: Any, chosen: list[Any]) -> list[Any]:
    """d out / d each chosen node; zero for a node that out does not depend on."""
    found = cotangents(out, seed, graph=True) if out.requires_grad else {}
    return [found[x] if x in found else x.detach() * 0 for x in chosen]


def _as_given(argnums: Positions, results: list[Any]) -> Any:
    return tuple(results) if isinstance(argnums, tuple) else results[0]
