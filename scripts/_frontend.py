"""The front end, checked with Node: types, unit tests, and the committed bundle.

Whoever works on Python needs no Node: where it is missing, or too old, this says so and
checks nothing. A test in Python sees to it that the bundle is there.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess

import _environment as environment

FOLDER = environment.ROOT / "frontend"
OLDEST_NODE = 20
INSTALL = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
CHECKS = [["npm", "run", "--silent", "check"], ["npm", "test", "--silent"]]


def check() -> int | None:
    """Install what the lock names, then check; None where there is no Node."""
    version = node_version()
    if version < OLDEST_NODE or shutil.which("npm") is None:
        have = f"Node {version} is too old" if version else "there is no Node here"
        environment.say(f"{have}: the front end is not checked (20 or newer with npm)")
        return None
    return int(install() or any(environment.run(step, FOLDER) for step in CHECKS))


def node_version() -> int:
    """The first number of Node's version; 0 where there is none."""
    node = shutil.which("node")
    if node is None:
        return 0
    told = subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False
    )
    found = re.match(r"v(\d+)", told.stdout)
    return int(found.group(1)) if found else 0


def install() -> int:
    """Install the packages, unless those of this lock are there; return the status."""
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = FOLDER / "node_modules" / "seegrad-stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == lock:
        return 0
    environment.say("installing the packages of the front end")
    with environment.alone(environment.ROOT):
        status, lines = environment.follow(INSTALL, FOLDER)
    if status:
        print(environment.indent(lines))
        return status
    stamp.write_text(lock, encoding="utf-8")
    return 0
