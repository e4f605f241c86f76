"""What a processor offers to a matrix product: wide registers, and how many.

The compiler finds these numbers out about the machine it runs on; everything that is
generated for vectors takes them as an argument and assumes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """Bytes in a vector register, how many registers, bytes of a core's second cache.

    AVX-512 is ``Target(64, 32)``, AVX2 ``Target(32, 16)``, SSE ``Target(16, 16)`` and
    NEON ``Target(16, 32)``.

    >>> Target(64, 32).lanes(4)
    16
    """

    lanes_bytes: int
    registers: int
    second_cache: int = 512 << 10

    def lanes(self, itemsize: int) -> int:
        """How many numbers of that many bytes a register holds."""
        return self.lanes_bytes // itemsize
