"""Means, spreads and the soft maximum: made of other ops, so nothing new to derive.

What is particular here is numerical care: exponentials are shifted by the maximum so
that nothing overflows, and a spread of zero has slope zero.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.dtypes import float16, float32, is_float
from seegrad.errors import DtypeError
from seegrad.lend import lend
from seegrad.ops.axes import axes, axis, rank
from seegrad.ops.choices import where
from seegrad.ops.functions import abs, detach, exp, log, sqrt
from seegrad.ops.reductions import amax, sum
from seegrad.ops.shapes import reshape, to


def mean(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The mean over the axes dim: sum(x) / n.

    >>> import seegrad as sg
    >>> sg.mean(sg.tensor([[1.0, 2.0], [3.0, 5.0]]), dim=0)
    tensor([2. , 3.5])
    """
    _need_float(x, "mean")
    if x.dtype == float16:  # a sum of many would leave its range, their mean does not
        return to(mean(to(x, float32), dim, keepdim), float16)
    over = axes(dim, rank(x))
    count = math.prod([x.shape[i] for i in over])
    return sum.settled(x, dim=over, keepdim=bool(keepdim)) / float(count)


def var(x: Any, dim: Any = None, correction: int = 1, keepdim: bool = False) -> Any:
    """The variance over the axes dim: sum((x - mean)^2) / (n - correction).

    >>> import seegrad as sg
    >>> sg.var(sg.tensor([1.0, 2.0, 3.0]))
    tensor(1.)
    """
    _need_float(x, "var")
    if x.dtype == float16:
        return to(var(to(x, float32), dim, correction, keepdim), float16)
    spread = x - mean(x, dim, keepdim=True)
    left = max(_count(x, dim) - correction, 0)
    return sum(spread * spread, dim, keepdim) / float(left)


def std(x: Any, dim: Any = None, correction: int = 1, keepdim: bool = False) -> Any:
    """The standard deviation, the square root of `var`; slope 0 where it is 0.

    >>> import seegrad as sg
    >>> sg.std(sg.tensor([1.0, 2.0, 3.0]))
    tensor(1.)
    """
    v = var(x, dim, correction, keepdim)
    flat = v == 0.0
    return where(flat, 0.0, sqrt(where(flat, 1.0, v)))


def logsumexp(x: Any, dim: Any, keepdim: bool = False) -> Any:
    """log(sum(exp(x))) over the axes dim, without overflow.

    >>> import seegrad as sg
    >>> sg.logsumexp(sg.tensor([10000.0, 10000.0]), dim=0)
    tensor(10000.693)
    """
    over = axes(dim, rank(x))
    top = _top(x, over)
    top = where(abs(top) == math.inf, 0.0, top)  # inf - inf would be NaN
    total = sum.settled(exp(x - top), dim=over, keepdim=True)
    nothing = total == 0.0  # every x is -inf: the result is too, with slope 0
    out = where(nothing, -math.inf, top + log(where(nothing, 1.0, total)))
    return out if keepdim else reshape(out, _without(x, over))


def softmax(x: Any, dim: int) -> Any:
    """exp(x) / sum(exp(x)) along dim: positive numbers that add up to 1.

    >>> import seegrad as sg
    >>> sg.softmax(sg.tensor([0.0, 0.0]), dim=0)
    tensor([0.5, 0.5])
    """
    over = (axis(dim, rank(x)),)
    e = exp(x - _top(x, over))
    return e / sum.settled(e, dim=over, keepdim=True)


def log_softmax(x: Any, dim: int) -> Any:
    """x - log(sum(exp(x))) along dim, the logarithm of `softmax`.

    >>> import seegrad as sg
    >>> sg.log_softmax(sg.tensor([0.0, 1000.0]), dim=0)
    tensor([-1000.,     0.])
    """
    over = (axis(dim, rank(x)),)
    shifted = x - _top(x, over)
    return shifted - log(sum.settled(exp(shifted), dim=over, keepdim=True))


def _top(x, over):
    """The largest x as a constant shift; 0 where there is none."""
    return detach(amax(x, over, True)) if math.prod(x.shape) else 0.0


def _count(x, dim):
    return math.prod(x.shape[i] for i in axes(dim, rank(x)))


def _without(x, over):
    return tuple(n for i, n in enumerate(x.shape) if i not in over)


def _need_float(x, what):
    rank(x)  # a Value has no axes to take a mean over
    if not is_float(x.dtype):
        raise DtypeError(
            f"the {what} of {x.dtype} numbers is not one of them",
            hint="x.to(sg.float32) first",
        )


for function in (mean, var, std, logsumexp, softmax, log_softmax):
    lend(function.__name__, function)
