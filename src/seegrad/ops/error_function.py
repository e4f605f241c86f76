"""The error function, and the activation that is made of it.

erf is the area under the bell curve, and no formula of exp, + and * gives it exactly.
Python's floats and the compiler bring the word along, NumPy does not: for arrays it is
spelled out here, once, as two quotients of polynomials.
"""

from __future__ import annotations

import math

import numpy as np

from seegrad.errors import unknown_name
from seegrad.op import elementwise
from seegrad.ops.functions import exp, tanh

# W. J. Cody, Rational Chebyshev approximations for the error function (1969): one
# quotient around 0 and one for the tail, dividend beside divisor, highest power first.
_NEAR = np.array(
    [
        [0.185777706184603153, 1.0],
        [3.16112374387056560, 23.6012909523441209],
        [113.864154151050156, 244.024637934444173],
        [377.485237685302021, 1282.61652607737228],
        [3209.37758913846947, 2844.23683343917062],
    ]
)
_FAR = np.array(
    [
        [2.15311535474403846e-8, 1.0],
        [0.564188496988670089, 15.7449261107098347],
        [8.88314979438837594, 117.693950891312499],
        [66.1191906371416295, 537.181101862009858],
        [298.635138197400131, 1621.38957456669019],
        [881.952221241769090, 3290.79923573345963],
        [1712.04761263407058, 4362.61909014324716],
        [2051.07837782607147, 3439.36767414372164],
        [1230.33935479799725, 1230.33935480374942],
    ]
)
_NEAR[:, 0] -= _NEAR[:, 1]  # the quotient less 1, which loses fewer bits
_ALL_BUT_ONE = 6.0  # from here on erf(x) rounds to 1


def _quotient(terms, x):
    """One polynomial divided by another, both by Horner's rule."""
    dividend, divisor = terms.T
    return np.polyval(dividend, x) / np.polyval(divisor, x)


def _erf_of_arrays(x):
    """The word erf for NumPy: computed in float64, given back in the dtype of x."""
    wide = np.asarray(x, np.float64)
    size = np.minimum(np.abs(wide), _ALL_BUT_ONE)
    near = wide + wide * _quotient(_NEAR, size * size)
    far = 1.0 - np.exp(-size * size) * _quotient(_FAR, size)
    out = np.where(size < 0.5, near, np.copysign(far, wide))
    return out.astype(x.dtype) if x.dtype.kind == "f" else out


def _erf_in(xp, x):
    """The word erf in the dialect that is spoken."""
    return _erf_of_arrays(x) if xp is np else xp.erf(x)


@elementwise(at=(0.5,), floating=True)
def erf(xp, x, /):
    """erf(x), the integral of 2 exp(-t^2) / sqrt(pi) from 0 to x"""
    return _erf_in(xp, x)


erf.derivatives(x=lambda g, out, x: g * (2.0 / math.sqrt(math.pi) * exp(-x * x)))

# gelu's approximation: half of x times 1 + tanh of this cubic of x
_RATE, _CUBIC = math.sqrt(2.0 / math.pi), 0.044715
_FORMS = ("none", "tanh")


def _form(x, approximate):
    if approximate not in _FORMS:
        raise unknown_name("approximation of gelu", approximate, _FORMS)
    return {"approximate": approximate}


@elementwise(at=(0.5,), floating=True, normal=_form)
def gelu(xp, x, /, approximate="none"):
    """x Phi(x), with Phi the area under the bell curve up to x"""
    if approximate == "tanh":
        return 0.5 * x * (1.0 + xp.tanh(_RATE * (x + _CUBIC * x * x * x)))
    return 0.5 * x * (1.0 + _erf_in(xp, x * math.sqrt(0.5)))


def _slope_of_gelu(g, out, x, approximate):
    """(x Phi(x))' = Phi(x) + x Phi'(x)"""
    if approximate == "tanh":
        t = tanh(_RATE * (x + _CUBIC * x * x * x))
        area, height = 0.5 * (1.0 + t), 0.5 * (1.0 - t * t)
        return g * (area + x * height * (_RATE * (1.0 + 3.0 * _CUBIC * x * x)))
    area = 0.5 * (1.0 + erf(x * math.sqrt(0.5)))
    return g * (area + x * exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi))


gelu.derivatives(x=_slope_of_gelu)
gelu.sample((3, 5))
gelu.sample((2, 3), approximate="tanh")
gelu.sample((), approximate="tanh")
gelu.refuse(ValueError, "approximation of gelu", (3,), approximate="fast")
