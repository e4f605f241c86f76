"""Why a number is what it is, as a bill: its parts as bars, the lines that made it.

A bar to the right raises the number and one to the left lowers it; below them the
sum, which must be the number on the tape. Then come the lines of source that ran,
with real numbers, and the proof that nothing is missing.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.draw.axes import Axes, padded, tick_text
from seegrad.draw.heading import LEFT, panel_name, sheet
from seegrad.draw.lettering import cut, width_of
from seegrad.draw.numbers import short
from seegrad.draw.palette import sign_role
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Circle, Line, Mark, Polygon, Rectangle, Text
from seegrad.draw.ticks import nice_ticks
from seegrad.errors import InputTypeError
from seegrad.random import whole_number

WHERE = "draw.receipt"
TOP, WIDTH, LABELS, ROW, BAR = 68.0, 560.0, 96.0, 17.0, 11.0
Parts = list[tuple[str, float]]  # what is added up, by name
NEEDED = ("address", "step", "value", "old", "gradient", "samples", "lines", "checks")


def receipt(
    found: Any, *, most_samples: int = 12, title: str = "", theme: str = "auto"
) -> Picture:
    """Draw the parts of a number: by sample as signed bars, and the lines of its code.

    Reads the ``address``, ``value``, ``old``, ``gradient``, ``samples``, ``shared``,
    ``lines`` (code, arithmetic, value) and ``checks`` of what `tape.why` returns; of
    more samples than ``most_samples`` the others are one bar. InputTypeError for
    another thing.

    >>> import seegrad as sg
    >>> line = sg.nn.Linear(1, 1, seed=0)
    >>> line.load_state_dict({"weight": [[1.0]], "bias": [0.0]})
    >>> sgd = sg.optim.SGD(line.parameters(), lr=0.25)
    >>> tape = sg.record(line, [[1.0]], [[3.0]], loss="mse", optimizer=sgd)
    >>> receipt(tape.why("weight[0, 0]")).scene.texts("update")
    ['old 1.0', 'new 2.0']
    """
    if any(not hasattr(found, name) for name in (*NEEDED, "shared")):
        raise InputTypeError(
            f"this is drawn from a receipt, not from {type(found).__name__}",
            where=WHERE,
            hint='tape.why("0.weight[2, 0]").draw()',
        )
    whole_number("most_samples", most_samples, least=1, where=WHERE)
    moved = found.old is not None
    title = title or f"Why {found.address} {'changed' if moved else 'is what it is'}"
    if moved:
        change = found.value - found.old
        said = f"from {short(found.old)} to {short(found.value)}: {_plus(change)}"
    else:
        said = f"it is {short(found.value)}"
    parts = _parts(found, most_samples)
    marks: list[Mark] = []
    top = TOP
    for section in (_update, _bars, _lines, _proof):
        drawn, top = section(found, parts, top)
        marks += drawn
    below = f"{said}, in step {found.step}"
    scene = sheet(title, below, marks, WIDTH + 2 * LEFT, top + 6.0)
    return Picture(scene, _alt(title, below, found, parts), theme)


def _plus(number: float) -> str:
    return f"+{short(number)}" if number > 0 else short(number)


def _parts(found: Any, most: int) -> Parts:
    """What is added up, the largest first: samples, the others, what is of none."""
    ranked = sorted(found.samples.items(), key=lambda kv: (-abs(kv[1]), kv[0]))
    telling = [(k, part) for k, part in ranked if part != 0.0][:most]
    parts = [(f"sample {k}", float(part)) for k, part in telling]
    rest = [float(part) for _, part in ranked[len(telling) :]]
    if rest:
        parts.append((f"{len(rest)} others", sum(rest)))
    if found.shared and parts:
        parts.append(("of no sample", float(found.shared)))
    return parts


def _update(found: Any, _: Parts, top: float) -> tuple[list[Mark], float]:
    """The number line with the old and the new number, and an arrow between them."""
    if found.old is None or not math.isfinite(found.value - found.old):
        return [], top
    first, last = sorted((found.old, found.value))
    low, high = padded(first, last, 0.6)
    axes = Axes(LEFT + 20.0, top, WIDTH - 40.0, 34.0, (low, high), (0.0, 1.0))
    line = top + 34.0
    marks: list[Mark] = [
        Line(((axes.left, line), (axes.left + axes.width, line)), stroke="neutral")
    ]
    ticks = nice_ticks(low, high, 6)
    for tick in ticks:
        x = axes.at(tick, 0.0)[0]
        marks += [
            Line(((x, line), (x, line + 4.0)), stroke="neutral"),
            Text(
                x, line + 16.0, tick_text(tick, ticks), size=10.0, anchor="middle",
                fill="quiet", group="update x tick",
            ),
        ]  # fmt: skip
    old, new = (axes.at(n, 0.0)[0] for n in (found.old, found.value))
    way = 1.0 if new >= old else -1.0
    if abs(new - old) > 14.0:
        tip = new - way * 7.0
        marks += [
            Line(((old, line), (tip - way * 6.0, line)), stroke="changed",
                 thickness=3.0, group="change"),
            Polygon(
                ((tip, line), (tip - way * 9.0, line - 5.0),
                 (tip - way * 9.0, line + 5.0)), fill="changed",
            ),
        ]  # fmt: skip
    sides = ("end", "start") if way > 0 else ("start", "end")
    for name, x, number, anchor, fill in (
        ("old", old, found.old, sides[0], "paper"),
        ("new", new, found.value, sides[1], "changed"),
    ):
        role = "ink" if name == "old" else "changed_text"
        marks += [
            Circle(x, line, 5.0, fill=fill, stroke="changed", thickness=1.8),
            Text(
                x, line - 13.0, f"{name} {short(number)}", size=11.0, bold=True,
                anchor=anchor, fill=role, group="update",
            ),
        ]  # fmt: skip
    return marks, line + 42.0


def _bars(found: Any, parts: Parts, top: float) -> tuple[list[Mark], float]:
    """A row for each part, a line for zero, and the sum below."""
    if not parts:
        return [], top
    total = float(sum(number for _, number in parts))
    what = found.address if found.old is None else "its gradient"
    marks: list[Mark] = [panel_name(f"{what}, by sample", LEFT, top)]
    top += 10.0
    finite = [n for n in (*(n for _, n in parts), total) if math.isfinite(n)]
    negative, positive = min([0.0, *finite]), max([0.0, *finite])
    unit = (WIDTH - LABELS - 2 * 62.0) / ((positive - negative) or 1.0)
    zero = LEFT + LABELS + 62.0 - negative * unit
    rows = [*parts, ("sum", total)]
    rule = top + ROW * len(parts) + 3.0
    for place, (name, number) in enumerate(rows):
        last = place == len(parts)
        y = top + ROW * place + (7.0 if last else 0.0)
        marks += _bar(name, number, zero, unit, y, last)
    bottom = top + ROW * len(rows) + 7.0
    marks.insert(1, Line(((zero, top), (zero, bottom)), stroke="neutral"))
    marks.append(Line(((LEFT, rule), (LEFT + WIDTH, rule)), stroke="frame"))
    return marks, bottom + 26.0


def _bar(
    name: str, number: float, zero: float, unit: float, y: float, last: bool
) -> list[Mark]:
    reach = number * unit if math.isfinite(number) else 0.0
    base = y + BAR - 1.0
    end = zero + reach + (5.0 if number >= 0 else -5.0)
    return [
        Text(
            LEFT + LABELS - 8.0, base, name, size=10.5, anchor="end", bold=last,
            fill="ink" if last else "quiet", group="part name",
        ),
        Rectangle(
            min(zero, zero + reach), y, abs(reach), BAR, fill=sign_role(number),
            opacity=1.0 if last else 0.75, title=f"{name}: {short(number)}",
            group=name,
        ),
        Text(
            end, base, _plus(number), size=10.5, bold=last, fill="ink",
            anchor="start" if number >= 0 else "end", group="part",
        ),
    ]  # fmt: skip


def _lines(found: Any, _: Parts, top: float) -> tuple[list[Mark], float]:
    """The source that ran, and below each line its arithmetic and what it gave."""
    if not found.lines:
        return [], top
    name = "the lines that made it" if found.old is None else "the update"
    marks: list[Mark] = [panel_name(f"{name}, line by line", LEFT, top)]
    y, code, right = top + 4.0, None, LEFT + WIDTH
    for line in found.lines:
        if line.code and line.code != code:
            code = line.code
            y += 18.0
            marks += [
                Rectangle(LEFT, y - 11.5, WIDTH, 16.0, radius=3.0, fill="card"),
                Text(
                    LEFT + 6.0, y, cut(code, 10.0, WIDTH - 12.0), size=10.0, bold=False,
                    fill="ink", group="code",
                ),
            ]  # fmt: skip
        y += 15.0
        value = f"= {short(line.value)}"
        room = WIDTH - 40.0 - width_of(value, 10.0)
        marks += [
            Text(
                LEFT + 20.0, y, cut(_signs(line.arithmetic), 10.0, room), size=10.0,
                fill="quiet", group="arithmetic",
            ),
            Text(
                right - 6.0, y, value, size=10.0, anchor="end", fill="data",
                group="line",
            ),
        ]  # fmt: skip
    return marks, y + 30.0


def _signs(arithmetic: str) -> str:
    """The minus and the times of the pictures, for those of the source."""
    return arithmetic.replace("-", "−").replace(" * ", " · ")


def _proof(found: Any, _: Parts, top: float) -> tuple[list[Mark], float]:
    marks: list[Mark] = []
    for check in found.checks:
        mark, role = ("✓", "changed_text") if check.holds else ("✗", "gradient")
        both = f"{short(check.found)}, on the tape {short(check.expected)}"
        marks.append(
            Text(LEFT, top, mark, size=11.0, bold=True, fill=role, group="mark")
        )
        marks.append(
            Text(
                LEFT + 18.0, top, f"{check.what}: {both}", size=10.5, fill="quiet",
                group="proof",
            )
        )  # fmt: skip
        top += 16.0
    return marks, top - 8.0


def _alt(title: str, below: str, found: Any, parts: Parts) -> str:
    sentences = [f"{title}: {below}."]
    if found.gradient is not None:
        sentences.append(f"Its gradient is {short(found.gradient)}.")
    if parts:
        told = ", ".join(f"{name} {_plus(number)}" for name, number in parts)
        sentences.append(f"By sample: {told}.")
    sentences += [
        f"{_signs(line.arithmetic)} = {short(line.value)}." for line in found.lines
    ]
    for check in found.checks:
        holds = "proved" if check.holds else "not so"
        sentences.append(f"{check.what}: {holds}.")
    return " ".join(sentences)
