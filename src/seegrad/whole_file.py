"""Files of our own: written whole or not at all, and known again when they are read.

The bytes go to a file beside the right one, which is renamed when it is complete: an
interruption leaves the old file as it was. Each says its format and its version.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

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


def known(text: str, format: str, version: int, hint: str) -> Any:
    """What stands in the text of a JSON file of this format and version.

    Raises ArgumentError, with the hint, for any other text.

    >>> known('{"format": "seegrad-tape", "version": 1}', "seegrad-tape", 1, "")
    {'format': 'seegrad-tape', 'version': 1}
    """
    try:
        found = json.loads(text)
        if found["format"] == format and found["version"] == version:
            return found
    except (ValueError, TypeError, KeyError):
        pass
    what = format.removeprefix("seegrad-")
    raise ArgumentError(f"this is not a {what} of version {version}", hint=hint)
