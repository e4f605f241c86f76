"""Embeddings on a plane: which words, or hidden vectors, a network holds alike.

The vectors are turned so that they are spread as wide as possible (their principal
components). The two axes have one scale, so distances on the sheet are distances; how
much of the whole spread the plane holds is written on the axes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes, padded
from seegrad.draw.heading import sheet
from seegrad.draw.inputs import Floats, Whole, floats, labels, names_of
from seegrad.draw.legend import legend
from seegrad.draw.lettering import cut, width_of
from seegrad.draw.markers import marker
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.principal import principal
from seegrad.draw.scene import Line, Mark, Rectangle, Text
from seegrad.draw.ticks import nice_ticks
from seegrad.errors import DataError, ShapeError
from seegrad.nn.embedding import Embedding

WHERE = "draw.embedding"
LEFT, TOP, WIDTH = 66.0, 62.0, 480.0
MOST_NAMES, SIZE = 80, 10.0
CROWDED = 12.0  # square points of other things that a name may cover
LIMITS = (200.0, 460.0)  # of the height
Box = tuple[float, float, float, float]


def embedding(
    vectors: Any,
    names: Sequence[str] | None = None,
    *,
    classes: Any = None,
    title: str = "Embedding",
    theme: str = "auto",
) -> Picture:
    """Draw vectors (N, D), or the table of an nn.Embedding, by principal components.

    place = (x - mean) V, with V the two directions of largest spread. ``names`` are
    written beside the points (up to 80, where there is room), ``classes`` (N,) are told
    apart by markers. Raises ShapeError for vectors of fewer than 2 numbers, DataError
    if there are fewer than 2 or all are the same.

    >>> embedding([[0.0, 0.0, 0.0], [3.0, 4.0, 0.0]], ["a", "b"]).scene.texts("name")
    ['a', 'b']
    """
    table = vectors.weight if isinstance(vectors, Embedding) else vectors
    points = floats("the vectors", table, WHERE, axes=(2,))
    count, size = points.shape
    if size < 2:
        raise ShapeError(
            f"vectors of shape {points.shape} have no plane to be drawn on",
            where=WHERE,
            hint="vectors of shape (N, D), with D of 2 or more",
        )
    kinds = np.zeros(count, np.int64)
    if classes is not None:
        kinds = labels("classes", classes, count, WHERE)
    called = names_of(names, count, "vector", WHERE)
    if names is None:
        called = [f"vector {number}" for number in called]
    directions, shares = principal(points, points.mean(axis=0))
    if count < 2 or not shares[0]:
        raise DataError(
            f"{count} vectors without a difference between them cannot be spread out",
            where=WHERE,
            hint="at least two vectors that differ",
        )
    places = (points - points.mean(axis=0)) @ directions.T
    axes = _axes(places)
    words = [f"component {k + 1} ({100 * s:.1f} %)" for k, s in enumerate(shares)]
    marks = axes.ticks(
        nice_ticks(*axes.x_limits), nice_ticks(*axes.y_limits), words[0], words[1]
    )
    marks.append(Rectangle(LEFT, TOP, WIDTH, axes.height, stroke="frame"))
    spots = [axes.at(x, y) for x, y in places.tolist()]
    for (x, y), kind, name in zip(spots, kinds.tolist(), called, strict=True):
        marks.append(marker(kind, x, y, title=name))
    written = _named(called, spots, axes) if names is not None else []
    marks += written
    base = TOP + axes.height + 58.0
    if classes is not None:
        found = np.unique(kinds).tolist()
        entries = [(marker(k, 0.0, 0.0), f"class {k}") for k in found]
        rows, height = legend(entries, LEFT, base, WIDTH)
        marks += rows
        base += height
    below = f"{count} vectors of {size} numbers, seen from the widest side"
    unwritten = count - sum(isinstance(mark, Text) for mark in written)
    if names is not None and unwritten:
        below += f"; {unwritten} names found no room"
    scene = sheet(title, below, marks, LEFT + WIDTH + 24.0, base - 4.0)
    return Picture(scene, _alt(title, points, places, shares, called, kinds), theme)


def _axes(places: Floats) -> Axes:
    """One unit is equally long along both axes; the sheet is not too flat or high."""
    (x0, y0), (x1, y1) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    x_limits, y_limits = padded(x0, x1, 0.1), padded(y0, y1, 0.1)
    if y1 - y0 < 1e-9 * (x1 - x0):
        y_limits = (y0 - 0.2 * (x1 - x0), y0 + 0.2 * (x1 - x0))
    unit = WIDTH / (x_limits[1] - x_limits[0])
    wanted = (y_limits[1] - y_limits[0]) * unit
    height = min(max(wanted, LIMITS[0]), LIMITS[1])
    if height > wanted:
        middle, half = (y_limits[0] + y_limits[1]) / 2, height / unit / 2
        y_limits = middle - half, middle + half
    elif height < wanted:
        unit = height / (y_limits[1] - y_limits[0])
        middle, half = (x_limits[0] + x_limits[1]) / 2, WIDTH / unit / 2
        x_limits = middle - half, middle + half
    return Axes(LEFT, TOP, WIDTH, height, x_limits, y_limits)


def _named(
    names: list[str], spots: list[tuple[float, float]], axes: Axes
) -> list[Mark]:
    """Each name where it covers least; one that had to move far gets a thread.

    A name that would cover others is left out: the marker says it to the pointer.
    """
    if len(names) > MOST_NAMES:
        return []
    marks: list[Mark] = []
    taken: list[Box] = [(x - 5.0, y - 5.0, x + 5.0, y + 5.0) for x, y in spots]
    for name, (x, y) in zip(names, spots, strict=True):
        word = cut(name, SIZE, 120.0)
        width = width_of(word, SIZE)
        best, least = (x + 8.0, y + 3.6), float("inf")
        for left, base in _choices(x, y, width):
            box = (left - 1.0, base - 8.5, left + width + 1.0, base + 2.5)
            cost = sum(_shared(box, other) for other in taken) + _outside(box, axes)
            far = abs(base - 3.6 - y) + max(left - x, x - left - width, 0.0)
            if cost + 0.05 * far < least:
                best, least = (left, base), cost + 0.05 * far
        if least > CROWDED:
            continue
        left, base = best
        taken.append((left - 1.0, base - 8.5, left + width + 1.0, base + 2.5))
        if abs(base - 3.6 - y) > 16.0:
            end = (min(max(x, left), left + width), base - (9.0 if base > y else -2.0))
            marks.append(Line(((x, y), end), stroke="frame", thickness=0.8))
        marks.append(Text(left, base, word, size=SIZE, fill="ink", group="name"))
    return marks


def _choices(x: float, y: float, width: float) -> Iterator[tuple[float, float]]:
    """Places for a word beside a point, from the best on."""
    for lift in (3.6, -7.0, 14.0, -19.0, 26.0, -31.0, 38.0):
        yield x + 8.0, y + lift
        yield x - 8.0 - width, y + lift
        if abs(lift) > 6.0:
            yield x - width / 2, y + lift + (2.0 if lift > 0 else -2.0)


def _shared(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)


def _outside(box: Box, axes: Axes) -> float:
    right, bottom = axes.left + axes.width, axes.top + axes.height
    beyond = max(axes.left - box[0], box[2] - right, 0.0)
    return 20.0 * (beyond + max(axes.top - box[1], box[3] - bottom, 0.0))


def _alt(
    title: str, points: Floats, places: Floats, shares: Floats, names: list[str],
    kinds: Whole,
) -> str:  # fmt: skip
    held, size = 100 * float(shares.sum()), points.shape[1]
    said = (
        f"{title}: {len(points)} vectors of {size} numbers on the plane of their first "
        f"two principal components, which hold {held:.1f} % of the spread."
    )
    sentences = [said]
    for k, way in enumerate(("left to right", "bottom to top")):
        first, final = int(places[:, k].argmin()), int(places[:, k].argmax())
        sentences.append(f"From {way}: {names[first]} to {names[final]}.")
    if len(points) <= MOST_NAMES:
        gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
        gaps[np.diag_indices(len(points))] = np.inf
        i, j = divmod(int(gaps.argmin()), len(points))
        sentences.append(
            f"Closest together, in all dimensions: {names[i]} and {names[j]}, "
            f"{short(float(gaps[i, j]))} apart."
        )
    if kinds.any():
        sizes = "; ".join(
            f"class {k}: {int((kinds == k).sum())} points"
            for k in np.unique(kinds).tolist()
        )
        sentences.append(f"{sizes}.")
    return " ".join(sentences)
