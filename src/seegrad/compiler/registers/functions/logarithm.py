"""log and log1p: the exponent bits are a logarithm already, but for a small factor.

x = 2^e (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), so log(x) is e ln 2 plus
log(1 + f), which is a short polynomial in f / (2 + f) (Tang, "Table-driven
implementation of the logarithm function", 1990). Near x = 1, e is 0 and f exact, so no
digit is lost where the logarithm is small.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from seegrad.compiler.registers.functions.float_format import format_of
from seegrad.compiler.registers.functions.polynomial import polynomial

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register


# (log(1 + f) - 2 s) / s^3 in powers of s^2
LOG = {
    "float32": (0.6666677594184875, 0.3997749984264374, 0.29874518513679504),
    "float64": (
        *(0.6666666666666735, 0.3999999999940749, 0.285714287441412),
        *(0.22222198378494742, 0.18183575164835922, 0.15313755769484005),
        0.14799066066323013,
    ),
}


def log(xp: Words, x: Register) -> Register:
    """log(x) = e ln 2 + log(1 + f)"""
    out = sum_of_logs(xp, *exponent_and_rest(xp, x))
    out = xp.where(x > 0.0, out, edge(xp, x == 0.0, x))
    return xp.where(x == math.inf, x, out)


def log1p(xp: Words, x: Register) -> Register:
    """log(1 + x) = e ln 2 + log(1 + f), where f = 2^-e x + (2^-e - 1).

    The rounded sum 1 + x is asked for its exponent only, so small x lose nothing.
    """
    exponent, e = split(xp, x + 1.0)
    shift = exponent << format_of(x).mantissa
    # Divided as a float, because the exponent bits alone cannot say 2^-128.
    scale = (xp.lift(4.0, x).bits() - shift).floats() * 0.25
    out = sum_of_logs(xp, e - bias(x), x * scale + (scale - 1.0))
    out = xp.where(x > -1.0, out, edge(xp, x == -1.0, x))
    # 0, -0 and infinity, the only numbers that are their own double, stay as they are.
    return xp.where((x + x == x) * (x > -1.0), x, out)


def edge(xp: Words, on_it: Register, x: Register) -> Register:
    """Minus infinity on the edge of what has a logarithm, NaN outside."""
    return xp.where(on_it, xp.lift(-math.inf, x), math.nan)


def exponent_and_rest(xp: Words, x: Register) -> tuple[Register, Register]:
    """e and f of x = 2^e (1 + f); a denormal x is made larger first."""
    form = format_of(x)
    denormal = x < 2.0 ** (1 - form.offset)
    larger = form.mantissa + 2
    normal = xp.where(denormal, x * 2.0**larger, x)
    exponent, biased = split(xp, normal)
    f = (normal.bits() - (exponent << form.mantissa)).floats() - 1.0
    e = biased - xp.where(denormal, xp.lift(bias(x) + larger, x), bias(x))
    return e, f


def split(xp: Words, x: Register) -> tuple[Register, Register]:
    """The exponent e that leaves 1 + f closest to 1, and e + `bias` as a float."""
    form = format_of(x)
    root = xp.lift(math.sqrt(0.5), x).bits()
    one = xp.lift(1.0, x).bits()
    biased = xp.shift_right(x.bits() + (one - root), form.mantissa)
    magic = xp.lift(2.0**form.mantissa, x).bits()
    return biased - form.offset, (biased | magic).floats()


def bias(x: Register) -> float:
    """What stands in the bits of an exponent when it is 0, and what made it a float."""
    form = format_of(x)
    return 2.0**form.mantissa + form.offset


def sum_of_logs(xp: Words, e: Register, f: Register) -> Register:
    """e ln 2 + log(1 + f), the smallest terms first.

    log(1 + f) = 2 s + s^3 (2/3 + 2/5 s^2 + ...) with s = f / (2 + f). As 2 s is
    f - s f, and s f is f^2 / 2 - s f^2 / 2, its largest part is f itself, not rounded.
    """
    form, coefficients = format_of(f), LOG[f.dtype.name]
    s = f / (f + 2.0)
    square, half = s * s, f * f * 0.5
    tail = s * (square * polynomial(xp, square, coefficients) + half)
    return e * form.ln2_high + (f - (half - (e * form.ln2_low + tail)))
