"""The environment that the scripts run in: `.venv` in the repository root.

It is made on the first run and looked at on the later ones: a stamp inside it says what
was installed, so nothing happens when nothing changed. All of it is standard library,
and it must start on Python 3.8, if only to say that 3.8 is too old.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator, NoReturn

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
NETWORK_WORDS = (
    "connection",
    "no matching distribution",
    "name resolution",
    "proxy",
    "timed out",
    "ssl",
    "retrying",
    "getaddrinfo",
    "no_index",
    "no-index",
)


class Trouble(Exception):
    """What happened and what to try, in words for the person at the keyboard."""

    def __init__(self, what: str, *tries: str) -> None:
        super().__init__("\n".join([what, *("  try  " + line for line in tries)]))


def say(line: str) -> None:
    """Print one line about what is being done."""
    print("seegrad: " + line, flush=True)


def launch(main: Callable[[list[str]], int]) -> NoReturn:
    """Run a script's main function and leave with its status, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # pip says ×; not every screen can
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        print("seegrad: " + str(trouble), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nseegrad: stopped; run it again to go on.", file=sys.stderr)
        sys.exit(130)


def run(command: list[str], folder: Path | None = None) -> int:
    """Run a command to its end and return its status; Ctrl+C is for it to handle."""
    process = subprocess.Popen(command, cwd=folder)
    while True:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            continue
        return status if status >= 0 else 128 - status


def prepare(*groups: str, root: Path = ROOT, venv: str = ".venv") -> str:
    """Make the environment ready, with the named groups, and return its Python."""
    require_python()
    with alone(root):
        return set_up(root / venv, groups, root)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Wait until no other script sets up; a lock of the system ends with its owner."""
    try:
        import fcntl
    except ImportError:  # Windows: two first runs at once are not kept apart
        yield
        return
    with open(root / "pyproject.toml", "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another script that is setting up")
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:  # a file system without locks: as on Windows
            pass
        yield


def set_up(venv: Path, groups: tuple[str, ...], root: Path) -> str:
    """Do what `prepare` says, now that no one else does."""
    if venv.is_symlink() or (venv.exists() and not venv.is_dir()):
        raise Trouble(f"{venv} is not a folder.", "move it away and run this again")
    if venv.exists() and not can_be_used(venv):
        say(f"removing {venv}, which is half-made or broken")
        shutil.rmtree(venv)
    if not venv.exists():
        make(venv)
    stamp = read_stamp(venv)
    wanted = {
        "project": fingerprint(root),
        "groups": sorted({*groups, *stamp.get("groups", [])}),
    }
    if stamp != wanted:
        install(venv, wanted, root)
    return str(python_of(venv))


def require_python() -> None:
    """Stop with a sentence if the Python that runs this script is too old."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    oldest = "{}.{}".format(*OLDEST_PYTHON)
    newer = newer_python()
    hint = f"install Python {oldest} or newer from https://www.python.org/downloads/"
    if newer:
        hint = " ".join([newer, *sys.argv])
    raise Trouble(
        "this is Python {}.{}.{} ({}); seegrad needs {} or newer.".format(
            *sys.version_info[:3], sys.executable, oldest
        ),
        hint,
    )


def newer_python() -> str | None:
    """Return the name of a Python on this machine that is new enough, or None."""
    for minor in range(19, OLDEST_PYTHON[1] - 1, -1):
        name = f"python3.{minor}"
        if shutil.which(name) and starts(name, "pass"):
            return name
    return None


def starts(python: str, program: str) -> bool:
    """Whether this Python is there and runs a line of program without an error."""
    try:
        done = subprocess.run(
            [python, "-c", program], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def python_of(venv: Path) -> Path:
    """Return the path of the Python in a virtual environment, on any system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def can_be_used(venv: Path) -> bool:
    """Whether `.venv` is whole; False: it may be rebuilt; Trouble: it is not ours."""
    python = str(python_of(venv))
    test = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    if unfinished(venv).exists():
        return False
    if starts(python, test):
        return True
    ours = stamp_of(venv).exists() or not any(venv.iterdir())
    worthless = (venv / "pyvenv.cfg").exists() and not starts(python, "pass")
    if ours or worthless:
        return False
    oldest = "{}.{}".format(*OLDEST_PYTHON)
    raise Trouble(
        f"{venv} was made by something else and has no Python {oldest} with pip.",
        "move it away and run this again",
    )


def make(venv: Path) -> None:
    """Create the empty environment; a mark stays in it until all is installed."""
    try:
        import ensurepip  # noqa: F401  only to see that they are there
        import venv as _  # noqa: F401
    except ImportError as error:
        version = "{}.{}".format(*sys.version_info[:2])
        raise Trouble(
            f"this Python ({sys.executable}) cannot make environments: {error}.",
            f"on Debian or Ubuntu: sudo apt install python3-venv python{version}-venv",
            "elsewhere: install Python from https://www.python.org/downloads/",
        ) from None
    say("making {} with Python {}.{}.{}".format(venv, *sys.version_info[:3]))
    venv.mkdir()
    unfinished(venv).touch()
    status, lines = follow([sys.executable, "-m", "venv", str(venv)], venv.parent)
    if status:
        raise Trouble(
            "the environment could not be made:\n" + indent(lines),
            "check that the disk is not full and that the folder can be written to",
            "on Debian or Ubuntu: sudo apt install python3-venv",
        )


def install(venv: Path, wanted: dict[str, Any], root: Path) -> None:
    """Install the project, its pictures and the wanted groups; then set the stamp."""
    groups = wanted["groups"]
    what = "seegrad[plot]" + "".join(f" + {name}" for name in groups)
    say(f"installing {what} (the first time takes a minute)")
    if stamp_of(venv).exists():
        stamp_of(venv).unlink()
    command = [str(python_of(venv)), "-m", "pip", "install", "--prefer-binary"]
    packages = ["--editable", ".[plot]", *requirements(groups, root)]
    status, lines = follow([*command, *packages], root)
    if status:
        raise Trouble("pip could not install:\n" + indent(lines), *advice(lines, venv))
    stamp_of(venv).write_text(json.dumps(wanted), encoding="utf-8")
    if unfinished(venv).exists():
        unfinished(venv).unlink()


def advice(lines: list[str], venv: Path) -> list[str]:
    """Return what to try, judged by the words of pip."""
    text = "\n".join(lines).lower()
    if any(word in text for word in NETWORK_WORDS):
        return [
            "check that this machine can reach the internet, and run this again",
            "behind a proxy, set HTTPS_PROXY; with a mirror, set PIP_INDEX_URL",
        ]
    return [f"read the lines above; else remove {venv} and run this again"]


def requirements(groups: list[str], root: Path) -> list[str]:
    """Return the requirements of dependency groups, the groups they include as well."""
    import tomllib  # new in Python 3.11, which require_python has made sure of

    table = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[str] = []
    for name in groups:
        for entry in table["dependency-groups"][name]:
            inner = entry if isinstance(entry, str) else entry["include-group"]
            found += [inner] if inner is entry else requirements([inner], root)
    return list(dict.fromkeys(found))


def follow(command: list[str], folder: Path) -> tuple[int, list[str]]:
    """Run a command quietly; return its status and the lines that it said."""
    quiet = {"PIP_NO_INPUT": "1", "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **quiet},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if sys.stdout.isatty():
                print("\r" + line.strip()[:78].ljust(78), end="", flush=True)
    if sys.stdout.isatty():
        print("\r" + " " * 78 + "\r", end="", flush=True)
    return process.returncode, lines


def indent(lines: list[str]) -> str:
    """Return the last lines that matter, set in, so that they do not pass for ours."""
    told = [line for line in lines if line.strip() and "note:" not in line]
    return "\n".join("    " + line for line in told[-10:])


def fingerprint(root: Path) -> str:
    """Return a hash of what the environment depends on: pyproject.toml, the place."""
    content = (root / "pyproject.toml").read_bytes() + str(root).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def stamp_of(venv: Path) -> Path:
    """Return the file that says what is installed."""
    return venv / "seegrad-stamp.json"


def unfinished(venv: Path) -> Path:
    """Return the file that is there until the environment is made and filled."""
    return venv / "seegrad-unfinished"


def read_stamp(venv: Path) -> dict[str, Any]:
    """Return what is installed; an absent or damaged stamp says that nothing is."""
    try:
        stamp = json.loads(stamp_of(venv).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}
