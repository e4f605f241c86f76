"""exp and expm1: powers of two are free, so only a small remainder is computed.

x = n ln 2 + r splits off a power of two, which goes straight into the exponent bits; a
polynomial does the rest (Cody and Waite, "Software Manual for the Elementary
Functions", 1980). ln 2 is taken off in two parts, the first so short that n times it is
exact. Adding 1.5 * 2^23 (2^52 in float64) rounds to the nearest whole number and leaves
it in the lowest bits, and the offset of exponents is added on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from seegrad.compiler.registers.functions.double_double import sum_with_rest
from seegrad.compiler.registers.functions.float_format import Format, format_of
from seegrad.compiler.registers.functions.polynomial import polynomial

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register

LOG2_E = 1.4426950408889634


class Bounds(NamedTuple):
    """Where the functions reach their ends, and the polynomials in between."""

    largest: float  # beyond it, exp is infinite
    smallest: float  # below it, exp is zero
    minus_one: float  # below it, expm1 is -1
    exp: tuple[float, ...]  # exp(r) for |r| <= ln 2
    expm1: tuple[float, ...]  # (expm1(r) - r) / r^2 for |r| <= ln 2 / 2


BOUNDS = {
    "float32": Bounds(
        largest=89.0,
        smallest=-104.0,
        minus_one=-20.0,
        exp=(
            *(1.0, 1.0, 0.5000003576278687, 0.1666661500930786, 0.04166123643517494),
            *(0.008336086757481098, 0.0014104645233601332, 0.00019611328025348485),
        ),
        expm1=(
            *(0.4999999701976776, 0.1666654348373413, 0.04166734218597412),
            *(0.008366658352315426, 0.0013882579514756799),
        ),
    ),
    "float64": Bounds(
        largest=710.0,
        smallest=-746.0,
        minus_one=-40.0,
        exp=(
            *(1.0, 1.0, 0.4999999999999993, 0.1666666666666694, 0.04166666666670236),
            *(0.008333333333269424, 0.0013888888883543545, 0.0001984126989309687),
            *(2.480159084688512e-05, 2.7557300565419337e-06, 2.75561542906442e-07),
            *(2.5055042288967787e-08, 2.106263338010522e-09, 1.593540963028267e-10),
        ),
        expm1=(
            *(0.5000000000000006, 0.16666666666666588, 0.04166666666657611),
            *(0.008333333333389958, 0.0013888888931794852, 0.00019841269718343053),
            *(2.4801504979047325e-05, 2.7557407865193672e-06, 2.7626161361205356e-07),
            *(2.5053776074869294e-08,),
        ),
    ),
}


def exp(xp: Words, x: Register, rest: Register | None = None) -> Register:
    """exp(x) = s s exp(r), where s = 2^m and x = 2 m ln 2 + r.

    Scaled in two steps, the result overflows and underflows where it should: 2^(2m)
    alone need not be a float. The rest is what rounding took from x, if that is known.
    """
    form, ends = format_of(x), BOUNDS[x.dtype.name]
    x = within(xp, x, ends.smallest, ends.largest)
    rounding = form.rounding + form.offset
    shifted = x * (LOG2_E / 2.0) + rounding
    m = shifted - rounding
    r = m * (-2.0 * form.ln2_high) + x
    r = m * (-2.0 * form.ln2_low) + r
    s = power_of_two(shifted, form)
    if rest is None:
        return polynomial(xp, r, ends.exp) * s * s
    r, lost = sum_with_rest(r, rest)
    tail = r * r * polynomial(xp, r, ends.exp[2:]) + lost
    return (tail + r + 1.0) * s * s


def expm1(xp: Words, x: Register) -> Register:
    """exp(x) - 1 = (2^n - 1 + 2^n r) + 2^n (expm1(r) - r), where x = n ln 2 + r.

    Half of it is computed, so that 2^n is a float up to the overflow. An x whose square
    is no float any more is its own result.
    """
    form, ends = format_of(x), BOUNDS[x.dtype.name]
    bounded = within(xp, x, ends.minus_one, ends.largest)
    rounding = form.rounding + form.offset
    shifted = bounded * LOG2_E + rounding
    n = shifted - rounding
    r = n * -form.ln2_low + (n * -form.ln2_high + bounded)
    rest = r * r * polynomial(xp, r, ends.expm1)
    half = power_of_two(shifted - 1.0, form)
    out = half * rest + (half * r + (half - 0.5))
    return xp.where(rest == 0.0, x, out + out)


def within(xp: Words, x: Register, low: float, high: float) -> Register:
    """x, moved to the nearest bound if it is outside; NaN stays."""
    x = xp.where(x > high, high, x)
    return xp.where(x < low, low, x)


def power_of_two(shifted: Register, form: Format) -> Register:
    """2^n, from the number in whose lowest bits n and the offset of exponents stand."""
    return (shifted.bits() << form.mantissa).floats()
