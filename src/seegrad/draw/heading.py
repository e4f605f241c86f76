"""What stands above a drawing and above each of its panels."""

from __future__ import annotations

from seegrad.draw.scene import Mark, Text

LEFT = 16.0


def heading(title: str, below: str = "") -> list[Mark]:
    """The title of a drawing, and a quiet line below it that says how to read it."""
    marks: list[Mark] = [Text(LEFT, 26.0, title, size=13.0, bold=True, fill="ink")]
    if below:
        marks.append(
            Text(LEFT, 43.0, below, size=10.5, fill="quiet", group="how to read it")
        )
    return marks


def panel_name(
    name: str, x: float, y: float, *, anchor: str = "start", group: str = "panel"
) -> Text:
    """The name of a panel, in bold, with its baseline at ``y``."""
    return Text(
        x, y, name, size=11.0, bold=True, anchor=anchor, fill="ink", group=group
    )
