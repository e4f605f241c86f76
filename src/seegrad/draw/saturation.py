"""Units that have stopped learning: dead ones, and those that are bent to the end.

Where a relu gives zero for every sample, or a tanh is at its end, the slope is zero
and no gradient gets through. The share of such units in every layer, step by step.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes
from seegrad.draw.inputs import Floats
from seegrad.draw.numbers import short
from seegrad.draw.over_steps import (
    Points,
    chart,
    count_of,
    known,
    step_limits,
    step_ticks,
)
from seegrad.draw.picture import Picture
from seegrad.draw.taped import steps_of, whole
from seegrad.errors import ArgumentError, DataError

WHERE = "draw.saturation"
LEFT, TOP, WIDTH, HEIGHT = 66.0, 62.0, 440.0, 220.0
ENDS = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}
MOST = 16


def saturation(
    tape: Any,
    *,
    margin: float = 0.005,
    title: str = "Dead and saturated units",
    theme: str = "auto",
) -> Picture:
    """Draw the share of units without a slope, for each activation over the steps.

    Of a relu, the units that are 0 for every sample of the batch (dead); of a tanh or a
    sigmoid, the outputs closer than ``margin`` to an end of its range (saturated). A
    step whose numbers were not kept leaves a gap. Raises DataError if the tape has no
    such activation, ArgumentError for a margin that is not between 0 and 0.5.

    >>> import seegrad as sg
    >>> model = sg.nn.Sequential(sg.nn.Linear(1, 2, seed=0), sg.nn.ReLU())
    >>> model.load_state_dict({"0.weight": [[1.0], [-1.0]], "0.bias": [0.0, 0.0]})
    >>> saturation(sg.record(model, [[1.0], [2.0]])).scene.texts("label 1.relu")
    ['1.relu dead 50.0 %']
    """
    steps = steps_of(tape, WHERE)
    if not 0.0 < margin < 0.5:
        raise ArgumentError(
            f"margin must be between 0 and 0.5, not {margin!r}", where=WHERE
        )
    shares, words = _shares(steps, margin)
    if not any(map(known, shares.values())):
        raise DataError(
            "there is nothing to draw: no relu, tanh or sigmoid on the tape has its "
            "numbers",
            where=WHERE,
            hint="a model with such activations, or sg.recording(most_bytes=...)",
        )
    worst = sorted(shares, key=lambda name: -max(known(shares[name]), default=-1.0))
    shown = {name: points for name, points in shares.items() if name in worst[:MOST]}
    across = step_limits(step.number for step in steps)
    axes = Axes(LEFT, TOP, WIDTH, HEIGHT, across, (0.0, 100.0))
    percents = [0.0, 25.0, 50.0, 75.0, 100.0]
    marks = axes.ticks(
        step_ticks(across), percents, "step", "share without a slope, in %"
    )
    below = (
        "dead: 0 for every sample of the batch; saturated: within "
        f"{short(margin)} of an end"
    )
    if len(shown) < len(shares):
        below += f"; the worst {len(shown)} of {len(shares)}"
    called = {name: f"{name} {words[name]}" for name in shown}
    beginning = f"{title} over {count_of(steps)}."
    return chart(
        shown, axes, marks, title, below, beginning, theme, unit=" %", called=called
    )


def _shares(
    steps: list[Any], margin: float
) -> tuple[dict[str, Points], dict[str, str]]:
    """The share in percent of each activation by its name, and which kind it is."""
    shares: dict[str, Points] = {}
    words: dict[str, str] = {}
    for step in steps:
        for event in step.events():
            bent = event.op in ENDS or event.op == "relu"
            if not (bent and event.kind == "operation" and event.phase == "forward"):
                continue
            name = event.output.name
            words[name] = "dead" if event.op == "relu" else "saturated"
            share = _share(event.op, whole(event.value), margin)
            shares.setdefault(name, []).append((float(step.number), share))
    return shares, words


def _share(op: str, out: Floats | None, margin: float) -> float:
    if out is None or not out.size:
        return math.nan
    if op in ENDS:
        near = [np.abs(out - end) < margin for end in ENDS[op]]
        return 100.0 * float(np.logical_or(*near).mean())
    units = out.reshape(1, 1) if out.ndim == 0 else out
    axis = 1 if units.ndim == 4 else units.ndim - 1  # channels of an image, or features
    columns = np.moveaxis(units, axis, -1).reshape(-1, units.shape[axis])
    return 100.0 * float((columns == 0.0).all(axis=0).mean())
