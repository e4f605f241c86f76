"""Files that are written whole or not at all.

The bytes go to a file beside the right one, which is renamed when it is complete: an
interruption leaves the old file as it was.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from seegrad.errors import ArgumentError


def write(path: Path, data: bytes) -> None:
    """Write the file; ArgumentError if its folder does not exist."""
    if not path.parent.is_dir():
        raise ArgumentError(
            f"cannot save {path.name}: there is no folder {path.parent}",
            hint=f"Path({str(path.parent)!r}).mkdir(parents=True) first",
        )
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
