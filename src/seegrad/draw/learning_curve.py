"""Learning curves: the loss over the epochs, and the metrics in a panel below.

Training and validation differ in colour and in dash; each line is labelled where it
ends, with its last value, so that nobody has to look from a legend to a line and back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seegrad.draw.axes import Axes, padded
from seegrad.draw.end_labels import end_labels
from seegrad.draw.heading import heading
from seegrad.draw.looks import Look, look
from seegrad.draw.numbers import short
from seegrad.draw.over_steps import Points, end_of, known, strokes, told
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Mark, Scene, Text
from seegrad.draw.simplify import thinned
from seegrad.draw.ticks import log_ticks, nice_ticks, whole_ticks
from seegrad.errors import DataError, InputTypeError, unknown_name

LEFT, TOP, WIDTH, PANEL, BETWEEN, LABEL = 68.0, 50.0, 460.0, 190.0, 66.0, 11.0
LARGEST = 1e300  # of larger numbers, the margins of the axes would be infinite


@dataclass(frozen=True, slots=True)
class _Series:
    key: str
    values: list[float]
    look: Look

    def points(self, usable: Callable[[float], bool]) -> Points:
        """Epochs and values, with a gap where one is not usable."""
        numbers = enumerate(self.values, start=1)
        return [(float(k), v if usable(v) else math.nan) for k, v in numbers]


def learning_curve(
    history: Any,
    *,
    keys: str | Iterable[str] | None = None,
    log: bool = False,
    title: str = "Learning curve",
    others: str = "metrics",
    theme: str = "auto",
) -> Picture:
    """Draw the numbers that training recorded, one per epoch.

    ``history`` is a History or a dict of lists, {"loss": [...], "val_loss": [...]}.
    ``keys`` picks some of them; ``log`` makes the axis of the loss logarithmic;
    ``others`` names what is not called a loss. NaN, infinity and what is beyond 1e300
    leave gaps. Raises ArgumentError for an unknown key, DataError if empty.

    >>> picture = learning_curve({"loss": [0.9, 0.5, 0.25]})
    >>> picture.scene.texts("label loss")
    ['loss 0.25']
    """
    records = _records(history, keys)
    panels = _panels(records)
    epochs = max(len(values) for values in records.values())
    marks = heading(title)
    top, widest = TOP, 0.0
    for place, panel in enumerate(panels):
        last = place == len(panels) - 1
        name = _name(panel, others)
        logarithmic = log and name == "loss"
        drawn, label = _draw_panel(panel, name, top, epochs, logarithmic, last)
        marks += drawn
        widest = max(widest, label)
        top += PANEL + (46.0 if last else BETWEEN - 34.0)
    scene = Scene(round(LEFT + WIDTH + 50.0 + widest, 1), top, tuple(marks), title)
    return Picture(scene, _alt(title, panels, epochs), theme)


def _records(history: Any, keys: str | Iterable[str] | None) -> dict[str, list[float]]:
    records = getattr(history, "records", history)
    if not isinstance(records, Mapping):
        raise InputTypeError(
            f"a learning curve is drawn from a history, not {type(history).__name__}",
            hint='run.history, or a dict such as {"loss": [0.9, 0.5]}',
        )
    chosen = (
        [keys] if isinstance(keys, str) else list(records if keys is None else keys)
    )
    for key in chosen:
        if key not in records:
            raise unknown_name("record", key, records)
    found = {key: values for key in chosen if (values := _numbers(key, records[key]))}
    if not found:
        raise DataError(
            "there is nothing to draw: the history holds no epoch", hint="train first"
        )
    return found


def _numbers(key: str, values: Any) -> list[float]:
    """One record as floats; a None in it, or one number alone, is an error."""
    try:
        return [float(v) for v in values]
    except (TypeError, ValueError):
        raise InputTypeError(
            f"the record {key!r} is not a list of numbers: {values!r}",
            where="draw.learning_curve",
            hint="one number for each epoch; float('nan') where there is none",
        ) from None


def _panels(records: Mapping[str, Sequence[float]]) -> list[list[_Series]]:
    """Losses in one panel, everything else in another; a quantity before its val_."""
    names = list(dict.fromkeys(key.removeprefix("val_") for key in records))
    panels = []
    for wanted in (True, False):
        panel: list[_Series] = []
        for name in (n for n in names if (n == "loss") == wanted):
            for key in (name, f"val_{name}"):
                if key in records:
                    order = len(panel) if name in records or panel else 1
                    panel.append(_Series(key, list(records[key]), look(order)))
        if panel:
            panels.append(panel)
    return panels


def _name(panel: list[_Series], others: str) -> str:
    """What a panel shows: one quantity by its name, or several."""
    names = {series.key.removeprefix("val_") for series in panel}
    return others if len(names) > 1 else names.pop()


def _draw_panel(
    panel: list[_Series], name: str, top: float, epochs: int, log: bool, last: bool
) -> tuple[list[Mark], float]:
    """One pair of axes, its lines and labels; and the width of the widest label."""
    usable = [thinned(s.points(lambda v: _usable(v, log))) for s in panel]
    finite = [v for points in usable for v in known(points)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    limits = _limits(low, high, log)
    axes = Axes(LEFT, top, WIDTH, PANEL - 24.0, _epoch_limits(epochs), limits, log)
    ys = log_ticks(*limits) if log else nice_ticks(*limits)
    marks = axes.ticks(
        whole_ticks(1, epochs), ys, "epoch" if last else "",
        f"{name} (log scale)" if log else name,
    )  # fmt: skip
    ends = []
    for series, points in zip(panel, usable, strict=True):
        said = f"{series.key} {short(series.values[-1])}"
        marks += strokes(series.key, points, series.look, axes)
        ends.append(end_of(series.key, said, points, series.look, axes))
    if not finite:
        centre = axes.left + axes.width / 2
        marks.append(
            Text(
                centre, top + axes.height / 2, "no finite number to draw", size=LABEL,
                anchor="middle", fill="quiet",
            )
        )  # fmt: skip
    labels, widest = end_labels(ends, axes)
    return marks + labels, widest


def _usable(value: float, log: bool) -> bool:
    return abs(value) <= LARGEST and (value >= 1 / LARGEST or not log)


def _limits(low: float, high: float, log: bool) -> tuple[float, float]:
    if log:
        low, high = (
            (low, high) if high > low > 0.0 else (high / 2 or 0.1, high * 2 or 1.0)
        )
        room = (high / low) ** 0.06
        return low / room, high * room
    bottom, top = padded(low, high)
    return (0.0 if low >= 0.0 > bottom else bottom), top


def _epoch_limits(epochs: int) -> tuple[float, float]:
    return (1.0, float(epochs)) if epochs > 1 else (0.5, 1.5)


def _alt(title: str, panels: list[list[_Series]], epochs: int) -> str:
    """First, best and last of every line."""
    word = "epoch" if epochs == 1 else "epochs"
    sentences = [f"{title} over {epochs} {word}."]
    for series in (s for panel in panels for s in panel):
        missing = sum(not math.isfinite(v) for v in series.values)
        sentences.append(told(series.key, series.points(math.isfinite)))
        if missing:
            sentences.append(f"{missing} of its values are not finite.")
    return " ".join(sentences)
