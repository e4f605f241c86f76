"""What the machine under us can do: its vectors, registers, caches and cores.

A kernel is written for the width and the caches it will meet, never for those of the
machine on which seegrad was made. Here they are asked for, once; a test may pretend
that the machine is a smaller one, so that the code for it can be looked at and run.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from seegrad.errors import ArgumentError, unknown_name

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
QUOTA = Path("/sys/fs/cgroup/cpu.max")
TYPICAL = {1: 32 << 10, 2: 512 << 10}  # bytes, where nobody tells


@dataclass(frozen=True)
class Host:
    """A machine as the compiler sees it; sizes are in bytes."""

    name: str
    features: str
    triple: str
    vector_bytes: int
    vector_registers: int
    level_1: int
    level_2: int

    def lanes(self, item_bytes: int) -> int:
        """How many numbers of so many bytes fit into one register."""
        return self.vector_bytes // item_bytes


# What to pretend: the name LLVM gives to an early machine of that kind, the features
# it needs, the width of its vectors, and how many registers.
SMALLER = {
    "avx512": ("skylake-avx512", {"avx512f", "avx512bw", "avx512vl"}, 64, 32),
    "avx2": ("haswell", {"avx2", "fma", "bmi2"}, 32, 16),
    "sse": ("nehalem", {"sse4.2"}, 16, 16),
}
_pretended: ContextVar[Host | None] = ContextVar("pretended host", default=None)


def host() -> Host:
    """The machine to write code for: this one, or the one that is pretended.

    >>> host().vector_bytes in (16, 32, 64)
    True
    """
    return _pretended.get() or _real()


@contextmanager
def pretending(kind: str) -> Iterator[Host]:
    """Take the machine for a smaller one: ``"avx512"``, ``"avx2"`` or ``"sse"``.

    Raises ArgumentError where this machine could not run the code of that kind.
    """
    if kind not in SMALLER:
        raise unknown_name("machine", kind, SMALLER)
    name, needed, width, registers = SMALLER[kind]
    real = _real()
    missing = sorted(needed - enabled(real.features))
    if missing:
        raise ArgumentError(
            f"this machine cannot run code for {kind!r}: it has no {missing[0]}",
            where=f"pretending({kind!r})",
            hint="a smaller kind, or 'sse'",
        )
    features = "-prefer-256-bit" if width == 64 else ""
    smaller = replace(
        real,
        name=name,
        features=features,
        vector_bytes=width,
        vector_registers=registers,
    )
    token = _pretended.set(smaller)
    try:
        yield smaller
    finally:
        _pretended.reset(token)


def enabled(features: str) -> set[str]:
    """The features that a list such as ``"+avx2,-avx512f"`` switches on.

    >>> enabled("+avx2,-avx512f")
    {'avx2'}
    """
    return {name[1:] for name in features.split(",") if name.startswith("+")}


@cache
def _real() -> Host:
    import llvmlite.binding as llvm

    triple = llvm.get_process_triple()
    features = llvm.get_host_cpu_features().flatten()
    wide = "avx512f" in enabled(features)
    if wide:
        features += ",-prefer-256-bit"
    width, registers = _vectors(triple, enabled(features))
    sizes = cache_sizes()
    return Host(
        name=llvm.get_host_cpu_name(),
        features=features,
        triple=triple,
        vector_bytes=width,
        vector_registers=registers,
        level_1=sizes[1],
        level_2=sizes[2],
    )


def _vectors(triple: str, features: set[str]) -> tuple[int, int]:
    """Width in bytes, and number of registers."""
    if triple.startswith(("aarch64", "arm64")):
        return 16, 32
    if "avx512f" in features:
        return 64, 32
    return (32 if "avx2" in features else 16), 16


def cache_sizes() -> dict[int, int]:
    """The bytes of the data caches by level, typical ones where they are unknown."""
    sizes = dict(TYPICAL)
    if platform.system() != "Linux":
        return sizes
    for entry in sorted(CACHES.glob("index*")):
        try:
            kind = (entry / "type").read_text().strip()
            level = int((entry / "level").read_text())
            size = _bytes((entry / "size").read_text())
        except (OSError, ValueError):
            continue
        if kind in ("Data", "Unified") and level in sizes and size:
            sizes[level] = size
    return sizes


def _bytes(text: str) -> int:
    """A size as the kernel writes it, "48K", in bytes; 0 if it is not understood."""
    found = re.fullmatch(r"(\d+)([KMG]?)\s*", text)
    if not found:
        return 0
    return int(found[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[found[2]]


def usable_cores() -> int:
    """How many cores this process may use: its affinity, and the quota it is under."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    try:
        allowed, period = QUOTA.read_text().split()
        quota = -(-int(allowed) // int(period))
    except (OSError, ValueError):  # no such file, or "max": no quota
        return cores
    return max(1, min(cores, quota))
