"""The loss around the weights of a model: a slice of a surface of many dimensions.

From where the model stands one walks along a direction, or across a plane of two, and
writes down the loss. Random directions are scaled to the weights, filter by filter, so
that no layer is thrown out of all proportion. Given the path of training, the plane is
the one that shows most of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from seegrad import random
from seegrad.draw.axes import Axes, padded
from seegrad.draw.heading import sheet
from seegrad.draw.inputs import Floats
from seegrad.draw.landscape import landscape, sampled
from seegrad.draw.legend import Entry, legend, stroke
from seegrad.draw.model_twin import ModelTwin
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.principal import principal
from seegrad.draw.scene import Circle, Line, Mark, Point, Rectangle
from seegrad.draw.ticks import nice_ticks
from seegrad.errors import ArgumentError, DataError

WHERE = "draw.loss_surface"
LEFT, TOP, WIDTH, HEIGHT, SLICE = 66.0, 62.0, 440.0, 380.0, 240.0


def loss_surface(
    model: Any,
    x: Any,
    y: Any,
    loss: str | Callable[..., Any],
    *,
    dimensions: int = 2,
    directions: Sequence[Any] | None = None,
    path: Sequence[Any] | None = None,
    reach: float = 1.0,
    resolution: int = 41,
    seed: int = 0,
    title: str = "Loss surface",
    theme: str = "auto",
) -> Picture:
    """Draw loss(w + a d1 + b d2) around the weights w; in 1 dimension, loss(w + a d1).

    ``directions`` are vectors of all parameters, or dicts by name; ``path`` is the
    state_dicts of training, projected onto the plane, and by itself chooses it (the
    principal components); else the directions are random, each filter scaled to its
    weights, and a and b go from -reach to reach. The model is not changed.

    >>> from seegrad import nn
    >>> line = nn.Linear(1, 1, seed=0)
    >>> line.load_state_dict({"weight": np.ones((1, 1)), "bias": np.zeros(1)})
    >>> loss_surface(line, [[1.0]], [[2.0]], "mse", dimensions=1, resolution=5).alt
    'Loss surface: 1 of 2 dimensions, ... The loss is 1.0 at the weights ...'
    """
    twin = ModelTwin(model, x, y, loss, WHERE)
    if directions is not None:
        dimensions = len(directions)
    if dimensions not in (1, 2):
        raise ArgumentError(
            f"a slice has 1 or 2 dimensions, not {dimensions}",
            where=WHERE,
            hint="dimensions=2, or one or two directions",
        )
    random.whole_number("resolution", resolution, least=3, where=WHERE)
    if not (np.isfinite(reach) and reach > 0):
        raise ArgumentError(f"reach must be above 0, not {reach!r}", where=WHERE)
    steps = [twin.vector(each) - twin.start for each in (() if path is None else path)]
    basis, kind = _basis(twin, dimensions, directions, steps, seed)
    track, held = _projected(basis, steps)

    def height(*shares: float) -> float:
        return twin.loss_at(twin.start + np.array(shares) @ basis)

    here = height(*[0.0] * dimensions)
    limits = [_limits(track[:, k], reach) for k in range(dimensions)]
    draw = _plane if dimensions == 2 else _line
    marks, bottom, lowest = draw(height, limits, track, here, resolution)
    said = f"here {short(here)}"
    entries: list[Entry] = [(Circle(0.0, 0.0, 4.5, fill="ink"), said)]
    if steps:
        words = f"the path, {100 * held:.0f} % of it in this slice"
        entries.append((stroke("class1"), words))
        entries.append((Circle(0.0, 0.0, 4.0, fill="paper", stroke="class1"), "start"))
    below, reached = legend(entries, LEFT, bottom + 56.0, WIDTH)
    width, height_of = LEFT + WIDTH + 24.0, bottom + 56.0 + reached
    heights = "; lines of one loss, pale is low" if dimensions == 2 else ""
    scene = sheet(title, f"along {kind}{heights}", [*marks, *below], width, height_of)
    alt = (
        f"{title}: {dimensions} of {len(twin.start)} dimensions, along {kind}. The "
        f"loss is {short(here)} at the weights of the model; {lowest}."
    )
    if steps:
        alt += (
            f" The path has {len(steps)} points, {100 * held:.0f} % of it in the slice."
        )
    return Picture(scene, alt, theme)


def _basis(
    twin: ModelTwin, dimensions: int, directions: Sequence[Any] | None,
    steps: list[Floats], seed: int,
) -> tuple[Floats, str]:  # fmt: skip
    """The directions (dimensions, parameters) of the slice, and what they are."""
    if directions is not None:
        basis, kind = np.array([twin.vector(d) for d in directions]), "given directions"
    elif steps:
        basis, _ = principal(np.array(steps), np.zeros_like(twin.start), dimensions)
        kind = "the path of training"
    else:
        size, keys = len(twin.start), range(dimensions)
        draws = [random.normal(random.derive(seed, k), size, np.float64) for k in keys]
        basis = np.array([twin.like_the_weights(draw) for draw in draws])
        kind = "random directions, each filter as long as its weights"
    rank = np.linalg.matrix_rank(basis)
    if rank < dimensions:
        raise DataError(
            f"a slice of {dimensions} dimensions needs as many directions that differ, "
            f"and there are {rank} along {kind}",
            where=WHERE,
            hint="dimensions=1, directions that differ, or more points of a path",
        )
    return basis, kind


def _projected(basis: Floats, steps: list[Floats]) -> tuple[Floats, float]:
    """The path in the coordinates of the slice, and how much of it lies there."""
    if not steps:
        return np.zeros((0, len(basis))), 1.0
    path = np.array(steps)
    found, *_ = np.linalg.lstsq(basis.T, path.T, rcond=None)
    track = np.asarray(found.T, np.float64)
    whole = float((path**2).sum())
    lost = float(((path - track @ basis) ** 2).sum())
    return track, 1.0 - lost / whole if whole else 1.0


def _limits(track: Floats, reach: float) -> tuple[float, float]:
    if not len(track):
        return -reach, reach
    low, high = min(float(track.min()), 0.0), max(float(track.max()), 0.0)
    return padded(low, high, 0.25)


def _plane(
    height: Callable[..., float], limits: list[tuple[float, float]], track: Floats,
    here: float, resolution: int,
) -> tuple[list[Mark], float, str]:  # fmt: skip
    axes = Axes(LEFT, TOP, WIDTH, HEIGHT, limits[0], limits[1])
    heights = sampled(height, axes, resolution)
    if not np.isfinite(heights).any():
        raise DataError(
            "the loss is nowhere a finite number",
            where=WHERE,
            hint="a smaller reach, or look at x and y for what is not finite",
        )
    i, j = divmod(int(np.nanargmin(heights)), resolution)
    xs, ys = (np.linspace(*each, resolution) for each in limits)
    spots = [axes.at(a, b) for a, b in track.tolist()]
    marks = axes.ticks(
        nice_ticks(*limits[0]), nice_ticks(*limits[1]), "direction 1", "direction 2"
    )
    marks += landscape(heights, axes, [axes.at(0.0, 0.0), *spots])
    marks.append(Rectangle(LEFT, TOP, WIDTH, HEIGHT, stroke="neutral"))
    marks += _trail(spots)
    marks.append(_spot(axes.at(0.0, 0.0), f"here: {short(here)}"))
    lowest = f"{short(heights[i, j])} at ({short(xs[j])}, {short(ys[i])})"
    return marks, TOP + HEIGHT, f"the lowest on the grid is {lowest}"


def _line(
    height: Callable[..., float], limits: list[tuple[float, float]], track: Floats,
    here: float, resolution: int,
) -> tuple[list[Mark], float, str]:  # fmt: skip
    xs = np.linspace(*limits[0], resolution)
    heights = np.array([height(x) for x in xs.tolist()])
    finite = np.append(heights[np.isfinite(heights)], here)
    if not np.isfinite(finite).all():
        raise DataError(
            f"the loss here is {here}",
            where=WHERE,
            hint="look at x and y for what is not finite, or at an earlier model",
        )
    y_limits = padded(float(finite.min()), float(finite.max()), 0.08)
    axes = Axes(LEFT, TOP, WIDTH, SLICE, limits[0], y_limits)
    marks = axes.ticks(
        nice_ticks(*limits[0]), nice_ticks(*y_limits), "direction 1", "loss"
    )
    marks += [
        Line(
            tuple(axes.at(xs[k], heights[k]) for k in piece), stroke="class0",
            thickness=2.0, group="loss",
        )
        for piece in np.split(
            np.arange(resolution), np.flatnonzero(~np.isfinite(heights))
        )
        if len(piece) > 1 and np.isfinite(heights[piece]).all()
    ]  # fmt: skip
    marks += _trail([axes.at(a, height(a)) for (a,) in track.tolist()])
    marks.append(_spot(axes.at(0.0, here), f"here: {short(here)}"))
    k = int(np.nanargmin(heights))
    lowest = f"the lowest on the grid is {short(heights[k])} at {short(xs[k])}"
    return marks, TOP + SLICE, lowest


def _trail(spots: list[Point]) -> list[Mark]:
    """The path of training: a stroke, and its points if they can be told apart."""
    if not spots:
        return []
    marks: list[Mark] = [
        Line(tuple(spots), stroke="class1", thickness=2.0, group="path")
    ]
    if len(spots) <= 60:
        marks += [
            Circle(*spot, 2.6, fill="class1", stroke="paper", thickness=0.8)
            for spot in spots
        ]
    return [
        *marks,
        Circle(*spots[0], 4.0, fill="paper", stroke="class1", title="start"),
    ]


def _spot(place: Point, title: str) -> Mark:
    """Where the model stands."""
    return Circle(
        *place,
        4.5,
        fill="ink",
        stroke="paper",
        thickness=1.4,
        title=title,
        group="here",
    )
