"""A browser for the tests that need one: Debian's Chromium, where it can be had.

Only a person who may install packages gets one this way. Elsewhere the tests that need
a browser are skipped, and say so.
"""

from __future__ import annotations

import os
import shutil

import _environment as environment

NAMES = ("chromium", "chromium-browser", "google-chrome")
COMMANDS = [
    ["apt-get", "update", "-qq"],
    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
]


def prepare() -> None:
    """Install Chromium if it is missing and this system lets us."""
    if any(map(shutil.which, NAMES)):
        return
    may = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    if not may:
        environment.say("no Chromium: the tests in a browser will be skipped")
        return
    environment.say("installing Chromium for the tests in a browser")
    for command in COMMANDS:
        status, lines = environment.follow(command, environment.ROOT)
        if status:
            environment.say("it could not be installed; those tests will be skipped")
            print(environment.indent(lines))
            return
