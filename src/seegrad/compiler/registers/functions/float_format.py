"""How floats are made: the bits of their parts, and ln 2 in two pieces.

A float is a sign, an exponent with an offset, and the bits after the point. So a power
of two can be put together, and an exponent read, without any arithmetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from seegrad.compiler.registers.register import Register


class Format(NamedTuple):
    """What differs between the two kinds of floats."""

    mantissa: int  # bits after the point
    offset: int  # what stands in the bits of an exponent when it is 0
    ln2_high: float  # so short that n times it is exact
    ln2_low: float

    @property
    def rounding(self) -> float:
        """Added, it rounds to a whole number and leaves that in the lowest bits."""
        return 1.5 * 2.0**self.mantissa


FORMATS = {
    "float32": Format(23, 127, 0.693359375, -2.12194440e-4),
    "float64": Format(52, 1023, 6.93147180369123816490e-01, 1.90821492927058770002e-10),
}


def format_of(x: Register) -> Format:
    """The format of the floats in a register."""
    return FORMATS[x.dtype.name]
