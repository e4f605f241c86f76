"""What a processor offers to a matrix product: wide registers, and how many.

The compiler finds these numbers out about the machine it runs on; everything that is
generated for vectors takes them as an argument and assumes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """The vectors of a processor: bytes in a register, registers, bytes of its caches.

    AVX-512 is ``Target(64, 32)``, AVX2 ``Target(32, 16)``, SSE ``Target(16, 16)`` and
    NEON ``Target(16, 32)``. The caches are those of one core.

    >>> Target(64, 32).lanes(4)
    16
    """

    lanes_bytes: int
    registers: int
    first_cache: int = 32 << 10
    second_cache: int = 512 << 10

    def lanes(self, itemsize: int) -> int:
        """How many numbers of that many bytes a register holds."""
        return self.lanes_bytes // itemsize
