"""A compiled step as a picture: its kernels from top to bottom, and the data between.

The bar of a kernel is as long as it takes, in time if that was measured, else in
operations. An arc leads from the kernel that computes something to each that reads it.
Kernels that update parameters are marked in colour and by a letter U.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from seegrad.draw.lettering import cut, width_of
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Curve, Mark, Polygon, Rectangle, Scene, Text
from seegrad.errors import DataError, InputTypeError
from seegrad.random import whole_number

TOP, ROW, BAR, MARGIN = 58.0, 34.0, 9.0, 16.0
ARCS, WORDS, BARS, NUMBERS = 78.0, 300.0, 150.0, 62.0
BADGE, INDENT = 18.0, 34.0  # of a number up to two digits; of the words behind it
SIZE = 11.0
ROLES = {"product": "class0", "loop": "class2", "scatter": "class3"}
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


@dataclass
class _Box:
    """One kernel, or several small ones behind each other."""

    title: str
    words: str
    role: str
    cost: float
    updates: bool
    members: list[int]
    after: set[int] = field(default_factory=set)


def compiled_step(
    rows: Iterable[Mapping[str, Any]],
    *,
    name: str = "step",
    max_kernels: int = 40,
    theme: str = "auto",
) -> Picture:
    """Draw the kernels of a compiled step; ``rows`` is the table of its explanation.

    Beyond ``max_kernels``, the cheapest neighbours are drawn as one. Raises DataError
    if there are no rows.

    >>> row = {"kernel": 0, "kind": "loop", "title": "loop, 3 numbers", "flops": 6}
    >>> picture = compiled_step([row | {"computes": ["mul"], "after": []}])
    >>> picture.scene.texts("kernel 0")
    ['0', 'loop, 3 numbers', 'mul', '6']
    """
    if not isinstance(rows, Iterable):
        raise InputTypeError(
            f"a step is drawn from a table of its kernels, not {type(rows).__name__}",
            where="draw.compiled_step",
            hint="step.explain().draw()",
        )
    known = list(rows)
    if not known:
        raise DataError(
            "there is nothing to draw: the step has no kernels",
            hint="a step that computes something",
        )
    most = whole_number("max_kernels", max_kernels, least=2, where="compiled_step")
    timed = all(row.get("seconds") is not None for row in known)
    boxes = _folded([_box(row, timed) for row in known], most)
    title = f"{name}, compiled"
    marks = _heading(title, timed)
    marks += _arcs(boxes)
    longest = max(box.cost for box in boxes) or 1.0
    for place, box in enumerate(boxes):
        marks += _row(box, TOP + place * ROW, longest, timed)
    bottom = TOP + len(boxes) * ROW + 30.0
    marks += _legend(boxes, bottom - 12.0)
    width = MARGIN + ARCS + WORDS + BARS + NUMBERS
    scene = Scene(width, bottom, tuple(marks), title)
    return Picture(scene, _alt(title, known, boxes, timed), theme)


def _box(row: Mapping[str, Any], timed: bool) -> _Box:
    places = row.get("lines") or []
    words = " ".join(row.get("computes", ()))
    if places and places[0].get("text"):
        words = f"{places[0]['file']}:{places[0]['line']} · {words}"
    return _Box(
        str(row["title"]),
        words,
        ROLES.get(str(row["kind"]), "class5"),
        float(row["seconds"] if timed else row["flops"]),
        bool(row.get("updates")),
        [int(row["kernel"])],
        set(row.get("after", ())),
    )


def _folded(boxes: list[_Box], most: int) -> list[_Box]:
    """The cheapest pairs of neighbours become one until there are few enough."""
    boxes = list(boxes)
    while len(boxes) > most:
        costs = [a.cost + b.cost for a, b in pairwise(boxes)]
        k = min(range(len(costs)), key=costs.__getitem__)
        first, second = boxes[k : k + 2]
        members = first.members + second.members
        boxes[k : k + 2] = [
            _Box(
                f"{len(members)} kernels",
                f"kernels {members[0]} to {members[-1]}",
                first.role if first.role == second.role else "class5",
                first.cost + second.cost,
                first.updates or second.updates,
                members,
                (first.after | second.after) - set(members),
            )
        ]
    return boxes


def _heading(title: str, timed: bool) -> list[Mark]:
    what = "time" if timed else "operations"
    x = MARGIN + ARCS + WORDS
    return [
        Text(MARGIN, 24.0, title, size=13.0, bold=True, fill="ink"),
        Text(MARGIN, 44.0, "data", size=10.0, fill="quiet"),
        Text(MARGIN + ARCS, 44.0, "kernel", size=10.0, fill="quiet"),
        Text(x, 44.0, what, size=10.0, fill="quiet"),
    ]


def _row(box: _Box, y: float, longest: float, timed: bool) -> list[Mark]:
    """A badge with the number, two lines of words, a bar and its number."""
    group = f"kernel {box.members[0]}"
    number = str(box.members[0])
    x, bar = MARGIN + ARCS, MARGIN + ARCS + WORDS
    middle = y + 12.0
    length = max((BARS - 8.0) * box.cost / longest, 1.5)
    room = WORDS - INDENT - 30.0
    badge = max(BADGE, width_of(number, 10.0, bold=True) + 8.0)
    marks: list[Mark] = [
        Rectangle(
            x, middle - 9.0, badge, BADGE, 4.0, fill="card", stroke=box.role,
            thickness=1.5, group=group, title=box.title,
        ),
        Text(
            x + badge / 2, middle + 3.6, number, size=10.0, anchor="middle",
            bold=True, fill="ink", group=group,
        ),
        Text(
            x + INDENT, middle - 1.0, cut(box.title, SIZE, room), size=SIZE,
            fill="ink", group=group,
        ),
        Text(
            x + INDENT, middle + 11.0, cut(box.words, 9.0, room), size=9.0,
            fill="quiet", group=group,
        ),
        Rectangle(
            bar, middle - BAR / 2, length, BAR, 2.0, fill=box.role, group=group,
            title=f"{box.title}: {_said(box.cost, timed)}",
        ),
        Text(
            bar + length + 6.0, middle + 3.6, _said(box.cost, timed), size=10.0,
            fill="ink", group=group,
        ),
    ]  # fmt: skip
    if box.updates:
        marks.append(
            Text(
                bar - 16.0, middle + 3.6, "U", size=10.0, anchor="middle", bold=True,
                fill="changed_text", group=f"{group} updates",
                title="updates what was there before the step",
            )
        )  # fmt: skip
    return marks


def _arcs(boxes: Sequence[_Box]) -> list[Mark]:
    """From each kernel to those that read what it computed, the longer the wider."""
    home = {k: place for place, box in enumerate(boxes) for k in box.members}
    x, marks = MARGIN + ARCS - 4.0, list[Mark]()
    pairs = {
        (home[k], place)
        for place, box in enumerate(boxes)
        for k in box.after
        if k in home and home[k] != place
    }
    for start, end in sorted(pairs, key=lambda pair: pair[0] - pair[1]):
        far = abs(end - start)
        reach = min(ARCS - 10.0, 10.0 + 9.0 * far**0.75)
        top, bottom = TOP + start * ROW + 15.0, TOP + end * ROW + 10.0
        points = (
            (x, top),
            (x - reach * 1.3, top),
            (x - reach * 1.3, bottom),
            (x - 3.0, bottom),
        )
        group = f"data {boxes[start].members[0]} {boxes[end].members[0]}"
        marks.append(Curve(points, stroke="neutral", thickness=1.2, group=group))
        tip = ((x + 2.0, bottom), (x - 4.0, bottom - 3.0), (x - 4.0, bottom + 3.0))
        marks.append(Polygon(tip, fill="neutral", group=group))
    return marks


def _legend(boxes: Sequence[_Box], y: float) -> list[Mark]:
    """Which colour is which kind; every row says its kind in words as well."""
    marks, x = list[Mark](), MARGIN + ARCS
    used = {box.role for box in boxes}
    shown = [(role, kind) for kind, role in ROLES.items() if role in used]
    for role, kind in shown:
        marks.append(Rectangle(x, y - 8.0, 9.0, 9.0, 2.0, fill=role))
        marks.append(Text(x + 14.0, y, kind, size=10.0, fill="quiet"))
        x += 26.0 + width_of(kind, 10.0)
    if any(box.updates for box in boxes):
        marks.append(Text(x, y, "U", size=10.0, bold=True, fill="changed_text"))
        words = "updates parameters or the optimizer's memory"
        marks.append(Text(x + 14.0, y, words, size=10.0, fill="quiet"))
    return marks


def _said(cost: float, timed: bool) -> str:
    """A time with its unit, or a count with thousands apart."""
    if not timed:
        return f"{cost:,.0f}"
    size, unit = next(((s, u) for s, u in UNITS if cost >= s), UNITS[-1])
    return f"{cost / size:.3g} {unit}"


def _alt(
    title: str, rows: Sequence[Mapping[str, Any]], boxes: Sequence[_Box], timed: bool
) -> str:
    """How many kernels, which takes most, and where updates begin."""
    most = max(boxes, key=lambda box: box.cost)
    total = sum(box.cost for box in boxes)
    share = most.cost / total if total else 0.0
    what = "time" if timed else "operations"
    word = "kernel" if len(rows) == 1 else "kernels"
    sentences = [f"{title}: {len(rows)} {word} in the order in which they run."]
    if len(boxes) < len(rows):
        sentences.append(f"They are drawn as {len(boxes)} rows.")
    sentences.append(
        f"Most {what} are in kernel {most.members[0]} ({most.title}): "
        f"{_said(most.cost, timed)} of {_said(total, timed)}, {share:.0%}."
        if not timed
        else f"Kernel {most.members[0]} ({most.title}) takes longest: "
        f"{_said(most.cost, timed)} of {_said(total, timed)}, {share:.0%}."
    )
    first = next((row["kernel"] for row in rows if row.get("updates")), None)
    if first is not None:
        sentences.append(f"Updates begin with kernel {first}.")
    return " ".join(sentences)
