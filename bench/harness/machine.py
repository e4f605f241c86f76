"""The machine in words: processor, cores, vector features, versions. No names of hosts.

Whoever reads a time needs to know where it was taken, and nothing more than that.
"""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.harness.limits import available_processors

SHOWN = (
    *("sse4_2", "avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512vl"),
    *("avx512_vnni", "avx512_bf16", "amx_tile", "asimd", "sve", "sve2"),
)
PACKAGES = (
    *("seegrad", "numpy", "llvmlite", "torch", "jax", "jaxlib", "scikit-learn"),
    "micrograd",
)


def described(cpuinfo: Path = Path("/proc/cpuinfo")) -> dict[str, object]:
    """The machine as plain data, for the report."""
    facts = processor_facts(cpuinfo)
    flags = set(facts.get("flags", facts.get("Features", "")).split())
    return {
        "processor": facts.get("model name") or platform.processor() or "unknown",
        "family": facts.get("cpu family", ""),
        "model": facts.get("model", ""),
        "architecture": platform.machine(),
        "cores": available_processors(),
        "features": [feature for feature in SHOWN if feature in flags],
        "system": platform.system(),
    }


def processor_facts(cpuinfo: Path) -> dict[str, str]:
    """What the system says about its first processor; nothing where it says nothing."""
    try:
        first = cpuinfo.read_text(encoding="utf-8").split("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def versions() -> dict[str, str]:
    """Python's version and those of the packages that are installed."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
