"""tanh: in float32 one fraction of polynomials, in float64 two cases.

A fraction bends where a polynomial cannot, and in float32 a short one goes all the way.
float64 would need a long one: there a fraction serves near zero, and
1 - 2 / (exp(2x) + 1) elsewhere (Cody and Waite, "Software Manual for the Elementary
Functions", 1980). Both cases share one division, the slowest instruction there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seegrad.compiler.registers.functions.exponential import exp
from seegrad.compiler.registers.functions.half_fraction import from_half
from seegrad.compiler.registers.functions.polynomial import polynomial

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register

# The half of tanh in float32, up to where tanh rounds to 1.
ONE = 9.02
ABOVE32 = (
    *(1.7999999523162842, 0.051037371158599854, 0.00013817325816489756),
    -1.2467261001347651e-07,
)
BELOW32 = (1.7999999523162842, 0.2010372132062912, 0.0018914139363914728)

# tanh(x) = x + x^3 above(x^2) / below(x^2) for |x| <= 0.625, in float64
NEAR = 0.625
ABOVE64 = (-0.33333333333333326, -0.02049678585649291, -0.00019908889868511863)
BELOW64 = (*(1.0, 0.46149035756946366, 0.023288647819337864, 0.00020643827050644212),)


def tanh(xp: Words, x: Register) -> Register:
    """tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))"""
    if x.dtype.itemsize == 4:
        return from_half(xp, x, ONE, ABOVE32, BELOW32)
    return _tanh64(xp, x)


def _tanh64(xp: Words, x: Register) -> Register:
    size = xp.absolute(x)
    near = size < NEAR
    square = size * size
    above = xp.where(near, size * square * polynomial(xp, square, ABOVE64), -2.0)
    below = xp.where(near, polynomial(xp, square, BELOW64), exp(xp, size + size) + 1.0)
    return xp.copysign(xp.where(near, size, 1.0) + above / below, x)
