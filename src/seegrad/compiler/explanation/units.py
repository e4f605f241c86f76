"""Numbers as people read them: three digits, and a unit that keeps them few."""

from __future__ import annotations

import math


def counted(number: int, word: str) -> str:
    """A number of things.

    >>> counted(1, "kernel"), counted(1200, "term")
    ('1 kernel', '1,200 terms')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def amount(number: float, unit: str = "") -> str:
    """A count with three digits and a thousand, a million or a thousand million.

    >>> amount(512), amount(44_032), amount(2.1e9, "FLOP/s"), amount(0)
    ('512', '44.0k', '2.10 GFLOP/s', '0')
    """
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            space = " " if unit else ""
            return f"{three_digits(number / size)}{space}{letter}{unit}"
    return f"{number:.0f} {unit}".rstrip()


def in_bytes(number: float) -> str:
    """A number of bytes for people.

    >>> in_bytes(640), in_bytes(17792), in_bytes(5 << 20)
    ('640 B', '17.4 KiB', '5.0 MiB')
    """
    for size, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if number >= size:
            return f"{number / size:.1f} {name}"
    return f"{number:.0f} B"


def duration(seconds: float) -> str:
    """A time for people, with three digits.

    >>> duration(0.00123), duration(4.56e-7), duration(2.0)
    ('1.23 ms', '456 ns', '2.00 s')
    """
    for size, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= size * 0.9995:
            return f"{three_digits(seconds / size)} {name}"
    return f"{seconds * 1e9:.0f} ns"


def three_digits(number: float) -> str:
    """A number from 1 to 1000 with as many decimals as make three digits."""
    return f"{number:.{max(0, 2 - math.floor(math.log10(max(number, 1.0))))}f}"
