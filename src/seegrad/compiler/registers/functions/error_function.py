"""erf: in float32 one fraction of polynomials, in float64 two cases.

As for tanh, float32 is content with one fraction. In float64 a polynomial serves near
zero; farther out the small complement is computed, 1 - erf(x) = exp(-p(x)), whose
logarithm is smooth enough to be a polynomial too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seegrad.compiler.registers.functions.exponential import exp
from seegrad.compiler.registers.functions.half_fraction import from_half
from seegrad.compiler.registers.functions.polynomial import polynomial

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register

# The half of erf in float32, up to where erf rounds to 1.
ONE32 = 3.92
ABOVE32 = (
    *(1.9186351299285889, 0.2746453881263733, 0.034012820571660995),
    *(0.0010892556747421622, -1.1645333870546892e-05),
)
BELOW32 = (
    *(1.7003461122512817, 0.2689429521560669, 0.06082230806350708),
    0.0038764842320233583,
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
    if x.dtype.itemsize == 4:
        return from_half(xp, x, ONE32, ABOVE32, BELOW32)
    return _erf64(xp, x)


def _erf64(xp: Words, x: Register) -> Register:
    size = xp.absolute(x)
    size = xp.where(size > ONE64, ONE64, size)
    near = x * polynomial(xp, x * x, NEAR64)
    far = 1.0 - exp(xp, -polynomial(xp, size, FAR64))
    return xp.where(size < 1.0, near, xp.copysign(far, x))
