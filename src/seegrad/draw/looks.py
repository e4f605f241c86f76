"""How lines in one pair of axes are told apart: by colour and by dash."""

from __future__ import annotations

Look = tuple[str, tuple[float, ...]]  # role and dash
DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (6.0, 3.5),
    (1.5, 3.0),
    (8.0, 3.0, 1.5, 3.0),
)


def look(order: int) -> Look:
    """The role and the dash of a line: no two of the first twenty are alike.

    >>> look(0), look(1)
    (('class0', ()), ('class1', (6.0, 3.5)))
    """
    return f"class{order % 10}", DASHES[order % len(DASHES)]
