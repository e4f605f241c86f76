"""The folder that the demo writes to, made and tried out before the work begins.

Nothing is more annoying than a program that computes for a while and then finds that it
cannot save.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from seegrad.errors import ArgumentError


def prepared(folder: Path) -> Path:
    """The folder, made if need be; ArgumentError if it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileExistsError:
        raise ArgumentError(
            f"{folder} is a file, and the pictures need a folder",
            where="--output",
            hint=f"--output {folder}_pictures",
        ) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArgumentError(
            f"cannot write into {folder.absolute()}: {reason}",
            where="--output",
            hint="--output with a folder of your own",
        ) from None
    return folder
