"""sin and cos: half turns are taken off, and one polynomial does the rest.

x = n pi + r with |r| <= pi / 2, and sin(x) is sin(r), negative for odd n: its sign is
the last bit of n (Cody and Waite, "Software Manual for the Elementary Functions",
1980). pi is taken off in three parts by multiply-and-add, which loses nothing where x
is near n pi, as long as n is not too large. Farther out, where hardly anybody goes, the
system's own function is called, number by number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from seegrad.compiler.registers.functions.exponential import within
from seegrad.compiler.registers.functions.float_format import format_of
from seegrad.compiler.registers.functions.polynomial import polynomial

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register

ONE_OVER_PI = 0.3183098861837907
WIDEST = 1.75  # a little over pi / 2, which r may exceed where n is not the nearest


class Turn(NamedTuple):
    """Half a turn, the polynomial within it, and up to which |x| turns are counted."""

    pi: tuple[float, float, float]  # three times the digits, all rounded down
    sin: tuple[float, ...]  # (sin(r) - r) / r^3 in powers of r^2
    far: float


TURNS = {
    "float32": Turn(
        pi=(3.141592502593994, 1.5099578831723193e-07, 1.078060505991553e-14),
        sin=(
            *(-0.16666659712791443, 0.00833306647837162),
            *(-0.0001980957604246214, 2.60576166510873e-06),
        ),
        far=1e5,
    ),
    "float64": Turn(
        pi=(3.141592653589793, 1.224646799147353e-16, 2.1657133478438278e-32),
        sin=(
            *(-0.16666666666666666, 0.008333333333333194, -0.00019841269841209145),
            *(2.7557319211124307e-06, -2.5052106871583025e-08, 1.605893964308117e-10),
            *(-7.642989816714651e-13, 2.7211569699782574e-15),
        ),
        far=1e14,
    ),
}


def sin(xp: Words, x: Register) -> Register:
    """sin(x) = (-1)^n sin(x - n pi)"""
    turn, rounding = TURNS[x.dtype.name], format_of(x).rounding
    shifted = x * ONE_OVER_PI + rounding
    n, r = shifted - rounding, x
    for part in turn.pi:
        r = xp.fma(n, -part, r)
    # Of -0, it is -0.
    near = _odd_negative(xp.copysign(_near_zero(xp, r, turn), r), shifted)
    return xp.replaced(near, xp.absolute(x) > turn.far, "sin", x)


def cos(xp: Words, x: Register) -> Register:
    """cos(x) = (-1)^n sin((n + 1/2) pi - x)"""
    turn, rounding = TURNS[x.dtype.name], format_of(x).rounding
    shifted = (x * ONE_OVER_PI - 0.5) + rounding
    n, r = (shifted - rounding) + 0.5, -x
    for part in turn.pi:
        r = xp.fma(n, part, r)
    near = _odd_negative(_near_zero(xp, r, turn), shifted)
    return xp.replaced(near, xp.absolute(x) > turn.far, "cos", x)


def _near_zero(xp: Words, r: Register, turn: Turn) -> Register:
    """sin(r) for |r| <= pi / 2."""
    r = within(xp, r, -WIDEST, WIDEST)
    square = r * r
    return r * square * polynomial(xp, square, turn.sin) + r


def _odd_negative(x: Register, shifted: Register) -> Register:
    """-x where the whole number in the lowest bits of ``shifted`` is odd, else x."""
    sign = shifted.bits() << (8 * x.dtype.itemsize - 1)
    return (x.bits() ^ sign).floats()
