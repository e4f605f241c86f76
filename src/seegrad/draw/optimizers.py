"""A race of optimizers, seen from above and as loss over steps.

All begin at the same place with the same steps to take, on a classic surface, on a
function of one's own or on the loss of a model. Of a model's many dimensions the plane
is drawn that shows most of all paths.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes, padded
from seegrad.draw.heading import panel_name, sheet
from seegrad.draw.inputs import Floats
from seegrad.draw.landscape import landscape
from seegrad.draw.legend import Entry, moved, stroke
from seegrad.draw.lettering import width_of
from seegrad.draw.looks import Look, look
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.race import Maker, Run, checked_racers
from seegrad.draw.race_ground import Ground, on_model, on_plane
from seegrad.draw.scene import Circle, Line, Mark, Polygon, Rectangle, Text
from seegrad.draw.simplify import simplified
from seegrad.draw.ticks import log_ticks, nice_ticks, whole_ticks
from seegrad.errors import ArgumentError
from seegrad.nn import Module
from seegrad.random import whole_number

WHERE = "draw.optimizers"
LEFT, TOP, WIDTH, PLANE, CURVES, GAP = 66.0, 62.0, 440.0, 340.0, 170.0, 24.0


def optimizers(
    on: str | Callable[..., Any] = "rosenbrock",
    x: Any = None,
    y: Any = None,
    *,
    loss: str | Callable[..., Any] | None = None,
    race: Mapping[str, Maker] | None = None,
    steps: int = 200,
    start: tuple[float, float] | None = None,
    title: str = "Race of the optimizers",
    theme: str = "auto",
) -> Picture:
    """Draw the ways of several optimizers down the same surface.

    ``on`` is "beale", "himmelblau", "ravine", "rosenbrock" or "saddle", a function
    f(x, y) of ops with a ``start``, or a model with its data and ``loss``. ``race`` is
    a dict {name: params -> optimizer}; without it, all of the library take part. The
    model is not changed. Raises ArgumentError for an unknown surface.

    >>> from seegrad import optim
    >>> picture = optimizers("ravine", race={"SGD": lambda p: optim.SGD(p, lr=0.5)})
    >>> picture.scene.texts("label SGD")
    ['SGD: 3.01e−9']
    """
    whole_number("steps", steps, least=1, where=WHERE)
    racers = None if race is None else checked_racers(race, WHERE)
    _refuse_misfits(on, (x, y, loss), start)
    if isinstance(on, Module):
        ground, found = on_model(on, x, y, loss, racers, steps, WHERE)
    else:
        ground, found = on_plane(on, start, racers, steps, WHERE)
    plane = Axes(LEFT, TOP, WIDTH, PLANE, *ground.limits)
    marks = _map(plane, ground, found)
    ranking, (wide, high) = _ranking(ground, found, LEFT + WIDTH + GAP, steps)
    across, top = WIDTH + GAP + wide, TOP + max(PLANE, high) + 62.0
    marks += ranking + _losses(found, top, across, steps)
    width, height = LEFT + across + GAP, top + CURVES + 46.0
    scene = sheet(title, ground.below, marks, width, height)
    return Picture(scene, _alt(title, ground, found, steps), theme)


def _refuse_misfits(on: Any, data: tuple[Any, ...], start: Any) -> None:
    """Data belong to a model, and a start to a surface; the other is a mistake."""
    if isinstance(on, Module) and start is not None:
        raise ArgumentError(
            "a race on a model starts at its weights, and a start was given",
            where=WHERE,
            hint="no start, or a function of two numbers",
        )
    if not isinstance(on, Module) and any(each is not None for each in data):
        raise ArgumentError(
            "x, y and loss belong to a race on a model",
            where=WHERE,
            hint='optimizers(model, x, y, loss="mse")',
        )


def _map(axes: Axes, ground: Ground, found: list[Run]) -> list[Mark]:
    """The surface from above with the tracks on it; what leaves it is cut off."""
    heights = ground.heights(axes)
    tracks = [_inside(track, axes) for track in ground.tracks]
    spots = [[axes.at(a, b) for a, b in track.tolist()] for track in tracks]
    free = [spot for each in spots for spot in each[:: max(1, len(each) // 40)]]
    marks = axes.ticks(
        nice_ticks(*axes.x_limits), nice_ticks(*axes.y_limits), *ground.names
    )
    marks += landscape(heights, axes, free)
    marks.append(Rectangle(LEFT, TOP, WIDTH, PLANE, stroke="neutral"))
    marks += [_cross(*axes.at(a, b)) for a, b in ground.minima]
    for order, (run, each) in enumerate(zip(found, spots, strict=True)):
        role, dash = look(order)
        marks.append(
            Line(
                simplified(each, 0.15), stroke=role, thickness=2.0, dash=dash,
                group=f"track {run.name}", title=run.settings,
            )
        )  # fmt: skip
    for order, (run, each) in enumerate(zip(found, spots, strict=True)):
        role = look(order)[0]
        fill, edge = (
            (role, "paper") if len(each) == len(run.places) else ("paper", role)
        )
        said = f"{run.name}, seen until step {len(each) - 1}"
        marks.append(
            Circle(
                *each[-1], 4.2, fill=fill, stroke=edge, thickness=1.2, title=said,
                group=f"end {run.name}",
            )
        )  # fmt: skip
    marks.append(_start(*spots[0][0]))
    return marks


def _inside(track: Floats, axes: Axes) -> Floats:
    """The track up to where it leaves the plane that is drawn."""
    (x0, x1), (y0, y1) = axes.x_limits, axes.y_limits
    a, b = track[:, 0], track[:, 1]
    outside = np.flatnonzero((a < x0) | (a > x1) | (b < y0) | (b > y1))
    return track[: outside[0]] if len(outside) else track


def _cross(x: float, y: float) -> Mark:
    """A lowest point of the surface."""
    reach, thin = 6.0, 1.5
    points = [(-reach, -thin), (-thin, -thin), (-thin, -reach), (thin, -reach),
              (thin, -thin), (reach, -thin), (reach, thin), (thin, thin),
              (thin, reach), (-thin, reach), (-thin, thin), (-reach, thin)]  # fmt: skip
    moved = tuple((x + dx, y + dy) for dx, dy in points)
    return Polygon(moved, fill="ink", stroke="paper", group="minimum", title="minimum")


def _best_first(found: list[Run]) -> list[tuple[Run, Look]]:
    """The runs with their looks, by the loss at the end; who fell off comes last."""
    looks = [(run, look(order)) for order, run in enumerate(found)]
    return sorted(looks, key=lambda each: (each[0].fell, each[0].losses[-1]))


def _ranking(
    ground: Ground, found: list[Run], left: float, steps: int
) -> tuple[list[Mark], tuple[float, float]]:
    """Who ended where, beside the plane, and its signs; and the size of all this."""
    rows: list[tuple[Entry, str]] = []
    for run, (role, dash) in _best_first(found):
        end = "fell off" if run.fell else short(run.losses[-1])
        rows.append(((stroke(role, dash), f"{run.name}: {end}"), f"label {run.name}"))
    rows.append(((_start(0.0, 0.0), "start"), ""))
    if ground.minima:
        rows.append(((_cross(0.0, 0.0), "lowest point"), ""))
    word = "step" if steps == 1 else "steps"
    head = panel_name(f"loss after {steps} {word}", left, TOP + 10.0)
    marks: list[Mark] = [head]
    high = 34.0
    for (sample, words), group in rows:
        y = TOP + high
        high += 20.0
        marks += [
            replace(moved(sample, left + 13.0, y), group="", title=""),
            Text(left + 34.0, y + 4.0, words, size=11.0, fill="ink", group=group),
        ]
    widest = max(34.0 + width_of(words, 11.0) for (_, words), _ in rows)
    return marks, (max(widest, width_of(head.text, head.size, bold=True)), high)


def _start(x: float, y: float) -> Mark:
    """Where all begin."""
    return Circle(x, y, 4.5, fill="paper", stroke="ink", thickness=1.6, group="start",
                  title="start")  # fmt: skip


def _losses(found: list[Run], top: float, width: float, steps: int) -> list[Mark]:
    """The loss over the steps; logarithmic where all losses are above 0."""
    seen = [v for run in found for v in run.losses if math.isfinite(v)]
    low, high, first = min(seen), max(seen), found[0].losses[0]
    ceiling = max(first, min(high, 10.0 * abs(first)))  # who flies off is cut off
    log = low > 0.0
    if log:
        low = max(low, ceiling * 1e-12)
        room = (ceiling / low) ** 0.06 if ceiling > low else 2.0
        limits = (low / room, ceiling * room)
    else:
        limits = padded(low, ceiling)
    axes = Axes(LEFT, top, width, CURVES, (0.0, float(steps)), limits, log, name="loss")
    name = "loss (log scale)" if log else "loss"
    marks = axes.ticks(
        whole_ticks(0, steps), log_ticks(*limits) if log else nice_ticks(*limits, 4),
        "step", name,
    )  # fmt: skip
    for order, run in enumerate(found):
        role, dash = look(order)
        points = [
            axes.at(float(k), min(max(value, limits[0]), limits[1]))
            for k, value in enumerate(run.losses)
            if math.isfinite(value)
        ]
        marks.append(
            Line(
                simplified(points, 0.1), stroke=role, thickness=2.0, dash=dash,
                group=run.name, title=run.settings,
            )
        )  # fmt: skip
    return marks


def _alt(title: str, ground: Ground, found: list[Run], steps: int) -> str:
    sentences = [f"{title} {ground.words}, {steps} steps, best first."]
    for run, _ in _best_first(found):
        end = f"fell off after {len(run.losses) - 1} steps" if run.fell else (
            f"ends at a loss of {short(run.losses[-1])}"
        )  # fmt: skip
        sentences.append(f"{run.name} {end} (lowest {short(run.best)}).")
    return " ".join(sentences)
