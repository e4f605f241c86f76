"""erf: in float32 one fraction of two polynomials, in float64 two cases.

As for tanh, float32 is content with one fraction. In float64 a polynomial serves near
zero; farther out the small complement is computed, 1 - erf(x) = exp(-p(x)), whose
logarithm is smooth enough to be a polynomial too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seegrad.compile.functions.exponential import exp, within
from seegrad.compile.functions.polynomial import polynomial

if TYPE_CHECKING:
    from seegrad.compile.dialect import Words
    from seegrad.compile.register import Register

# erf(x) = x above(x^2) / below(x^2) for |x| <= 3.92, in float32
ONE32 = 3.92  # from here on, erf(x) rounds to 1
ABOVE32 = (
    *(1.1283791065216064, 0.19040706753730774, 0.05274880677461624),
    *(0.0037656419444829226, 0.00028488360112532973, 2.050089733529603e-06),
)
BELOW32 = (
    *(1.0, 0.5020766258239746, 0.1141093522310257, 0.014969267882406712),
    *(0.0011625421466305852, 3.809176996583119e-05),
)

# erf(x) = x near(x^2) for |x| <= 1, and 1 - exp(-far(|x|)) up to 5.93, in float64
ONE64 = 5.93
NEAR64 = (
    *(1.1283791670955126, -0.3761263890318352, 0.11283791670944185),
    *(-0.026866170643111472, 0.005223977606118506, -0.0008548325929315693),
    *(0.00012055293576926806, -1.4924712302354576e-05, 1.6447131573866857e-06),
    *(-1.6206313767338633e-07, 1.37109803952795e-08, -7.779468417563063e-10),
)
FAR64 = (
    *(1.0633421468857329e-06, 1.128368714472805, 0.6366675692297867),
    *(0.10263767432680405, -0.018865427226448486, -0.0005840106093774851),
    *(0.0020987270663562563, -0.0009199122061444816, 0.00023063367991114255),
    *(-2.799346162681622e-05, -3.612056914324477e-06, 2.6732107705561483e-06),
    *(-6.877914954033124e-07, 1.0822642412989971e-07, -1.0903893304175315e-08),
    *(6.518491626375553e-10, -1.7705241006557354e-11),
)


def erf(xp: Words, x: Register) -> Register:
    """erf(x) = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x"""
    return (_erf32 if x.dtype.itemsize == 4 else _erf64)(xp, x)


def _erf32(xp: Words, x: Register) -> Register:
    x = within(xp, x, -ONE32, ONE32)
    square = x * x
    out = x * polynomial(xp, square, ABOVE32) / polynomial(xp, square, BELOW32)
    return within(xp, out, -1.0, 1.0)


def _erf64(xp: Words, x: Register) -> Register:
    size = within(xp, xp.absolute(x), 0.0, ONE64)
    near = x * polynomial(xp, x * x, NEAR64)
    far = 1.0 - exp(xp, -polynomial(xp, size, FAR64))
    return xp.where(size < 1.0, near, xp.copysign(far, x))
