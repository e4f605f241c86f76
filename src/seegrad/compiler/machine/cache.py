"""Compiled code is kept on disk, so that the second run of a program starts at once.

An entry is named after everything it was made from, so it can never be out of date. It
is machine code that will be run, so it is trusted only if it is whole, was asked for by
this very name, and was written by this very person. All else is made again.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

FORMAT = 3  # raise it when the passes of the compiler or the layout below change
MAGIC = b"seegrad object\n\0"
LIMIT = 256 << 20  # bytes of all entries together
SUFFIX = ".object"
HEADER = len(MAGIC) + 4 + 32 + 32  # magic, format, key, checksum


def folder() -> Path | None:
    """Where entries are kept, or None where the cache is off.

    ``SEEGRAD_CACHE_DIR`` names the folder; when it is set to nothing the cache is off.
    """
    chosen = os.environ.get("SEEGRAD_CACHE_DIR")
    if chosen is not None:
        return Path(chosen).expanduser() if chosen.strip() else None
    try:
        return _platform_folder() / "seegrad"
    except RuntimeError:  # a person without a home
        return None


def _platform_folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    name = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    chosen = os.environ.get(name, "")
    return Path(chosen) if os.path.isabs(chosen) else Path.home() / ".cache"


def key(*parts: str) -> bytes:
    """The name of an entry: SHA-256 of all that it is made from, and of the format.

    >>> len(key("define void @f()", "znver5")), key("a", "bc") == key("ab", "c")
    (32, False)
    """
    digest = hashlib.sha256(str(FORMAT).encode())
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.digest()


def load(name: bytes) -> bytes | None:
    """The object code kept under a key; None if there is none that can be trusted."""
    place = folder()
    if place is None:
        return None
    path = place / (name.hex() + SUFFIX)
    try:
        data = _read(path)
    except OSError:
        return None
    if data is None or len(data) < HEADER:
        return None
    payload = data[HEADER:]
    if data[:HEADER] != _header(name, payload):
        return None
    with suppress(OSError):
        os.utime(path)  # used just now: the last to be removed
    return payload


def store(name: bytes, payload: bytes) -> None:
    """Keep object code under a key; where that is impossible, do nothing.

    The entry appears whole or not at all, whatever happens meanwhile.
    """
    place = folder()
    if place is None:
        return
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(place / (name.hex() + SUFFIX), _header(name, payload) + payload)
        trim(place)
    except OSError:
        return


def trim(place: Path, limit: int | None = None) -> None:
    """Remove what has not been used for longest until the rest is within the limit."""
    limit = LIMIT if limit is None else limit
    entries = []
    for path in place.iterdir():
        if path.name.endswith((SUFFIX, SUFFIX + ".partial")):
            with suppress(OSError):  # another process may remove it at any time
                status = path.lstat()
                entries.append((status.st_mtime_ns, status.st_size, path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= limit:
            return
        with suppress(OSError):
            path.unlink()
        total -= size


def _header(name: bytes, payload: bytes) -> bytes:
    checksum = hashlib.sha256(payload).digest()
    return MAGIC + FORMAT.to_bytes(4, "little") + name + checksum


def _read(path: Path) -> bytes | None:
    """The bytes of a file that is ours alone to write."""
    # What is checked and what is read must be the same file: open first, then look.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return None
        if hasattr(os, "geteuid") and (
            status.st_uid != os.geteuid()
            or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        ):
            return None
        return file.read()


def _write(path: Path, data: bytes) -> None:
    number, partial = tempfile.mkstemp(SUFFIX + ".partial", dir=path.parent)
    try:
        with open(number, "wb") as file:  # mkstemp made it readable to us alone
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(partial)
        raise
