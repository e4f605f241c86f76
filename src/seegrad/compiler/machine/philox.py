"""Philox in registers: several blocks of four random words at once.

A round multiplies two words by constants and mixes the halves of the products with the
other two and with the key; ten rounds make a block (Salmon et al., 2011). Vectors have
no product of 128 bits, so there it is put together from four of 64.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir

from seegrad.compiler.registers.dialect import Words
from seegrad.compiler.registers.register import Register

MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
KEY_STEPS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)  # added to the key in each round
ROUNDS = 10
HALF = 2**32 - 1


def blocks(
    xp: Words, counters: Sequence[Register], key: Sequence[Register]
) -> list[list[Register]]:
    """Four registers of words for each register of counters; the key is two words."""
    zero = xp.lift(0, counters[0])
    start = [*map(xp.splat, key)]
    for counter in counters:
        start += [counter, zero, zero, zero]

    def one_round(_: Any, *values: Any) -> list[Any]:
        first, second, *words = (xp.register(value, "int64") for value in values)
        out = [first + signed(KEY_STEPS[0]), second + signed(KEY_STEPS[1])]
        for n in range(0, len(words), 4):
            out += mixed(xp, words[n : n + 4], first, second)
        return [register.value for register in out]

    carried = [register.value for register in start]
    _, _, *values = xp.loops.loop(0, ROUNDS, one_round, carried=carried)
    words = [xp.register(value, "int64") for value in values]
    return [words[n : n + 4] for n in range(0, len(words), 4)]


def mixed(
    xp: Words, words: Sequence[Register], first: Register, second: Register
) -> list[Register]:
    """One round for one block."""
    a, b, c, d = words
    high_a, low_a = whole_product(xp, a, MULTIPLIERS[0])
    high_c, low_c = whole_product(xp, c, MULTIPLIERS[1])
    return [high_c ^ b ^ first, low_c, high_a ^ d ^ second, low_a]


def whole_product(xp: Words, x: Register, m: int) -> tuple[Register, Register]:
    """The upper and the lower 64 bits of x times m, both without a sign."""
    if x.lanes == 1:
        b, wide = xp.builder, ir.IntType(128)
        whole = b.mul(b.zext(x.value, wide), ir.Constant(wide, m))
        upper = b.trunc(b.lshr(whole, ir.Constant(wide, 64)), x.value.type)
        return x.like(upper), x.like(b.trunc(whole, x.value.type))
    x_low, x_high = x & HALF, xp.shift_right(x, 32)
    low = x_low * (m & HALF)
    middle = x_high * (m & HALF) + xp.shift_right(low, 32)
    other = x_low * (m >> 32) + (middle & HALF)
    high = x_high * (m >> 32) + xp.shift_right(middle, 32)
    return high + xp.shift_right(other, 32), other << 32 | low & HALF


def signed(word: int) -> int:
    """The whole number from -2**63 to 2**63 - 1 with the bits of a word.

    >>> signed(2**64 - 1)
    -1
    """
    return word - 2**64 if word >> 63 else word
