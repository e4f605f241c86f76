"""Where in the code of the user the program is right now.

The library is on the stack as well; the innermost frame outside of it is the place that
a person would look at.
"""

from __future__ import annotations

import sys
from typing import Any


def user_line() -> tuple[str, int] | None:
    """The file and line, outside of the library, that is running now."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if not name.startswith("seegrad."):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


def place() -> str:
    """The same as one phrase for an error."""
    line = user_line()
    return f"{line[0]}:{line[1]}" if line else ""
