"""Ops that choose: comparisons, the larger, the smaller, one or the other.

A comparison has no slope worth the name, so it has no rule and ends the flow of
gradients. A choice sends the gradient to what was chosen; at a tie `maximum` shares it,
as PyTorch does.
"""

import numpy as np

from seegrad.errors import InputTypeError
from seegrad.op import elementwise


@elementwise(symbol="<", at=(2.0, 3.0))
def lt(xp, x, y, /):
    """x < y"""
    return x < y


@elementwise(symbol="<=", at=(2.0, 3.0))
def le(xp, x, y, /):
    """x <= y"""
    return x <= y


@elementwise(symbol=">", at=(2.0, 3.0))
def gt(xp, x, y, /):
    """x > y"""
    return x > y


@elementwise(symbol=">=", at=(2.0, 3.0))
def ge(xp, x, y, /):
    """x >= y"""
    return x >= y


@elementwise(symbol="==", at=(2.0, 3.0))
def eq(xp, x, y, /):
    """x == y"""
    return x == y


@elementwise(symbol="!=", at=(2.0, 3.0))
def ne(xp, x, y, /):
    """x != y"""
    return x != y


@elementwise(symbol="? :", at=(1.0, 2.0, 3.0), keeps=("condition",), method=False)
def where(xp, condition, x, y, /):
    """x where the condition holds, else y"""
    return xp.where(condition, x, y)


where.derivatives(
    x=lambda g, out, condition, x, y: where(condition, g, 0.0),
    y=lambda g, out, condition, x, y: where(condition, 0.0, g),
)


@elementwise(at=(2.0, 3.0))
def maximum(xp, x, y, /):
    """the larger of x and y"""
    return xp.maximum(x, y)


maximum.derivatives(
    x=lambda g, out, x, y: where(x == y, g / 2.0, where(x < y, 0.0, g)),
    y=lambda g, out, x, y: where(x == y, g / 2.0, where(x > y, 0.0, g)),
)


@elementwise(at=(2.0, 3.0))
def minimum(xp, x, y, /):
    """the smaller of x and y"""
    return xp.minimum(x, y)


minimum.derivatives(
    x=lambda g, out, x, y: where(x == y, g / 2.0, where(x > y, 0.0, g)),
    y=lambda g, out, x, y: where(x == y, g / 2.0, where(x < y, 0.0, g)),
)


@elementwise(at=(2.0,))
def relu(xp, x, /):
    """max(x, 0)"""
    return xp.maximum(x, 0)


relu.derivatives(x=lambda g, out, x: where(out <= 0, 0.0, g))


def _bounds(x, min=None, max=None):
    for bound in (min, max):
        if not (bound is None or isinstance(bound, int | float | np.number)):
            raise InputTypeError(
                f"clamp's bounds are numbers, not {type(bound).__name__}",
                hint="sg.maximum(x, low) and sg.minimum(x, high) take tensors",
            )
    # NumPy's own numbers would widen what they meet; Python's do not.
    low, high = (b.item() if isinstance(b, np.number) else b for b in (min, max))
    return {"min": low, "max": high}


@elementwise(at=(2.0,), normal=_bounds)
def clamp(xp, x, /, min=None, max=None):
    """x, but not below min and not above max"""
    if min is not None:
        x = xp.maximum(x, min)
    return x if max is None else xp.minimum(x, max)


def _inside(x, min, max):
    above = True if min is None else x >= min
    below = True if max is None else x <= max
    return above * below


clamp.sample((3, 5))
clamp.sample((3, 5), min=-1.0, max=2.0)
clamp.sample((), max=0.5)
clamp.derivatives(
    x=lambda g, out, x, min, max: where(_inside(x, min, max), g, 0.0),
)
