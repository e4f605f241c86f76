"""The boxes of a computation graph: cards, or the records that micrograd made familiar.

A card stacks the name, the op, the data and the gradient of a node; a record sets them
side by side, with the op in a circle of its own. Both say the same, a card in a little
more than half of the width.
"""

from __future__ import annotations

import math

from seegrad.draw.lettering import cut, width_of
from seegrad.draw.parts import Part
from seegrad.draw.scene import Circle, Line, Mark, Rectangle, Text

HEAD, BODY, LINE, PAD = 11.5, 10.5, 14.5, 8.0
NARROWEST, WIDEST = 72.0, 190.0


def card_size(part: Part) -> tuple[float, float]:
    """The width and height that the card of a part needs."""
    head = width_of(part.title, HEAD, bold=True) + _chip(part)
    lines = [
        width_of(fact.label, BODY) + 10.0 + width_of(fact.text, BODY)
        for fact in part.facts
    ]
    width = min(max(head, *lines, NARROWEST - 2 * PAD), WIDEST) + 2 * PAD
    return math.ceil(width) + 0.0, 20.0 + PAD + LINE * len(part.facts)


def _chip(part: Part) -> float:
    """The width of the op's symbol in its rounded box, with the gap before it."""
    if not part.symbol:
        return 0.0
    return width_of(part.symbol, BODY, bold=True) + (18.0 if part.title else 10.0)


def card(part: Part, x: float, y: float, width: float, group: str) -> list[Mark]:
    """The marks of a card of this width with its upper left corner at (x, y)."""
    height = card_size(part)[1]
    given = part.kind in ("leaf", "constant")
    marks: list[Mark] = [
        Rectangle(
            x, y, width, height, radius=5.0, fill="paper" if given else "card",
            stroke="neutral" if part.kind != "constant" else "frame",
            title=part.sentence(), group=group,
        )
    ]  # fmt: skip
    base = y + 17.0
    room = width - 2 * PAD
    chip = _chip(part) - (8.0 if part.title else 0.0)
    if part.title:
        space = room - (_chip(part) if part.symbol else 0.0)
        words = cut(part.title, HEAD, space, bold=True, tail=True)
        role = "quiet" if part.kind == "constant" else "ink"
        marks.append(
            Text(x + PAD, base, words, size=HEAD, bold=True, fill=role, group=group)
        )
    if part.symbol:
        left = x + width - PAD - chip if part.title else x + PAD
        marks += [
            Rectangle(left, y + 5.5, chip, 16.0, radius=4.0, fill="grid", group=group),
            Text(
                left + chip / 2, base, part.symbol, size=BODY, bold=True,
                anchor="middle", fill="ink", group=group,
            ),
        ]  # fmt: skip
    for fact in part.facts:
        base += LINE
        left = width_of(fact.label, BODY) + 10.0
        marks += [
            Text(x + PAD, base, fact.label, size=BODY, fill="quiet", group=group),
            Text(
                x + width - PAD, base, cut(fact.text, BODY, room - left), size=BODY,
                anchor="end", fill=fact.role, group=group,
            ),
        ]  # fmt: skip
    return [mark for mark in marks if not isinstance(mark, Text) or mark.text]


def record_size(part: Part) -> tuple[float, float]:
    """The width and height of the record of a part."""
    return sum(_cells(part)) + 0.0, 24.0


def _cells(part: Part) -> list[float]:
    title = [width_of(part.title, BODY, bold=True) + 2 * PAD] if part.title else []
    facts = [
        width_of(f"{fact.label} {fact.text}", BODY) + 2 * PAD for fact in part.facts
    ]
    return title + facts


def record(part: Part, x: float, y: float, width: float, group: str) -> list[Mark]:
    """The marks of a record: name | data | grad."""
    height = record_size(part)[1]
    said = part.sentence()
    marks: list[Mark] = [
        Rectangle(
            x, y, width, height, fill="card", stroke="neutral", title=said, group=group
        )
    ]
    left, base = x, y + 16.0
    for i, cell in enumerate(_cells(part)):
        if i:
            bar = ((left, y), (left, y + height))
            marks.append(Line(bar, stroke="neutral", group=group))
        fact = part.facts[i - 1 if part.title else i] if i or not part.title else None
        if fact is None:
            marks.append(
                Text(
                    left + PAD, base, part.title, size=BODY, bold=True, fill="ink",
                    group=group,
                )
            )  # fmt: skip
        else:
            label = f"{fact.label} " if fact.label else ""
            gap = width_of(label, BODY)
            said = label.strip()
            marks += [
                Text(left + PAD, base, said, size=BODY, fill="quiet", group=group),
                Text(
                    left + PAD + gap, base, fact.text, size=BODY, fill=fact.role,
                    group=group,
                ),
            ]  # fmt: skip
        left += cell
    return [mark for mark in marks if not isinstance(mark, Text) or mark.text]


def circle_size(symbol: str) -> tuple[float, float]:
    """The room for an op in a circle."""
    size = max(26.0, width_of(symbol, BODY, bold=True) + 12.0)
    return size, size


def circle(symbol: str, x: float, y: float, group: str) -> list[Mark]:
    """The op of a record, in its circle."""
    half = circle_size(symbol)[0] / 2
    return [
        Circle(x + half, y + half, half, fill="paper", stroke="neutral", group=group),
        Text(
            x + half, y + half + 3.8, symbol, size=BODY, bold=True, anchor="middle",
            fill="ink", group=group,
        ),
    ]  # fmt: skip
