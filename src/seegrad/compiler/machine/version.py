"""Which compiler wrote some code: what is kept on disk is found by this as well.

Code that is found by its description is only right if the same compiler, with the same
ops, would write it again.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import seegrad.op

SOURCES = ("compiler", "ops", "op.py", "facts.py", "dtypes.py", "box_muller.py")


@cache
def compiler_version() -> str:
    """What tells this compiler and these ops from others: sizes and times of files."""
    root = Path(seegrad.op.__file__).parent
    digest = hashlib.sha256()
    for name in SOURCES:
        place = root / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.suffix in (".py", ".ll"):
                facts = file.stat()
                line = f"{file.relative_to(root)} {facts.st_size} {facts.st_mtime_ns}"
                digest.update(line.encode())
    return digest.hexdigest()
