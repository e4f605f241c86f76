"""A single huge gradient can undo hours of learning, so it is cut back to size.

Sequences make such gradients: many steps multiply them. Scaling all of them together
keeps their direction; clipping each number keeps only its sign.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from seegrad.errors import ArgumentError, InputTypeError, NonFiniteError
from seegrad.node import Node
from seegrad.ops import abs, amax, clamp, maximum, minimum, sqrt, sum
from seegrad.ops.shapes import to
from seegrad.optim._checks import amount
from seegrad.require import require
from seegrad.tensor import Tensor


def clip_grad_norm(
    parameters: Any,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scale all gradients together so that their norm is at most ``max_norm``.

    grad * min(1, max_norm / (norm + 1e-6)), with norm = (sum |g|^p)^(1/p) over all
    numbers of all gradients, or the largest |g| for p = inf. Gives the norm as it was.
    NaN and infinity spoil all gradients, or raise NonFiniteError if asked to (Pascanu
    et al. 2013).

    >>> from seegrad import nn
    >>> p = nn.Parameter([1.0, 2.0])
    >>> p.grad = [3.0, 4.0]
    >>> clip_grad_norm([p], max_norm=1.0)
    tensor(5.)
    """
    limit = amount("max_norm", max_norm, "clip_grad_norm")
    order = _order(norm_type)
    reached = _reached(parameters, "clip_grad_norm")
    with np.errstate(all="ignore"):  # NaN and infinity are numbers here
        norm = _norm([p.grad for p in reached], order)
        if error_if_nonfinite:
            require(abs(norm) < math.inf, lambda: _broken(norm))
        scale = minimum(limit / (norm + 1e-6), 1.0)
        for p in reached:
            p.grad = p.grad * _like(scale, p.grad)
    return norm if isinstance(norm, Tensor) else Tensor(np.asarray(norm))


def clip_grad_value(parameters: Any, clip_value: float) -> None:
    """Keep every number of every gradient between -clip_value and clip_value.

    >>> from seegrad import nn
    >>> p = nn.Parameter([1.0, 2.0])
    >>> p.grad = [0.5, -4.0]
    >>> clip_grad_value([p], 1.0)
    >>> p.grad.tolist()
    [0.5, -1.0]
    """
    limit = amount("clip_value", clip_value, "clip_grad_value")
    for p in _reached(parameters, "clip_grad_value"):
        p.grad = clamp(p.grad, -limit, limit)


def _reached(parameters: Any, where: str) -> list[Any]:
    """The parameters that have a gradient; one alone is a list of one."""
    listed = [parameters] if isinstance(parameters, Node) else parameters
    if not isinstance(listed, Iterable):
        raise InputTypeError(
            f"parameters come in a list, and this is {type(parameters).__name__}",
            where=where,
            hint=f"{where}(model.parameters(), ...)",
        )
    listed = list(listed)
    for i, p in enumerate(listed):
        if not isinstance(p, Tensor):
            raise InputTypeError(
                f"parameter {i} is {type(p).__name__}, not a tensor",
                where=where,
                hint=f"{where}(model.parameters(), ...)",
            )
    return [p for p in listed if p.grad is not None]


def _order(norm_type: Any) -> float:
    if norm_type == math.inf:
        return math.inf
    order = amount("norm_type", norm_type, "clip_grad_norm")
    if not order:
        raise ArgumentError(
            "norm_type must be above 0",
            where="clip_grad_norm",
            hint="2.0 for the length, math.inf for the largest number",
        )
    return order


def _norm(gradients: list[Any], order: float) -> Any:
    """The norm of all numbers of all gradients together."""
    # The largest of no numbers does not exist, so an empty gradient has no part.
    parts = [_part(g, order) for g in gradients if math.prod(g.shape)]
    total: Any = parts[0] if parts else np.zeros((), np.float32)
    for part in parts[1:]:
        total = maximum(total, part) if order == math.inf else total + part
    if order == math.inf:
        return total
    return sqrt(total) if order == 2.0 else total ** (1.0 / order)


def _part(g: Any, order: float) -> Any:
    """What one gradient adds to the norm."""
    if order == math.inf:
        return amax(abs(g))
    return sum(g * g if order == 2.0 else abs(g) ** order)


def _broken(norm: Any) -> NonFiniteError:
    return NonFiniteError(
        f"the norm of the gradients is {float(norm)}",
        where="clip_grad_norm",
        hint="a smaller learning rate, or error_if_nonfinite=False",
    )


def _like(scale: Any, g: Any) -> Any:
    """A single number in the dtype of what it scales."""
    return scale if scale.dtype == g.dtype else to(scale, g.dtype)
