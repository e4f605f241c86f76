"""Where in the source something happened: the very line that ran.

An op is called by a line of a layer, which was called by a line of the user. The first
frame outside the engine says what was meant, the last one where the user asked for it;
the tape keeps both, and those between.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

PACKAGE = Path(__file__).parent.parent
_ENGINE = ("node", "op", "tensor", "value", "scalar", "mode", "ufuncs", "promotion")
ENGINE = {str(PACKAGE / f"{name}.py") for name in (*_ENGINE, "lend", "nn/module")}
LOSSES = str(PACKAGE / "losses")
OWN = str(PACKAGE / "record")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, inside a function."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{shortened(self.file)}:{self.line}, in {self.function}"


def here() -> tuple[Place, ...]:
    """The lines that led to the op being recorded: innermost first, the user's last.

    The engine's own frames are left out, and what is behind the user's line.
    """
    places = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file not in ENGINE and not file.startswith(OWN):
            code = frame.f_code
            places.append(Place(file, frame.f_lineno, code.co_qualname))
            if not file.startswith(str(PACKAGE)):
                break
        frame = frame.f_back
    return tuple(places)


def plain_numbers() -> dict[str, float]:
    """The plain numbers that the line calling an op knows by name: rate, step.

    An optimizer corrects its moments with Python's own arithmetic, which is no op.
    """
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file not in ENGINE and not file.startswith(OWN):
            found = frame.f_locals.items()
            return {k: float(v) for k, v in found if type(v) in (int, float)}
        frame = frame.f_back
    return {}


def in_loss(places: tuple[Place, ...]) -> bool:
    """Whether one of the lines stands in a loss of the library."""
    return any(place.file.startswith(LOSSES) for place in places)


def shortened(file: str) -> str:
    """The path inside the library, the cell of a notebook, or the name of the file."""
    if (cell := _cell(file)) is not None:
        return cell
    path = Path(file)
    if path.is_relative_to(PACKAGE):
        return str(Path(PACKAGE.name) / path.relative_to(PACKAGE))
    return path.name if path.is_absolute() else file


def _cell(file: str) -> str | None:
    """In[3], where the "file" is a cell that this notebook has run."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    named = getattr(getattr(shell, "compile", None), "format_code_name", None)
    told = None if named is None else named(file)
    return None if told is None else str(told[1])


def found(file: str) -> str:
    """The file behind a shortened path, where it is one of the library."""
    inside = file.startswith(f"{PACKAGE.name}/")
    return str(PACKAGE.parent / file) if inside else file
