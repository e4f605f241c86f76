"""The power: of floats by logarithm and exponential, of integers by squaring.

x^y = exp(y log(x)), and a logarithm of 700 has lost the ten bits before its point: so
the logarithm is computed with twice the digits, as a float and a rest. The special
cases are those of C's pow, and so NumPy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from seegrad.compiler.registers.functions import exponential, logarithm
from seegrad.compiler.registers.functions.double_double import (
    Pair,
    product_of_pairs,
    sum_with_rest,
)
from seegrad.compiler.registers.functions.float_format import format_of
from seegrad.compiler.registers.functions.polynomial import polynomial

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register


class Parts(NamedTuple):
    """The polynomial of log(1 + f), its first coefficient with twice the digits."""

    two_thirds_low: float  # what is missing in the nearest float to 2/3
    log: tuple[float, ...]  # ((log(1 + f) - 2 s) / s^3 - 2/3) / s^2 in powers of s^2


PARTS = {
    "float32": Parts(
        two_thirds_low=-1.9868215517249155e-08,
        log=(0.40000152587890625, 0.28547054529190063, 0.23421119153499603),
    ),
    "float64": Parts(
        two_thirds_low=3.700743415417188e-17,
        log=(
            *(0.4000000000000229, 0.2857142857008369, 0.22222222522887095),
            *(0.18181784097325535, 0.15386770203916666, 0.1325650837847193),
            *(0.13199283315534718,),
        ),
    ),
}


def power(xp: Words, x: Register, y: Register) -> Register:
    """x ** y; the exponents 2, 1, 1/2, -1 and such cost next to nothing."""
    if y.number is not None and y.number in SHORT_CUTS:
        return SHORT_CUTS[y.number](xp, x)
    size = xp.absolute(x)
    log, rest = log_with_rest(xp, size)
    exponent = xp.product(y, log)
    lost = xp.fma(y, log, -exponent) + y * rest
    lost = xp.where(xp.absolute(exponent) < 2000.0, lost, 0.0)  # infinity has no rest
    exponent = xp.where((size == 1.0) | (y == 0.0), 0.0, exponent)
    lost = xp.where(exponent == 0.0, 0.0, lost)
    return with_sign(xp, x, y, exponential.exp(xp, exponent, lost))


def log_with_rest(xp: Words, x: Register) -> Pair:
    """log(x) with twice the digits, for x >= 0.

    With s = f / (2 + f) it is e ln 2 + 2 s + s^3 (2/3 + 2/5 s^2 + ...).
    """
    form, parts = format_of(x), PARTS[x.dtype.name]
    e, f = logarithm.exponent_and_rest(xp, x)
    s = quotient(xp, f)
    square = product_of_pairs(xp, s, s)
    term = square[0] * polynomial(xp, square[0], parts.log)
    factor = sum_with_rest(xp.lift(2.0 / 3.0, x), term)
    factor = factor[0], factor[1] + parts.two_thirds_low
    small = product_of_pairs(xp, s, product_of_pairs(xp, square, factor))
    out, lost = sum_with_rest(xp.product(e, form.ln2_high), s[0] + s[0])
    out, lost_too = sum_with_rest(out, small[0])
    rest = (lost + lost_too) + (e * form.ln2_low + (s[1] + s[1]) + small[1])
    out, rest = sum_with_rest(out, rest)
    out = xp.where(x < math.inf, out, x)  # infinity and NaN stay
    return xp.where(x == 0.0, -math.inf, out), rest


def quotient(xp: Words, f: Register) -> Pair:
    """f / (2 + f) with twice the digits."""
    below, lost = sum_with_rest(xp.lift(2.0, f), f)
    inverse = 1.0 / below
    out = xp.product(f, inverse)
    return out, (xp.fma(-out, below, f) - out * lost) * inverse


def with_sign(xp: Words, x: Register, y: Register, out: Register) -> Register:
    """|x| ** y with the sign of x ** y; NaN where that is not real."""
    whole = xp.floor(y) == y
    odd = whole & (xp.floor(y * 0.5) != y * 0.5)
    real = whole | (x >= 0.0) | (x == -math.inf) | xp.isnan(x)
    return xp.where(real, xp.where(odd, xp.copysign(out, x), out), math.nan)


def inverse_square(xp: Words, x: Register) -> Register:
    """1 / x^2, inverted first: the square could overflow."""
    inverse = 1.0 / x
    return inverse * inverse


# Exponents known while the program is written. As in NumPy, 1/2 is the square root.
SHORT_CUTS: dict[float, Callable[[Words, Register], Register]] = {
    -2.0: inverse_square,
    -1.0: lambda xp, x: 1.0 / x,
    0.0: lambda xp, x: xp.lift(1.0, x),
    0.5: lambda xp, x: xp.sqrt(x),
    1.0: lambda xp, x: x,
    2.0: lambda xp, x: x * x,
    3.0: lambda xp, x: x * x * x,
    4.0: lambda xp, x: (x * x) * (x * x),
}


def integer_power(xp: Words, x: Register, y: Register) -> Register:
    """x ** y for integers, wrapping around; what y < 0 gives is not defined.

    Squares of x are multiplied in where y has a bit: 13 is 8 + 4 + 1.
    """
    out = xp.lift(1, x)
    for bit in range(8 * y.dtype.itemsize - y.is_signed):
        odd = (xp.shift_right(y, bit) & 1) != 0
        out = xp.where(odd, out * x, out)
        x = x * x
    return out
