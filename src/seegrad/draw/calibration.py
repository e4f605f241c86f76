"""The reliability diagram: whether a model that says 80 % is right in 80 % of cases.

The predictions are sorted into bins by what the model claims. A bar is what came true
in its bin, a mark what was claimed; on the diagonal the two agree. Bars below say how
many predictions each bin has, for a bin of three proves little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes
from seegrad.draw.class_scores import known_classes, scores_of, two_classes
from seegrad.draw.heading import sheet
from seegrad.draw.inputs import Floats, Whole, labels
from seegrad.draw.legend import legend, stroke
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import DOTTED, Line, Mark, Rectangle, Text
from seegrad.draw.ticks import nice_ticks
from seegrad.errors import DataError
from seegrad.random import whole_number

WHERE = "draw.calibration"
LEFT, TOP, SIZE, BELOW = 66.0, 62.0, 320.0, 62.0
GAP = (2.5, 2.0)  # the dash of a gap


@dataclass(frozen=True, slots=True)
class _Bin:
    low: float
    high: float
    count: int
    claimed: float  # the mean of what the model said
    true: float  # how often it came true


def calibration(
    prediction: Any,
    target: Any,
    *,
    bins: int = 10,
    logits: bool = True,
    title: str = "Calibration",
    theme: str = "auto",
) -> Picture:
    """Draw how often predictions come true over how likely they were held.

    ``prediction`` is one logit (N,) or (N, 1), and the probability of class 1 is drawn,
    or scores (N, C), and the confidence in the chosen class is; with ``logits=False``
    they are probabilities. error = sum_bins n_bin / N |true - claimed| (Guo et al.
    2017). Raises DataError for probabilities outside 0 to 1.

    >>> calibration([0.9, 0.9, 0.1, 0.3], [1, 0, 0, 1], bins=2, logits=False).alt
    'Calibration of 4 predictions. Calibration error 0.35, ...'
    """
    whole_number("bins", bins, least=1, where=WHERE)
    claimed, true, what = _claims(prediction, target, logits)
    found = _binned(claimed, true, bins)
    error = sum(b.count * abs(b.true - b.claimed) for b in found) / len(claimed)
    upper = Axes(LEFT, TOP, SIZE, SIZE, (0.0, 1.0), (0.0, 1.0))
    most = max(b.count for b in found)
    lower = Axes(
        LEFT, TOP + SIZE + 30.0, SIZE, BELOW, (0.0, 1.0), (0.0, most * 1.08),
        name="count",
    )  # fmt: skip
    ticks = nice_ticks(0.0, 1.0)
    marks = upper.ticks(ticks, ticks, "", "how often it is true")
    marks += lower.ticks(ticks, _counts(most), what, "count")
    for each in found:
        marks += _bars(each, upper, lower)
    diagonal = (upper.at(0.0, 0.0), upper.at(1.0, 1.0))
    marks += [
        Line(diagonal, stroke="neutral", dash=DOTTED, thickness=1.4),
        Rectangle(LEFT, TOP, SIZE, SIZE, stroke="frame"),
    ]
    base = lower.top + BELOW + 58.0
    entries: list[tuple[Mark, str]] = [
        (Rectangle(-8.0, -5.0, 16.0, 10.0, fill="class0", opacity=0.55), "came true"),
        (stroke("class1", thickness=2.6), "was claimed"),
        (stroke("class1", GAP, 1.2), "the gap"),
    ]
    below, height = legend(entries, LEFT, base, SIZE)
    said = f"calibration error {short(error)}"
    marks += [
        *below,
        Text(LEFT, base + height + 4.0, said, size=11.0, fill="ink", group="error"),
    ]
    words = "on the diagonal the model is as sure as it is right"
    scene = sheet(title, words, marks, LEFT + SIZE + 24.0, base + height + 20.0)
    return Picture(scene, _alt(title, found, error), theme)


def _claims(prediction: Any, target: Any, logits: bool) -> tuple[Floats, Whole, str]:
    """What was held how likely, whether it was true, and what that is called."""
    scores = scores_of(prediction, WHERE)
    right = labels("the target", target, len(scores), WHERE)
    if not logits and (scores.min() < 0.0 or scores.max() > 1.0):
        outside = scores[(scores < 0.0) | (scores > 1.0)][0]
        raise DataError(
            f"a probability lies between 0 and 1, and there is {outside:g}",
            where=WHERE,
            hint="logits=True for what a network gives before the sigmoid or softmax",
        )
    if scores.shape[1] == 1:
        two_classes(np.append(right, [0, 1]), WHERE)  # one of them may be missing
        chance = scores[:, 0]
        if logits:
            chance = np.exp(-np.logaddexp(0.0, -chance))
        return chance, right, "probability of class 1"
    if logits:
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores = powers / powers.sum(axis=1, keepdims=True)
    known_classes(right, scores.shape[1], WHERE)
    hit = (scores.argmax(axis=1) == right).astype(np.int64)
    return scores.max(axis=1), hit, "confidence in the chosen class"


def _binned(claimed: Floats, true: Whole, bins: int) -> list[_Bin]:
    """The bins that hold anything; what stands on an edge belongs to the lower one."""
    which = np.searchsorted(np.linspace(0.0, 1.0, bins + 1)[1:-1], claimed)
    found = []
    for k in np.unique(which).tolist():
        inside = which == k
        found.append(
            _Bin(
                k / bins, (k + 1) / bins, int(inside.sum()),
                float(claimed[inside].mean()), float(true[inside].mean()),
            )
        )  # fmt: skip
    return found


def _counts(most: int) -> list[float]:
    ticks = [tick for tick in nice_ticks(0.0, float(most), 2) if tick == int(tick)]
    return ticks if len(ticks) > 1 else [0.0, float(most)]


def _bars(each: _Bin, upper: Axes, lower: Axes) -> list[Mark]:
    tip = (
        f"{each.count} predictions of {short(each.low)} to {short(each.high)}: claimed "
        f"{short(each.claimed)}, true {short(each.true)}"
    )
    marks: list[Mark] = []
    for axes, height, role, group in (
        (upper, each.true, "class0", "true"), (lower, each.count, "neutral", "count"),
    ):  # fmt: skip
        (x, y), (right, bottom) = axes.at(each.low, height), axes.at(each.high, 0.0)
        marks.append(
            Rectangle(
                x + 1.0, y, right - x - 2.0, bottom - y, fill=role, opacity=0.55,
                title=tip, group=group,
            )
        )  # fmt: skip
    x, y = upper.at(each.low, each.claimed)
    right = upper.at(each.high, 0.0)[0]
    middle = (x + right) / 2
    gap = ((middle, y), (middle, upper.at(0.0, each.true)[1]))
    marks += [
        Line(gap, stroke="class1", dash=GAP, thickness=1.2),
        Line(
            ((x + 1.0, y), (right - 1.0, y)), stroke="class1", thickness=2.6,
            title=tip, group="claimed",
        ),
    ]  # fmt: skip
    return marks


def _alt(title: str, found: list[_Bin], error: float) -> str:
    worst = max(found, key=lambda b: abs(b.true - b.claimed))
    total = sum(b.count for b in found)
    word = "too sure" if worst.claimed > worst.true else "not sure enough"
    bins = "; ".join(
        f"{short(b.claimed)} claimed, {short(b.true)} true ({b.count})" for b in found
    )
    return (
        f"{title} of {total} predictions. Calibration error {short(error)}, largest "
        f"where {short(worst.claimed)} was claimed and {short(worst.true)} came true: "
        f"{word}. By bin: {bins}."
    )
