"""What a race of optimizers is run on, and what of it can be seen on a sheet.

A function of two numbers is seen as it is. A model has many dimensions, and the plane
is taken that holds the start and most of all paths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes, padded
from seegrad.draw.inputs import Floats, floats
from seegrad.draw.landscape import sampled
from seegrad.draw.model_twin import ModelTwin
from seegrad.draw.principal import principal
from seegrad.draw.race import Maker, ModelCourse, PlaneCourse, Run, runs, usual_racers
from seegrad.draw.scene import Point
from seegrad.draw.surfaces import SURFACES, Surface
from seegrad.errors import ArgumentError, InputTypeError, unknown_name
from seegrad.mode import no_grad
from seegrad.tensor import Tensor

RESOLUTION = 51
RATES = {"sgd": 0.1, "adaptive": 0.05}  # where nothing is known of the surface


@dataclass(frozen=True, slots=True)
class Ground:
    """What the race runs on, in the coordinates of the plane that is drawn."""

    heights: Callable[[Axes], Floats]
    tracks: list[Floats]
    limits: tuple[tuple[float, float], tuple[float, float]]
    minima: tuple[Point, ...]
    names: tuple[str, str]
    below: str
    words: str


def on_plane(
    on: Any, start: Any, racers: Mapping[str, Maker] | None, steps: int, where: str
) -> tuple[Ground, list[Run]]:
    """The race on a surface by name, or on a function of two numbers."""
    known = _surface(on, where)
    function = known.function if known else on
    if start is None and known is None:
        raise ArgumentError(
            "nobody knows where to start on a function of one's own",
            where=where,
            hint="start=(-1.0, 2.0)",
        )
    begin = floats("start", known.start if start is None and known else start, where)
    if begin.shape != (2,):
        raise ArgumentError(
            f"a start has two coordinates, not {begin.size}",
            where=where,
            hint="start=(-1.0, 2.0)",
        )
    makers = racers or usual_racers(known.rates if known else RATES)
    found = list(runs(PlaneCourse(function, begin), makers, steps, where))
    tracks = [run.places for run in found]
    name = str(on if isinstance(on, str) else getattr(on, "__name__", "a function"))
    corners = (
        [begin, *zip(known.x_limits, known.y_limits, strict=True)] if known else []
    )
    ground = Ground(
        partial(_heights, function),
        tracks,
        _limits(np.array(corners), 0.0) if known else _around(found, tracks),
        known.minima if known else (),
        ("x", "y"),
        f"f(x, y) = {known.formula}" if known else name,
        f"on {name}",
    )
    return ground, found


def _surface(on: Any, where: str) -> Surface | None:
    """The surface of this name; None for a function."""
    if not (isinstance(on, str) or callable(on)):
        raise InputTypeError(
            f"a race is run on a surface or a model, and this is a {type(on).__name__}",
            where=where,
            hint=f"one of {', '.join(map(repr, SURFACES))}",
        )
    if isinstance(on, str) and on not in SURFACES:
        raise unknown_name("surface", on, SURFACES)
    return SURFACES[on] if isinstance(on, str) else None


def _heights(function: Callable[..., Any], axes: Axes) -> Floats:
    """A function of two numbers on a grid: at once if it can do so, else one by one."""
    xs = np.linspace(*axes.x_limits, RESOLUTION)
    ys = np.linspace(*axes.y_limits, RESOLUTION)

    def height(a: Any, b: Any) -> Floats:
        out = function(Tensor(np.asarray(a)), Tensor(np.asarray(b)))
        return np.asarray(getattr(out, "data", out), np.float64)

    with no_grad(), np.errstate(all="ignore"):
        table = height(*np.meshgrid(xs, ys))
        if table.shape != (RESOLUTION, RESOLUTION):
            table = sampled(lambda a, b: float(height(a, b)), axes, RESOLUTION)
    return table


def on_model(
    model: Any, x: Any, y: Any, loss: Any, racers: Mapping[str, Maker] | None,
    steps: int, where: str,
) -> tuple[Ground, list[Run]]:  # fmt: skip
    """The race on the loss of a model, on the plane that holds most of all paths."""
    if loss is None or x is None or y is None:
        raise ArgumentError(
            "a race on a model needs its data and its loss",
            where=where,
            hint='optimizers(model, x, y, loss="mse")',
        )
    twin = ModelTwin(model, x, y, loss, where)
    found = list(runs(ModelCourse(twin), racers or usual_racers(RATES), steps, where))
    moves = [run.places - twin.start for run in found]
    basis, shares = principal(np.concatenate(moves), np.zeros_like(twin.start))
    tracks = [move @ basis.T for move in moves]

    def heights(axes: Axes) -> Floats:
        def height(a: float, b: float) -> float:
            return twin.loss_at(twin.start + np.array([a, b]) @ basis)

        return sampled(height, axes, RESOLUTION)

    held = 100 * float(shares.sum())
    below = f"the plane that holds most of all paths, {held:.0f} %"
    words = f"on a model of {len(twin.start)} parameters; the plane holds {held:.0f} %"
    names = ("component 1", "component 2")
    return Ground(
        heights, tracks, _around(found, tracks), (), names, below, words
    ), found


def _around(
    found: list[Run], tracks: list[Floats]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Limits that hold the tracks of all who stayed in the race, with some air."""
    stayed = [t for run, t in zip(found, tracks, strict=True) if not run.fell]
    return _limits(np.concatenate(stayed or [tracks[0][:2]]), 0.15)


def _limits(
    places: Floats, air: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Limits that hold all places, no side shorter than a quarter of the other."""
    low, high = places.min(axis=0), places.max(axis=0)
    least = max(float((high - low).max()) / 4, 1e-6)
    middle, half = (low + high) / 2, np.maximum(high - low, least) / 2
    (x0, y0), (x1, y1) = (middle - half).tolist(), (middle + half).tolist()
    return padded(x0, x1, air), padded(y0, y1, air)
