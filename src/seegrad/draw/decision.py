"""What a model decides everywhere on a plane: its classes as colours, the data on top.

The colour of a place is the class the model would choose there, and its strength is how
sure the model is; on the pale seam between two colours it is not sure at all. The
points of each class have a marker of their own: colour is never needed to tell them
apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes, padded
from seegrad.draw.class_plane import class_background, grid_of, probabilities
from seegrad.draw.class_scores import known_classes
from seegrad.draw.heading import heading
from seegrad.draw.legend import legend
from seegrad.draw.markers import marker
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Mark, Rectangle, Scene, Text
from seegrad.draw.ticks import nice_ticks
from seegrad.errors import DataError, DtypeError, ShapeError
from seegrad.random import whole_number

LEFT, TOP, SIZE = 56.0, 46.0, 380.0
WHERE = "draw.decision"


def decision(
    model: Callable[[Any], Any],
    x: Any,
    y: Any,
    *,
    resolution: int = 100,
    title: str = "Decision of the model",
    theme: str = "auto",
) -> Picture:
    """Draw the class that a model chooses at every place, and the data (x, y).

    ``model`` takes an array (N, 2) and returns one logit (N,) or (N, 1) for two
    classes, or a score for each (N, classes). ``x`` is (N, 2), ``y`` classes (N,).
    Raises ShapeError for other shapes, DataError for labels that are not classes.

    >>> points = np.array([[0.0, 0.0], [1.0, 1.0]])
    >>> picture = decision(lambda x: x[:, 0] - 0.5, points, [0, 1], resolution=10)
    >>> picture.scene.texts("accuracy")
    ['right: 2 of 2 points (100.0 %)']
    """
    points, labels = _checked(x, y, resolution)
    axes = _axes(points)
    grid = grid_of(axes.x_limits, axes.y_limits, resolution)
    chance = probabilities(model, grid.astype(points.dtype), WHERE)
    count = chance.shape[1]
    known_classes(labels, count, WHERE)
    chosen = chance.argmax(axis=1)
    right = int((probabilities(model, points, WHERE).argmax(axis=1) == labels).sum())
    said = f"right: {right} of {len(labels)} points ({100 * right / len(labels):.1f} %)"
    marks: list[Mark] = [
        *heading(title),
        *axes.ticks(
            nice_ticks(*axes.x_limits), nice_ticks(*axes.y_limits), "x[0]", "x[1]"
        ),
        class_background(chance, LEFT, TOP, SIZE, SIZE, "decision"),
        Rectangle(LEFT, TOP, SIZE, SIZE, stroke="neutral"),
    ]
    for point, label in zip(points.tolist(), labels.tolist(), strict=True):
        tip = f"({short(point[0])}, {short(point[1])}), class {label}"
        marks.append(marker(label, *axes.at(point[0], point[1]), title=tip))
    base = TOP + SIZE + 58.0
    entries = [(marker(k, 0.0, 0.0), f"class {k}") for k in range(count)]
    below, height = legend(entries, LEFT, base, SIZE)
    marks += below
    base += height + 6.0
    marks.append(Text(LEFT, base, said, size=11.0, fill="ink", group="accuracy"))
    scene = Scene(LEFT + SIZE + 20.0, base + 16.0, tuple(marks), title)
    return Picture(scene, _alt(title, chosen, count, labels, said), theme)


def _checked(x: Any, y: Any, resolution: int) -> tuple[Any, Any]:
    points, labels = np.asarray(_plain(x)), np.asarray(_plain(y))
    for name, array in (("x", points), ("y", labels)):
        if array.dtype.kind not in "biuf":
            raise DtypeError(
                f"{name} holds {array.dtype}, and numbers are drawn",
                where=WHERE,
                hint="np.unique(labels, return_inverse=True)[1] makes class numbers",
            )
    if points.ndim != 2 or points.shape[1] != 2:
        raise ShapeError(
            f"a plane has two axes, and x has shape {points.shape}",
            where=WHERE,
            hint="x of shape (N, 2): pick two columns, x[:, :2]",
        )
    if labels.shape == (len(points), 1):
        labels = labels[:, 0]
    if labels.shape != (len(points),):
        raise ShapeError(
            f"{len(points)} points need as many labels, and y has shape {labels.shape}",
            where=WHERE,
            hint="y of shape (N,)",
        )
    if not len(points):
        raise DataError("there is no point to draw: x is empty", where=WHERE)
    if not np.isfinite(points).all() or not (labels == np.floor(labels)).all():
        raise DataError("points must be finite and labels whole numbers", where=WHERE)
    if labels.min() < 0:
        raise DataError(
            f"there is a label {labels.min()}: classes count from 0",
            where=WHERE,
            hint="(y > 0).astype(int) for labels -1 and +1",
        )
    whole_number("resolution", resolution, least=2, where=WHERE)
    if points.dtype.kind != "f":
        points = points.astype(np.float32)
    return points, labels.astype(np.int64)


def _plain(x: Any) -> Any:
    return x.data if hasattr(x, "op") and hasattr(x, "inputs") else x


def _axes(points: Any) -> Axes:
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    x_limits, y_limits = padded(low[0], high[0], 0.1), padded(low[1], high[1], 0.1)
    return Axes(LEFT, TOP, SIZE, SIZE, x_limits, y_limits)


def _alt(title: str, chosen: Any, count: int, labels: Any, said: str) -> str:
    shares = "; ".join(
        f"class {k} {100 * float((chosen == k).mean()):.0f} % of the area, "
        f"points: {int((labels == k).sum())}"
        for k in range(count)
    )
    return f"{title}. {shares}. {said[0].upper()}{said[1:]}."
