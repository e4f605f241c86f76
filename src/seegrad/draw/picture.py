"""A Picture is what every drawing function returns: it shows itself and can be saved.

It holds a scene and a text alternative, the sentences that tell a reader who cannot see
the drawing what stands in it. Notebooks show the SVG; `save` picks the painter by the
suffix of the file.
"""

from __future__ import annotations

import os
from pathlib import Path

from seegrad.draw.scene import Scene
from seegrad.draw.svg import AUTO, paint_svg
from seegrad.errors import ArgumentError, unknown_name
from seegrad.whole_file import write

SUFFIXES = (".svg", ".png", ".pdf", ".json")
THEMES = ("auto", "light", "dark")
SMALLEST = 0.72  # a wide picture shrinks to this share of its size, then scrolls


class Picture:
    """A drawing: ``scene`` (plain data), ``alt`` (words), and ways to show both.

    >>> from seegrad.draw.scene import Circle, Scene
    >>> dot = Picture(
    ...     Scene(9.0, 9.0, (Circle(4.0, 4.0, 2.0, fill="ink"),), "dot"), "A dot."
    ... )
    >>> dot
    Picture('dot', 9 x 9, 1 mark): A dot.
    """

    def __init__(self, scene: Scene, alt: str, theme: str = AUTO) -> None:
        if theme not in THEMES:
            raise unknown_name("theme", theme, THEMES)
        self.scene, self.alt, self.theme = scene, alt, theme

    def __repr__(self) -> str:
        scene, marks = self.scene, len(self.scene.marks)
        size = f"{scene.width:.0f} x {scene.height:.0f}"
        word = "mark" if marks == 1 else "marks"
        return f"Picture({scene.title!r}, {size}, {marks} {word}): {self.alt}"

    def svg(self, theme: str | None = None) -> str:
        """The text of an SVG file: "auto" follows the reader's system."""
        return paint_svg(self.scene, self.alt, theme or self.theme)

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_html_(self) -> str:
        wide = self.scene.width
        style = f"width:100%;height:auto;max-width:{wide:.0f}px;min-width:"
        style += f"{wide * SMALLEST:.0f}px"
        svg = self.svg().replace("<svg ", f'<svg style="{style}" ', 1)
        return f'<div style="overflow-x:auto">{svg}</div>'

    def save(self, path: str | os.PathLike[str], *, theme: str | None = None) -> Path:
        """Write the picture to a file, whole or not at all; the suffix is the format.

        ``.svg``, ``.png`` and ``.pdf`` are paintings (the last two need matplotlib and
        are light unless ``theme="dark"``), ``.json`` is the scene. Raises ArgumentError
        for another suffix or a folder that does not exist.
        """
        path = Path(path)
        data = self._encoded(
            path.suffix.lower(), self.theme if theme is None else theme
        )
        write(path, data)
        return path

    def _encoded(self, suffix: str, theme: str) -> bytes:
        if theme not in THEMES:
            raise unknown_name("theme", theme, THEMES)
        if suffix not in SUFFIXES:
            ending = repr(suffix) if suffix else "no suffix"
            raise ArgumentError(
                f"a picture cannot be saved with {ending}",
                hint=f"a name that ends in {', '.join(SUFFIXES)}",
            )
        if suffix == ".svg":
            return self.svg(theme).encode()
        if suffix == ".json":
            return self.scene.to_json().encode()
        from seegrad.draw import pixels

        paint = pixels.paint_png if suffix == ".png" else pixels.paint_pdf
        return paint(self.scene, "light" if theme == AUTO else theme)
