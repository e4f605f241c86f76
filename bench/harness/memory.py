"""The most memory that a process held at once, counted from a moment on.

Linux keeps the number for each program and lets it be set back. Elsewhere there is only
the highest mark of the whole life of a process, which may lie before that moment.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
SET_BACK_THE_PEAK = "5"


def begin() -> int:
    """Count from here on; the bytes that are held now."""
    with contextlib.suppress(OSError):
        CLEAR.write_text(SET_BACK_THE_PEAK)
    return peak()


def peak() -> int:
    """The most bytes held since `begin`; 0 where nobody says."""
    with contextlib.suppress(OSError):
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
