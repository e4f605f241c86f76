"""The confusion matrix: which classes are taken for which.

A row is what an example is, a column what it was taken for. A cell is as strong as the
root of its share of the row, so that few mistakes are seen too: blue on the diagonal,
where the model is right, orange beside it. Recall stands at the end of each row,
precision below each column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seegrad.draw.class_scores import class_names, classes_of
from seegrad.draw.heading import sheet
from seegrad.draw.heat_map import STRONG, frame
from seegrad.draw.inputs import Floats, Whole, labels
from seegrad.draw.lettering import cut, width_of
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Mark, Point, Rectangle, Text
from seegrad.errors import ArgumentError

WHERE, MOST = "draw.confusion", 40
SIZE, TOP, LONGEST = 10.0, 84.0, 110.0


def confusion(
    prediction: Any,
    target: Any,
    *,
    classes: Sequence[str] | None = None,
    threshold: float = 0.0,
    title: str = "Confusion matrix",
    theme: str = "auto",
) -> Picture:
    """Count how many examples of class i were taken for class j, and draw the counts.

    ``prediction`` is scores (N, C), one logit (N,) or (N, 1) that says yes above
    ``threshold``, or class numbers; ``target`` is classes (N,). recall_i = n_ii / sum_j
    n_ij, precision_j = n_jj / sum_i n_ij. Raises ShapeError, DataError, DtypeError.

    >>> picture = confusion([0, 1, 1, 1], [0, 0, 1, 1], classes=["cat", "dog"])
    >>> picture.scene.texts("count")
    ['1', '1', '0', '2']
    """
    chosen = classes_of(prediction, threshold, WHERE)
    right = labels("the target", target, len(chosen), WHERE)
    named = class_names(classes, max(int(max(chosen.max(), right.max())) + 1, 2), WHERE)
    if len(named) > MOST:
        raise ArgumentError(
            f"{len(named)} classes do not fit on one sheet; {MOST} do",
            where=WHERE,
            hint="the examples of some classes, numbered anew",
        )
    counts = counted(chosen, right, len(named))
    cell = max(20.0, 52.0 - 2.4 * max(len(named) - 3, 0))
    widest = max(width_of(name, SIZE) for name in [*named, "precision %"])
    left = 24.0 + min(widest, LONGEST)
    end = left + cell * len(named)
    size = min(SIZE, cell * 0.42)
    longest = max(width_of(name, size) for name in named)
    turned = longest > cell - 2.0
    top = TOP + (min(longest, LONGEST) - 8.0 if turned else 0.0)
    below = "rows: what an example is · columns: what it was taken for"
    marks: list[Mark] = [
        *_cells(counts, named, (left, top), cell),
        *_rates(counts, named, (left, top), cell),
        *(
            _column(name, left + (j + 0.5) * cell, top - 8.0, size, turned)
            for j, name in enumerate(named)
        ),
        *frame(left, top, cell * len(named), cell * len(named)),
    ]
    said = _accuracy(counts)
    base = top + cell * len(named) + 52.0
    marks.append(Text(16.0, base, said, size=11.0, fill="ink", group="accuracy"))
    width = max(end + 70.0, width_of(said, 11.0) + 32.0)
    scene = sheet(title, below, marks, width, base + 18.0)
    return Picture(scene, f"{title}. {said} {_mistakes(counts, named)}", theme)


def counted(chosen: Whole, right: Whole, classes: int) -> Whole:
    """How often each class (row) was taken for each class (column).

    >>> counted(np.array([0, 1, 1]), np.array([0, 0, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    pairs = np.bincount(right * classes + chosen, minlength=classes * classes)
    return pairs.reshape(classes, classes)


def _column(name: str, x: float, y: float, size: float, turned: bool) -> Mark:
    """The name above a column, upright where it is too long to lie."""
    return Text(
        x + size * 0.36 if turned else x, y, cut(name, size, LONGEST), size=size,
        anchor="start" if turned else "middle", turned=turned, fill="ink",
        group="column name",
    )  # fmt: skip


def _cells(counts: Whole, named: list[str], corner: Point, cell: float) -> list[Mark]:
    left, top = corner
    share = _shares(counts, axis=1)
    roomy = cell >= 34.0
    marks: list[Mark] = []
    for (i, j), count in np.ndenumerate(counts):
        x, y = left + j * cell, top + i * cell
        percent = f"{100 * share[i, j]:.0f} %"
        strength = STRONG * float(share[i, j]) ** 0.5
        tip = f"{count} of {counts[i].sum()} {named[i]} taken for {named[j]}, {percent}"
        if count:
            marks.append(
                Rectangle(
                    x, y, cell, cell, fill="positive" if i == j else "negative",
                    opacity=round(strength, 4), title=tip, group="cell",
                )
            )  # fmt: skip
        two_lines = bool(roomy and count)
        middle, base = x + cell / 2, y + cell / 2 + (0.0 if two_lines else 3.6)
        size = min(12.0, cell * 0.36, 1.3 * cell / max(len(str(count)), 1))
        marks.append(
            Text(
                middle, base, f"{count}", size=size, bold=i == j, anchor="middle",
                fill="ink" if count else "quiet", group="count",
            )
        )  # fmt: skip
        if two_lines:
            marks.append(
                Text(
                    middle, y + cell / 2 + 13.0, percent, size=9.0, anchor="middle",
                    fill="ink", group="rate",
                )
            )  # fmt: skip
    return marks


def _rates(counts: Whole, named: list[str], corner: Point, cell: float) -> list[Mark]:
    """The names of the rows, recall to the right and precision below."""
    left, top = corner
    recall, precision = (np.diag(_shares(counts, axis=axis)) for axis in (1, 0))
    end, bottom = left + cell * len(named), top + cell * len(named)
    size = min(SIZE, cell * 0.42)
    percents = [f"{100 * p:.0f}" if n else "–" for p, n in
                zip(precision, counts.sum(axis=0), strict=True)]  # fmt: skip
    marks: list[Mark] = [
        Text(end + 8.0, top - 8.0, "recall", size=9.5, fill="quiet"),
        Text(left - 8.0, bottom + 18.0, "precision %", size=9.5, anchor="end",
             fill="quiet"),
    ]  # fmt: skip
    for i, name in enumerate(named):
        x, y = left + (i + 0.5) * cell, top + (i + 0.5) * cell + size * 0.36
        rate = f"{100 * recall[i]:.0f} %" if counts[i].sum() else "–"
        marks += [
            Text(left - 8.0, y, cut(name, size, LONGEST), size=size, anchor="end",
                 fill="ink", group="row name"),
            Text(end + 8.0, y, rate, size=size, fill="quiet", group="recall"),
            Text(x, bottom + 18.0, percents[i], size=size, anchor="middle",
                 fill="quiet", group="precision"),
        ]  # fmt: skip
    return marks


def _shares(counts: Whole, axis: int) -> Floats:
    """Each count as a share of its row or column; 0 where there is nothing."""
    total = counts.sum(axis=axis, keepdims=True)
    return np.asarray(counts / np.maximum(total, 1), dtype=np.float64)


def _accuracy(counts: Whole) -> str:
    right, total = int(np.trace(counts)), int(counts.sum())
    return f"Right: {right} of {total} examples ({100 * right / total:.1f} %)."


def _mistakes(counts: Whole, named: list[str]) -> str:
    """The three most frequent mistakes, and recall and precision of every class."""
    wrong = counts - np.diag(np.diag(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[:3]
    worst = [divmod(int(k), len(named)) for k in order]
    told = [
        f"{wrong[i, j]} of {named[i]} taken for {named[j]}"
        for i, j in worst
        if wrong[i, j]
    ]
    recall, precision = (np.diag(_shares(counts, axis=axis)) for axis in (1, 0))
    each = "; ".join(
        f"{name}: recall {100 * recall[i]:.0f} %, precision {100 * precision[i]:.0f} %"
        for i, name in enumerate(named)
    )
    most = f"Most frequent mistakes: {', '.join(told)}." if told else "No mistake."
    return f"{most} {each}."
