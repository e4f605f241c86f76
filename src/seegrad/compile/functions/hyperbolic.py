"""tanh: in float32 one fraction of two polynomials, in float64 two cases.

A fraction bends where a polynomial cannot, so in float32 one fraction follows tanh all
the way until it rounds to 1. float64 would need too many terms: there the fraction serves
near zero, and 1 - 2 / (exp(2x) + 1) elsewhere (Cody and Waite, 1980). Both cases share
one division, the slowest instruction there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seegrad.compile.functions.exponential import exp, within
from seegrad.compile.functions.polynomial import polynomial

if TYPE_CHECKING:
    from seegrad.compile.dialect import Words
    from seegrad.compile.register import Register

# tanh(x) = x above(x^2) / below(x^2) for |x| <= 9.02, in float32
ONE = 9.02  # from here on, tanh(x) rounds to 1
ABOVE32 = (
    *(1.0, 0.13379715383052826, 0.003494031261652708, 2.0583433069987223e-05),
    1.3319054303906341e-08,
)
BELOW32 = (
    *(1.0, 0.46713027358055115, 0.025871064513921738, 0.0003283086989540607),
    7.761998972455331e-07,
)

# tanh(x) = x + x^3 above(x^2) / below(x^2) for |x| <= 0.625, in float64
NEAR = 0.625
ABOVE64 = (-0.33333333333333326, -0.02049678585649291, -0.00019908889868511863)
BELOW64 = (
    *(1.0, 0.46149035756946366, 0.023288647819337864, 0.00020643827050644212),
)


def tanh(xp: Words, x: Register) -> Register:
    """tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))"""
    return (_tanh32 if x.dtype.itemsize == 4 else _tanh64)(xp, x)


def _tanh32(xp: Words, x: Register) -> Register:
    x = within(xp, x, -ONE, ONE)
    square = x * x
    out = x * polynomial(xp, square, ABOVE32) / polynomial(xp, square, BELOW32)
    return within(xp, out, -1.0, 1.0)


def _tanh64(xp: Words, x: Register) -> Register:
    size = xp.absolute(x)
    near = size < NEAR
    square = size * size
    above = xp.where(near, size * square * polynomial(xp, square, ABOVE64), -2.0)
    below = xp.where(near, polynomial(xp, square, BELOW64), exp(xp, size + size) + 1.0)
    return xp.copysign(xp.where(near, size, 1.0) + above / below, x)
