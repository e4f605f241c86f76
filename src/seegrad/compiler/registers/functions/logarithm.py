"""log and log1p: the exponent bits are a logarithm already, but for a small factor.

x = 2^e (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), so log(x) is e ln 2 plus
log(1 + f), which is a short polynomial in f / (2 + f) (Tang, "Table-driven
implementation of the logarithm function", 1990). Near x = 1, e is 0 and f exact, so no
digit is lost where the logarithm is small.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from seegrad.compiler.registers.functions.polynomial import polynomial

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register


class Format(NamedTuple):
    """What differs between the two kinds of floats."""

    mantissa: int  # bits after the point
    smallest: float  # the smallest float that is not denormal
    ln2_high: float  # so short that e times it is exact
    ln2_low: float
    log: tuple[float, ...]  # (log(1 + f) - 2 s) / s^3 in powers of s^2


FORMATS = {
    "float32": Format(
        mantissa=23,
        smallest=2.0**-126,
        ln2_high=0.693359375,
        ln2_low=-2.12194440e-4,
        log=(0.6666677594184875, 0.3997749984264374, 0.29874518513679504),
    ),
    "float64": Format(
        mantissa=52,
        smallest=2.0**-1022,
        ln2_high=6.93147180369123816490e-01,
        ln2_low=1.90821492927058770002e-10,
        log=(
            *(0.6666666666666735, 0.3999999999940749, 0.285714287441412),
            *(0.22222198378494742, 0.18183575164835922, 0.15313755769484005),
            *(0.14799066066323013,),
        ),
    ),
}


def log(xp: Words, x: Register) -> Register:
    """log(x) = e ln 2 + log(1 + f)"""
    form = FORMATS[x.dtype.name]
    e, f = exponent_and_rest(xp, x, form)
    out = sum_of_logs(xp, e, f, form)
    out = xp.where(x > 0.0, out, edge(xp, x == 0.0, x))
    return xp.where(x == math.inf, x, out)


def log1p(xp: Words, x: Register) -> Register:
    """log(1 + x) = e ln 2 + log(1 + f), where f = 2^-e x + (2^-e - 1).

    The rounded sum 1 + x is asked for its exponent only, so small x lose nothing.
    """
    form = FORMATS[x.dtype.name]
    exponent, biased = split(xp, x + 1.0, form)
    # Divided as a float, because the exponent bits alone cannot say 2^-128.
    scale = (xp.lift(4.0, x).bits() - (exponent << form.mantissa)).floats() * 0.25
    out = sum_of_logs(xp, biased - bias(form), x * scale + (scale - 1.0), form)
    out = xp.where(x > -1.0, out, edge(xp, x == -1.0, x))
    # 0, -0 and infinity, the only numbers that are their own double, stay as they are.
    return xp.where((x + x == x) * (x > -1.0), x, out)


def edge(xp: Words, on_it: Register, x: Register) -> Register:
    """Minus infinity on the edge of what has a logarithm, NaN outside."""
    return xp.where(on_it, xp.lift(-math.inf, x), math.nan)


def exponent_and_rest(
    xp: Words, x: Register, form: Format
) -> tuple[Register, Register]:
    """e and f of x = 2^e (1 + f); a denormal x is made larger first."""
    denormal = x < form.smallest
    larger = form.mantissa + 2
    normal = xp.where(denormal, x * 2.0**larger, x)
    exponent, biased = split(xp, normal, form)
    f = (normal.bits() - (exponent << form.mantissa)).floats() - 1.0
    e = biased - xp.where(denormal, xp.lift(bias(form) + larger, x), bias(form))
    return e, f


def split(xp: Words, x: Register, form: Format) -> tuple[Register, Register]:
    """The exponent e that leaves 1 + f closest to 1, and e + `bias` as a float."""
    root = xp.lift(math.sqrt(0.5), x).bits()
    one = xp.lift(1.0, x).bits()
    biased = xp.shift_right(x.bits() + (one - root), form.mantissa)
    magic = xp.lift(2.0**form.mantissa, x).bits()
    offset = (1 << (8 * x.dtype.itemsize - 2 - form.mantissa)) - 1
    return biased - offset, (biased | magic).floats()


def bias(form: Format) -> float:
    """What stands in the bits of an exponent when it is 0, and what made it a float."""
    return {23: 2.0**23 + 127.0, 52: 2.0**52 + 1023.0}[form.mantissa]


def sum_of_logs(xp: Words, e: Register, f: Register, form: Format) -> Register:
    """e ln 2 + log(1 + f), the smallest terms first.

    log(1 + f) = 2 s + s^3 (2/3 + 2/5 s^2 + ...) with s = f / (2 + f). As 2 s is
    f - s f, and s f is f^2 / 2 - s f^2 / 2, its largest part is f itself, not rounded.
    """
    s = f / (f + 2.0)
    square, half = s * s, f * f * 0.5
    tail = s * (square * polynomial(xp, square, form.log) + half)
    return e * form.ln2_high + (f - (half - (e * form.ln2_low + tail)))
