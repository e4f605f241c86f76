"""What stands above a drawing and above each of its panels."""

from __future__ import annotations

from collections.abc import Iterable

from seegrad.draw.lettering import width_of
from seegrad.draw.scene import Mark, Scene, Text

LEFT, TITLE, BELOW = 16.0, 13.0, 10.5


def heading(title: str, below: str = "") -> list[Mark]:
    """The title of a drawing, and a quiet line below it that says how to read it."""
    marks: list[Mark] = [Text(LEFT, 26.0, title, size=TITLE, bold=True, fill="ink")]
    if below:
        marks.append(
            Text(LEFT, 43.0, below, size=BELOW, fill="quiet", group="how to read it")
        )
    return marks


def sheet(
    title: str, below: str, marks: Iterable[Mark], width: float, height: float
) -> Scene:
    """The scene of a drawing under its heading, at least as wide as that.

    >>> sheet("a long title", "", [], 10.0, 50.0).width > 100.0
    True
    """
    words = max(width_of(title, TITLE, bold=True), width_of(below, BELOW))
    wide = max(width, words + 2 * LEFT)
    return Scene(wide, height, (*heading(title, below), *marks), title)


def panel_name(
    name: str, x: float, y: float, *, anchor: str = "start", group: str = "panel"
) -> Text:
    """The name of a panel, in bold, with its baseline at ``y``."""
    return Text(
        x, y, name, size=11.0, bold=True, anchor=anchor, fill="ink", group=group
    )
