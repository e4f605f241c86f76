"""The functions of the pocket calculator, with their slopes.

Each maps one number to one number. The slope is written with ``out`` where the result
itself is part of it: exp' = exp, tanh' = 1 - tanh^2.
"""

from seegrad.op import elementwise


@elementwise(at=(1.0,), floating=True)
def exp(xp, x, /):
    """exp(x)"""
    return xp.exp(x)


exp.derivatives(x=lambda g, out, x: g * out)


@elementwise(at=(1.0,), floating=True)
def expm1(xp, x, /):
    """exp(x) - 1, exact for small x"""
    return xp.expm1(x)


expm1.derivatives(x=lambda g, out, x: g * (out + 1.0))


@elementwise(at=(2.0,), domain=(0.5, 3.0), floating=True)
def log(xp, x, /):
    """log(x), the natural logarithm"""
    return xp.log(x)


log.derivatives(x=lambda g, out, x: g / x)


@elementwise(at=(0.5,), domain=(-0.5, 3.0), floating=True)
def log1p(xp, x, /):
    """log(1 + x), exact for small x"""
    return xp.log1p(x)


log1p.derivatives(x=lambda g, out, x: g / (x + 1.0))


@elementwise(at=(2.0,), domain=(0.5, 3.0), floating=True)
def sqrt(xp, x, /):
    """the square root of x"""
    return xp.sqrt(x)


sqrt.derivatives(x=lambda g, out, x: g / (2.0 * out))


@elementwise(at=(1.0,), floating=True)
def sin(xp, x, /):
    """sin(x), x in radians"""
    return xp.sin(x)


@elementwise(at=(1.0,), floating=True)
def cos(xp, x, /):
    """cos(x), x in radians"""
    return xp.cos(x)


sin.derivatives(x=lambda g, out, x: g * cos(x))
cos.derivatives(x=lambda g, out, x: -g * sin(x))


@elementwise(at=(0.5,), floating=True)
def tanh(xp, x, /):
    """tanh(x), from -1 to 1"""
    return xp.tanh(x)


tanh.derivatives(x=lambda g, out, x: g * (1.0 - out * out))


@elementwise(at=(0.5,), floating=True)
def sigmoid(xp, x, /):
    """1 / (1 + exp(-x)), from 0 to 1"""
    e = xp.exp(-xp.absolute(x))  # never overflows
    return xp.where(x < 0, e, 1.0) / (1.0 + e)


sigmoid.derivatives(x=lambda g, out, x: g * out * (1.0 - out))


@elementwise(at=(0.5,), floating=True)
def softplus(xp, x, /):
    """log(1 + exp(x)), a smooth relu"""
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.absolute(x)))


softplus.derivatives(x=lambda g, out, x: g * sigmoid(x))


@elementwise(at=(0.5,), floating=True)
def silu(xp, x, /):
    """x sigmoid(x), a smooth relu that dips below 0"""
    e = xp.exp(-xp.absolute(x))
    return x * (xp.where(x < 0, e, 1.0) / (1.0 + e))


def _slope_of_silu(g, out, x):
    s = sigmoid(x)
    return g * (s + out * (1.0 - s))


silu.derivatives(x=_slope_of_silu)


@elementwise(symbol="| |", at=(-2.0,))
def abs(xp, x, /):
    """|x|"""
    return xp.absolute(x)


@elementwise(at=(-2.0,))
def sign(xp, x, /):
    """-1, 0 or 1"""
    return xp.sign(x)


abs.derivatives(x=lambda g, out, x: g * sign(x))
sign.derivatives(x=lambda g, out, x: g * 0.0)


@elementwise(at=(2.0,))
def detach(xp, x, /):
    """x, cut off from its history: no gradient flows back through it"""
    return x


@elementwise(method=False)
def alias(xp, x, /):
    """x under a name of its own"""
    return x


alias.derivatives(x=lambda g, out, x: g)
