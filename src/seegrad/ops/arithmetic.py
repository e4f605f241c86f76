"""The four operations, the sign, and the power: where every network begins.

Each op is two things side by side: what it computes, and one line of calculus for each
input. Read `mul` first; every other op of the library has its shape.
"""

from seegrad.lend import lend
from seegrad.op import elementwise
from seegrad.ops.choices import where
from seegrad.ops.functions import log


@elementwise(symbol="+", at=(2.0, 3.0))
def add(xp, x, y, /):
    """x + y"""
    return x + y


add.derivatives(
    x=lambda g, out, x, y: g,
    y=lambda g, out, x, y: g,
)


@elementwise(symbol="-", at=(2.0, 3.0))
def sub(xp, x, y, /):
    """x - y"""
    return x - y


sub.derivatives(
    x=lambda g, out, x, y: g,
    y=lambda g, out, x, y: -g,
)


@elementwise(symbol="*", at=(2.0, 3.0))
def mul(xp, x, y, /):
    """x * y"""
    return x * y


mul.derivatives(
    x=lambda g, out, x, y: g * y,
    y=lambda g, out, x, y: g * x,
)


@elementwise(symbol="/", at=(2.0, 3.0), domain=(0.5, 3.0), floating=True)
def div(xp, x, y, /):
    """x / y"""
    return x / y


div.derivatives(
    x=lambda g, out, x, y: g / y,
    y=lambda g, out, x, y: -g * out / y,
)


@elementwise(symbol="neg", at=(2.0,))
def neg(xp, x, /):
    """-x"""
    return -x


neg.derivatives(x=lambda g, out, x: -g)
lend("__pos__", lambda x: x)  # +x is x itself


@elementwise(symbol="**", at=(2.0, 3.0), domain=(0.5, 3.0))
def pow(xp, x, y, /):
    """x ** y"""
    return xp.power(x, y)


# x ** 0 is flat even at x = 0, and 0 ** y is flat for y >= 0. In the rule for x stands
# pow and not **, because Python's own (-1.0) ** 0.5 is a complex number.
pow.derivatives(
    x=lambda g, out, x, y: where(y == 0, 0.0, g * y * pow(x, y - 1)),
    y=lambda g, out, x, y: where((x == 0) * (y >= 0), 0.0, g * out * log(x)),
)
