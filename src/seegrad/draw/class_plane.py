"""The classes of a plane as colours: which a model chooses where, and how surely."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seegrad.draw.inputs import Floats
from seegrad.draw.scene import Image
from seegrad.errors import DataError, ShapeError
from seegrad.mode import no_grad
from seegrad.nn import Module
from seegrad.nn._modes import switched
from seegrad.node import Node

STRONGEST = 0.55  # of the class colour at full certainty: the points must stand out


def grid_of(
    x_limits: tuple[float, float], y_limits: tuple[float, float], resolution: int
) -> Floats:
    """The middle of every cell (resolution^2, 2), row by row, the top one first.

    >>> grid_of((0.0, 2.0), (0.0, 2.0), 2).tolist()
    [[0.5, 1.5], [1.5, 1.5], [0.5, 0.5], [1.5, 0.5]]
    """
    middle = (np.arange(resolution) + 0.5) / resolution
    (x0, x1), (y0, y1) = x_limits, y_limits
    across, upwards = x0 + (x1 - x0) * middle, y1 + (y0 - y1) * middle
    return np.stack(np.meshgrid(across, upwards), axis=-1).reshape(-1, 2)


def probabilities(model: Callable[[Any], Any], points: Any, where: str) -> Floats:
    """How likely the model holds each class: the sigmoid of one logit, or a softmax."""
    mode = switched(model, training=False) if isinstance(model, Module) else no_grad()
    with no_grad(), mode:
        given = model(points)
        scores = np.asarray(
            given.data if isinstance(given, Node) else given, np.float64
        )
    if scores.ndim == 1:
        scores = scores[:, None]
    if scores.ndim != 2 or len(scores) != len(points) or not scores.shape[1]:
        raise ShapeError(
            f"for {len(points)} points the model gave scores of shape {scores.shape}",
            where=where,
            hint="a model that gives (N, 1) or (N, classes) for x of shape (N, 2)",
        )
    if not np.isfinite(scores).all():
        raise DataError("the model gave scores that are not finite", where=where)
    if scores.shape[1] == 1:  # the sigmoid is a softmax of two
        scores = np.hstack([np.zeros_like(scores), scores])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def class_background(
    chance: Floats, left: float, top: float, width: float, height: float, group: str
) -> Image:
    """The colours of a square grid of cells: the class, as strong as it is sure."""
    resolution, count = round(len(chance) ** 0.5), chance.shape[1]
    sure = (chance.max(axis=1) - 1 / count) / (1 - 1 / count)  # 0 at the seam, 1 inside
    strength = np.round(STRONGEST * sure, 3).reshape(resolution, resolution).tolist()
    which = chance.argmax(axis=1).reshape(resolution, resolution).tolist()
    return Image(
        left, top, width, height,
        tuple(f"class{k % 10}" for k in range(count)),
        tuple(map(tuple, which)),
        tuple(map(tuple, strength)),
        group=group,
    )  # fmt: skip
