"""Sums and products together with what rounding took from them.

Two floats, the second much smaller, hold a number with twice the digits (Dekker, "A
floating-point technique for extending the available precision", 1971). Products are
kept out of multiply-and-adds here, because what was lost must be what was rounded off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seegrad.compiler.registers.dialect import Words
    from seegrad.compiler.registers.register import Register

Pair = tuple["Register", "Register"]


def sum_with_rest(x: Register, y: Register) -> Pair:
    """x + y and what its rounding lost, for |x| >= |y| or x = 0."""
    out = x + y
    return out, y - (out - x)


def product_with_rest(xp: Words, x: Any, y: Any) -> Pair:
    """x y and what its rounding lost."""
    out = xp.product(x, y)
    return out, xp.fma(x, y, -out)


def product_of_pairs(xp: Words, x: Pair, y: Pair) -> Pair:
    """The product of two pairs; the product of their rests is too small to matter."""
    out, rest = product_with_rest(xp, x[0], y[0])
    return out, rest + (x[0] * y[1] + x[1] * y[0])
