"""The ROC curve: how many true finds a classifier gives for its false alarms.

Lower the threshold, and more examples are called positive, right ones and wrong ones.
The curve shows all thresholds at once. The area under it is the chance that a positive
example scores higher than a negative one: 0.5 for guessing, 1 for a perfect order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes
from seegrad.draw.class_scores import class_names, scores_of, two_classes
from seegrad.draw.heading import sheet
from seegrad.draw.inputs import Floats, Whole, labels
from seegrad.draw.legend import Entry, legend, stroke
from seegrad.draw.lettering import cut
from seegrad.draw.looks import look
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import DOTTED, Circle, Line, Mark, Polygon, Rectangle
from seegrad.draw.ticks import nice_ticks
from seegrad.errors import DataError, ShapeError

WHERE = "draw.roc"
LEFT, TOP, SIZE, MOST = 66.0, 62.0, 340.0, 10


@dataclass(frozen=True, slots=True)
class _Curve:
    name: str
    false: Floats  # the rate of false alarms at each threshold, from 0 to 1
    true: Floats  # the rate of finds
    area: float
    count: int
    chosen: tuple[float, float]  # both rates at the threshold that is in use


def roc(
    prediction: Any,
    target: Any,
    *,
    classes: Sequence[str] | None = None,
    threshold: float = 0.0,
    title: str = "ROC curve",
    theme: str = "auto",
) -> Picture:
    """Draw the true positive rate over the false positive rate of all thresholds.

    ``prediction`` is one score (N,) or (N, 1) for each example, a dict of such by name,
    or (N, C), which gives a curve for each class against all others; of more than ten,
    those of the smallest and largest areas stand out. area = integral of the curve; a
    point marks ``threshold``. Raises DataError if a class is missing.

    >>> roc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).alt
    'ROC curve of 4 examples. Area under the curve 0.75; at threshold 0.0 ...'
    """
    curves = _curves(prediction, target, classes, threshold)
    axes = Axes(LEFT, TOP, SIZE, SIZE, (0.0, 1.0), (0.0, 1.0))
    ticks = nice_ticks(0.0, 1.0)
    marks = axes.ticks(ticks, ticks, "false positive rate", "true positive rate")
    diagonal = (axes.at(0.0, 0.0), axes.at(1.0, 1.0))
    if len(curves) == 1:
        marks.append(_area(curves[0], axes))
    marks += [
        Rectangle(LEFT, TOP, SIZE, SIZE, stroke="frame"),
        Line(diagonal, stroke="neutral", dash=DOTTED, thickness=1.4, group="chance"),
    ]
    entries: list[Entry] = []
    limit = f"threshold {short(threshold)}"
    telling = _telling(curves)
    for place, curve in enumerate(curves):
        points = tuple(map(axes.at, curve.false.tolist(), curve.true.tolist()))
        name = f"{cut(curve.name, 10.5, 200.0)}: " if curve.name else ""
        said, group = f"{name}area {short(curve.area)}", curve.name or "curve"
        if place not in telling:
            marks.append(Line(points, stroke="frame", group=group, title=said))
            continue
        role, dash = look(telling.index(place))
        tip = f"{limit}: {short(curve.chosen[1])} found, {short(curve.chosen[0])} false"
        marks += [
            Line(points, stroke=role, dash=dash, thickness=2.0, group=group),
            Circle(*axes.at(*curve.chosen), 4.0, fill=role, stroke="paper", title=tip,
                   group=f"threshold {curve.name}"),
        ]  # fmt: skip
        entries.append((stroke(role, dash), said))
    if len(telling) < len(curves):
        entries.append((stroke("frame", (), 1.0), "the areas in between"))
    entries.append((Circle(0.0, 0.0, 4.0, fill="class0"), limit))
    entries.append((stroke("neutral", DOTTED, 1.4), "guessing: area 0.5"))
    below, height = legend(entries, LEFT, TOP + SIZE + 58.0, SIZE)
    marks += below
    said = "up is better: more finds for the same false alarms"
    bottom = TOP + SIZE + 58.0 + height
    scene = sheet(title, said, marks, LEFT + SIZE + 24.0, bottom)
    return Picture(scene, _alt(title, curves, threshold), theme)


def _telling(curves: list[_Curve]) -> list[int]:
    """The places of all curves; of very many, of the smallest and largest areas."""
    ranked = sorted(range(len(curves)), key=lambda place: curves[place].area)
    if len(curves) > MOST:
        ranked = ranked[: MOST // 2] + ranked[-MOST // 2 :]
    return sorted(ranked)


def _curves(
    prediction: Any, target: Any, classes: Sequence[str] | None, threshold: float
) -> list[_Curve]:
    if isinstance(prediction, Mapping):
        curves = []
        for name, each in prediction.items():
            scores = scores_of(each, WHERE)
            if scores.shape[1] != 1:
                raise ShapeError(
                    f"the scores of {name!r} have shape {scores.shape}",
                    where=WHERE,
                    hint="one score for each example, shape (N,)",
                )
            right = labels("the target", target, len(scores), WHERE)
            two_classes(right, WHERE)
            curves.append(_curve_of(str(name), scores[:, 0], right, threshold))
        if not curves:
            raise DataError("there is no curve to draw: the dict is empty", where=WHERE)
        return curves
    scores = scores_of(prediction, WHERE)
    right = labels("the target", target, len(scores), WHERE)
    if scores.shape[1] == 1:
        two_classes(right, WHERE)
        return [_curve_of("", scores[:, 0], right, threshold)]
    named = class_names(classes, max(scores.shape[1], int(right.max()) + 1), WHERE)
    curves = []
    for k, name in enumerate(named):
        member = (right == k).astype(np.int64)
        if not 0 < member.sum() < len(member):
            raise DataError(
                f"{member.sum()} of {len(member)} examples are of class {name}: its "
                "curve needs examples of the class and others",
                where=WHERE,
                hint="more examples, or only the classes that occur",
            )
        curves.append(_curve_of(name, scores[:, k], member, threshold))
    return curves


def _curve_of(name: str, scores: Floats, right: Whole, threshold: float) -> _Curve:
    """Both rates at every threshold, and the area under the curve by trapezoids."""
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    found = np.cumsum(right[order])[last]
    alarms = last + 1 - found
    true = np.concatenate([[0.0], found / right.sum()])
    false = np.concatenate([[0.0], alarms / (1 - right).sum()])
    area = float(np.sum(np.diff(false) * (true[1:] + true[:-1]) / 2))
    above = scores > threshold
    chosen = (float(above[right == 0].mean()), float(above[right == 1].mean()))
    bend = np.ones(len(true), bool)  # points on a straight piece add nothing
    up, right_hand = np.diff(np.append(0, found)), np.diff(np.append(0, alarms))
    bend[1:-1] = up[:-1] * right_hand[1:] != up[1:] * right_hand[:-1]
    return _Curve(name, false[bend], true[bend], area, len(scores), chosen)


def _area(curve: _Curve, axes: Axes) -> Mark:
    points = list(map(axes.at, curve.false.tolist(), curve.true.tolist()))
    outline = (*points, axes.at(1.0, 0.0))
    return Polygon(outline, fill="class0", opacity=0.12, group="area")


def _alt(title: str, curves: list[_Curve], threshold: float) -> str:
    sentences = [f"{title} of {curves[0].count} examples."]
    for curve in curves:
        name = f"{curve.name}: area" if curve.name else "Area"
        false, true = curve.chosen
        sentences.append(
            f"{name} under the curve {short(curve.area)}; at threshold "
            f"{short(threshold)} true positive rate {short(true)}, false positive "
            f"rate {short(false)}."
        )
    return " ".join(sentences)
