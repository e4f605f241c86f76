"""A polynomial by Horner's rule: one multiply-and-add for each coefficient.

Every function of this folder ends here. Far from its middle a Taylor series wastes its
terms; the coefficients were found by Remez's exchange algorithm, which makes the
largest relative error on an interval as small as it can be for so many terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register


def polynomial(xp: Words, x: Register, coefficients: Sequence[float]) -> Register:
    """c[0] + c[1] x + c[2] x^2 + ..., evaluated from the last coefficient down."""
    *rest, last = coefficients
    out = xp.lift(last, x)
    for coefficient in reversed(rest):
        out = out * x + coefficient
    return out
