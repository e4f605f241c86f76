"""How far every update moves a parameter, measured by how large the parameter is.

The ratio of the two is a good judge of a learning rate: at about a thousandth training
goes well, at a tenth weights are thrown about, at a millionth they stand still.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes
from seegrad.draw.over_steps import (
    Points,
    chart,
    count_of,
    known,
    step_limits,
    step_ticks,
)
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Line, Mark, Text
from seegrad.draw.taped import is_update, steps_of, whole
from seegrad.draw.ticks import log_ticks
from seegrad.errors import DataError, unknown_name

WHERE = "draw.parameter_flow"
LEFT, TOP, WIDTH, HEIGHT = 72.0, 62.0, 440.0, 260.0
USUAL, MOST = 1e-3, 8


def parameter_flow(
    tape: Any,
    *,
    parameters: Iterable[str] | None = None,
    title: str = "How far updates move the parameters",
    theme: str = "auto",
) -> Picture:
    """Draw rms(new - old) / rms(old) of each parameter over the recorded steps.

    Reads the updates of ``tape.steps``; the axis is logarithmic, and 1e-3, where
    training usually goes well, is marked. ``parameters`` picks some by name; of more
    than eight the highest and the lowest are drawn. A step whose numbers were not kept,
    and a parameter of zeros, leave a gap. Raises DataError without any update.

    >>> import seegrad as sg
    >>> line = sg.nn.Linear(1, 1, seed=0)
    >>> line.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    >>> sgd = sg.optim.SGD(line.parameters(), lr=0.25)
    >>> tape = sg.record(line, [[1.0]], [[3.0]], loss="mse", optimizer=sgd)
    >>> parameter_flow(tape, parameters=["weight"]).scene.texts("label weight")
    ['weight 1.0']
    """
    steps = steps_of(tape, WHERE)
    flows = _flows(steps)
    if parameters is not None:
        chosen = [parameters] if isinstance(parameters, str) else list(parameters)
        for name in chosen:
            if name not in flows:
                raise unknown_name("parameter with an update", name, flows)
        flows = {name: flows[name] for name in chosen}
    shown = _telling(flows)
    ratios = [ratio for points in shown.values() for ratio in known(points)]
    if not ratios:
        why = "all parameters stood still, were zero or were not kept"
        why = why if flows else "no update is on the tape"
        raise DataError(
            f"there is nothing to draw: {why}",
            where=WHERE,
            hint="sg.record(..., optimizer=optimizer), a larger lr, or "
            "sg.recording(most_bytes=...)",
        )
    limits = min(*ratios, USUAL) / 2.0, max(*ratios, USUAL) * 2.0
    across = step_limits(step.number for step in steps)
    axes = Axes(LEFT, TOP, WIDTH, HEIGHT, across, limits, log=True)
    marks = axes.ticks(
        step_ticks(across), log_ticks(*limits), "step", "update / weight (log scale)"
    )
    below = "root mean square of an update, divided by that of what it updates"
    if len(shown) < len(flows):
        below += f"; {len(shown)} of {len(flows)} parameters, highest and lowest"
    beginning = f"{title}, over {count_of(steps)}; usual is 0.001."
    return chart(shown, axes, marks + _usual(axes), title, below, beginning, theme)


def _flows(steps: list[Any]) -> dict[str, Points]:
    """The ratio of every parameter at every step in which it was updated."""
    flows: dict[str, Points] = {}
    for step in steps:
        ends: dict[str, tuple[Any, Any]] = {}
        for event in step.events():
            if is_update(event):
                name = event.output.name
                old = ends[name][0] if name in ends else event.before
                ends[name] = (old, event.value)
        for name, (old, new) in ends.items():
            ratio = _ratio(whole(old), whole(new))
            flows.setdefault(name, []).append((float(step.number), ratio))
    return flows


def _ratio(old: Any, new: Any) -> float:
    """Update by weight; nan where it is not a number above zero."""
    if old is None or new is None or not old.size:
        return math.nan
    with np.errstate(all="ignore"):
        update, weight = (float(np.sqrt((a * a).mean())) for a in (new - old, old))
        ratio = update / weight if weight else math.nan
    return ratio if math.isfinite(ratio) and ratio > 0.0 else math.nan


def _telling(flows: dict[str, Points]) -> dict[str, Points]:
    """All parameters; of very many those whose usual ratio is highest and lowest."""
    if len(flows) <= MOST:
        return flows
    ranked = sorted(flows, key=lambda name: _usually(flows[name]))
    kept = {*ranked[: MOST // 2], *ranked[-MOST // 2 :]}
    return {name: points for name, points in flows.items() if name in kept}


def _usually(points: Points) -> float:
    ratios = known(points)
    return statistics.median(ratios) if ratios else USUAL


def _usual(axes: Axes) -> list[Mark]:
    """A line at a thousandth."""
    right, height = axes.left + axes.width, axes.at(axes.x_limits[0], USUAL)[1]
    line = ((axes.left, height), (right, height))
    return [
        Line(line, stroke="ink", thickness=0.9, group="usual"),
        Text(
            axes.left + 6.0, height - 5.0, "1e−3 is usual", size=10.0, fill="ink",
            group="usual",
        ),
    ]  # fmt: skip
