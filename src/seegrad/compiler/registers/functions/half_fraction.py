"""Functions that climb from 0 to 1, as twice the half of them: 2 t / (1 + t^2).

That is how tanh(x) follows from t = tanh(x / 2), and any function between -1 and 1 has
such a half. A mistake in t counts less and less towards 1, where 2 t / (1 + t^2) is
flat; so a short fraction of polynomials is enough for t, all the way until the function
rounds to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seegrad.compiler.registers.functions.polynomial import polynomial

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register


def from_half(
    xp: Words,
    x: Register,
    one: float,
    above: Sequence[float],
    below: Sequence[float],
) -> Register:
    """2 t / (1 + t^2), where t = a / 2b with a = x above(x^2) and b = below(x^2).

    That is a b / (b^2 + a^2 / 4), with one division. ``one`` is the first x whose
    function rounds to 1. Both polynomials begin a little below 2, where rounding takes
    the smallest part of a float.
    """
    size = xp.absolute(x)
    size = xp.where(size > one, one, size)
    square = size * size
    a = size * polynomial(xp, square, above)
    b = polynomial(xp, square, below)
    smaller = xp.product(a * 0.25, a)  # so that b b is the one not rounded
    out = a * b / (b * b + smaller)
    return xp.copysign(xp.where(out > 1.0, 1.0, out), x)
