"""The test images that the network misread, beside what it took them for."""

from __future__ import annotations

import numpy as np

from seegrad.cli.showcase.training import Lesson
from seegrad.draw import Picture, Scene
from seegrad.draw.scene import Image, Mark, Text

CELL, GAP, ACROSS, MOST = 64.0, 34.0, 8, 16
MARGIN, TOP = 16.0, 44.0


def mistakes(lesson: Lesson) -> Picture | None:
    """The first few misread images as a picture; None if there are none."""
    wrong = np.flatnonzero(lesson.predicted != lesson.y_test)
    if not len(wrong):
        return None
    shown = wrong[:MOST].tolist()
    title = f"{len(wrong)} of {len(lesson.y_test)} test images were misread"
    marks: list[Mark] = [
        Text(MARGIN, 26.0, title, size=13.0, bold=True, fill="ink", group="title")
    ]
    said = []
    for place, row in enumerate(shown):
        across, down = place % ACROSS, place // ACROSS
        x, y = MARGIN + across * (CELL + GAP), TOP + down * (CELL + GAP)
        read, truth = int(lesson.predicted[row]), int(lesson.y_test[row])
        marks.append(_digit(lesson.x_test[row], x, y, f"a {truth}, read as {read}"))
        words = f"{truth}, read as {read}"
        marks.append(Text(x, y + CELL + 14.0, words, size=10.0, fill="quiet"))
        said.append(words)
    rows = (len(shown) - 1) // ACROSS + 1
    columns = min(max(len(shown), 4), ACROSS)
    width = 2 * MARGIN + columns * (CELL + GAP)
    scene = Scene(width, TOP + rows * (CELL + GAP), tuple(marks), title)
    more = f" The first {len(shown)} of them:" if len(shown) < len(wrong) else ""
    return Picture(scene, f"{title}.{more} {'; '.join(said)}.")


def _digit(pixels: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
           x: float, y: float, title: str) -> Mark:  # fmt: skip
    ink = tuple(tuple(float(p) for p in row) for row in pixels.reshape(8, 8))
    which = ((0,) * 8,) * 8
    return Image(x, y, CELL, CELL, ("ink",), which, ink, title=title, group="digit")
