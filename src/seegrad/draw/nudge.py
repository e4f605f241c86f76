"""A derivative that one can feel: the loss as one number moves, and its slope here.

The tangent is what backpropagation says, the short stroke on it what two small nudges
measured; where they lie on each other, the gradient is right.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

from seegrad.draw.axes import Axes, padded
from seegrad.draw.heading import sheet
from seegrad.draw.legend import Entry, legend, stroke
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import DASHED, Circle, Line, Mark, Point
from seegrad.draw.ticks import nice_ticks
from seegrad.errors import DataError, InputTypeError

WHERE = "draw.nudge"
LEFT, TOP, WIDTH, HEIGHT = 66.0, 62.0, 460.0, 250.0
NEEDED = ("address", "number", "loss", "gradient", "measured", "step", "moved")


def nudge(found: Any, *, title: str = "", theme: str = "auto") -> Picture:
    """Draw loss(p) around one number p, with loss + gradient (p' - p) as its tangent.

    Reads the ``address``, ``number``, ``loss``, ``gradient``, ``measured``, ``step``,
    ``moved`` and ``losses`` of what `sg.nudge` returns. InputTypeError for another
    thing, DataError if the loss here is not finite.

    >>> import seegrad as sg
    >>> line = sg.nn.Linear(1, 1, seed=0)
    >>> line.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    >>> nudge(sg.nudge(line, "weight[0, 0]", [[1.0]], [[3.0]])).alt
    'Nudging weight[0, 0]: at 1.0 the loss is 4.0, its gradient −4.0, measured −4.0...'
    """
    if any(not hasattr(found, name) for name in (*NEEDED, "losses")):
        raise InputTypeError(
            f"this is drawn from a nudge, not from {type(found).__name__}",
            where=WHERE,
            hint='sg.nudge(model, "0.weight[2, 0]", x, y).draw()',
        )
    curve = [
        (x, y)
        for x, y in zip(found.moved, found.losses, strict=True)
        if math.isfinite(y)
    ]
    if not math.isfinite(found.loss) or len(curve) < 2:
        raise DataError(
            f"the loss at {found.address} = {short(found.number)} is "
            f"{short(found.loss)}, and there is no curve around it",
            where=WHERE,
            hint="a smaller width, or a step of training before it went wrong",
        )
    title = title or f"Nudging {found.address}"
    marks = _chart(found, curve)
    entries: list[Entry] = [
        (stroke("class0"), "the loss"),
        (stroke("gradient", DASHED), f"backpropagation: {short(found.gradient)}"),
        (
            replace(stroke("changed", (), 6.0), opacity=0.5),
            f"measured: {short(found.measured)}",
        ),
    ]
    base = TOP + HEIGHT + 56.0
    below, reached = legend(entries, LEFT - 40.0, base, WIDTH + 40.0)
    agree = "they agree" if found.agrees else "they differ: a kink, or rounding"
    said = f"two slopes at {short(found.number)}, nudged by ±{short(found.step)}"
    scene = sheet(
        title, f"{said}: {agree}", [*marks, *below], LEFT + WIDTH + 24.0, base + reached
    )
    low = min(curve, key=lambda point: point[1])
    alt = (
        f"{title}: at {short(found.number)} the loss is {short(found.loss)}, its "
        f"gradient {short(found.gradient)}, measured {short(found.measured)} by nudges "
        f"of {short(found.step)}; {agree}. From {short(curve[0][0])} to "
        f"{short(curve[-1][0])} the loss is lowest at {short(low[0])} with "
        f"{short(low[1])}."
    )
    return Picture(scene, alt, theme)


def _chart(found: Any, curve: list[Point]) -> list[Mark]:
    losses = [*(y for _, y in curve), found.loss]
    low, high = padded(min(losses), max(losses), 0.12)
    ends = padded(min(x for x, _ in curve), max(x for x, _ in curve), 0.0)
    axes = Axes(LEFT, TOP, WIDTH, HEIGHT, ends, (low, high))
    marks = axes.ticks(nice_ticks(*ends), nice_ticks(low, high), found.address, "loss")
    here = axes.at(found.number, found.loss)
    marks.append(
        Line(((here[0], TOP), (here[0], TOP + HEIGHT)), stroke="frame", dash=(2.0, 3.0))
    )
    marks += [
        Line(
            tuple(axes.at(x, y) for x, y in piece), stroke="class0", thickness=2.4,
            group="loss",
        )
        for piece in _unbroken(curve, found.moved)
    ]  # fmt: skip
    middle = (ends[1] - ends[0]) * 0.12
    for group, slope, reach, look in (
        ("measured", found.measured, middle, ("changed", (), 6.0)),
        ("tangent", found.gradient, ends[1] - ends[0], ("gradient", DASHED, 2.0)),
    ):
        role, dash, thickness = look
        marks.append(
            Line(
                _stroke(found, slope, reach, axes), stroke=role, dash=dash,
                thickness=thickness, group=group, title=f"{group}: {short(slope)}",
                opacity=0.5 if group == "measured" else 1.0,
            )
        )  # fmt: skip
    marks.append(
        Circle(
            *here, 4.8, fill="ink", stroke="paper", thickness=1.4, group="here",
            title=f"loss {short(found.loss)}",
        )
    )  # fmt: skip
    return marks


def _unbroken(curve: list[Point], moved: Any) -> list[list[Point]]:
    """The curve in pieces, where a loss in between is not finite."""
    gap = 1.5 * (moved[-1] - moved[0]) / max(len(moved) - 1, 1)
    pieces = [[curve[0]]]
    for before, point in pairwise(curve):
        if point[0] - before[0] > gap:
            pieces.append([])
        pieces[-1].append(point)
    return [piece for piece in pieces if len(piece) > 1]


def _stroke(found: Any, slope: float, reach: float, axes: Axes) -> tuple[Point, Point]:
    """A line through the point here, as far as it stays inside of the frame."""
    ends = []
    for way, limit in ((-1.0, axes.x_limits[0]), (1.0, axes.x_limits[1])):
        far = min(reach, abs(limit - found.number))
        rise = way * slope
        edge = axes.y_limits[1] if rise > 0 else axes.y_limits[0]
        if rise:
            far = min(far, (edge - found.loss) / rise)
        ends.append(axes.at(found.number + way * far, found.loss + rise * far))
    return ends[0], ends[1]
