"""Numbers as people read them: three digits, and a unit that keeps them few."""

from __future__ import annotations

import math

Units = tuple[tuple[float, str], ...]
COUNTS: Units = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
BYTES: Units = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))
SECONDS: Units = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


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
    return (" " if unit else "").join(_scaled(number, COUNTS)) + unit


def in_bytes(number: float) -> str:
    """A number of bytes for people.

    >>> in_bytes(640), in_bytes(17792), in_bytes(5 << 20)
    ('640 B', '17.4 KiB', '5.00 MiB')
    """
    return " ".join(_scaled(number, BYTES))


def duration(seconds: float) -> str:
    """A time for people.

    >>> duration(0.00123), duration(4.56e-7), duration(2.0)
    ('1.23 ms', '456 ns', '2.00 s')
    """
    return " ".join(_scaled(seconds, SECONDS))


def _scaled(number: float, units: Units) -> tuple[str, str]:
    """Three digits and their unit; of the smallest unit, a whole number."""
    smallest, _ = units[-1]
    size, unit = next((u for u in units if number >= 0.9995 * u[0]), units[-1])
    value = number / size
    digits = 1 + math.floor(math.log10(max(value, 1.0)))
    return f"{value:.{0 if size == smallest else max(3 - digits, 0)}f}", unit
