"""The lines of source that ran, with numbers in the place of names.

A line of source may hold several operations; each is one line of arithmetic at the
place that was asked about.
"""

from __future__ import annotations

import linecache
import re
from typing import Any

import numpy as np

from seegrad.errors import SeegradError
from seegrad.record.address import Index, same_place
from seegrad.record.arithmetic import SIGNS, signed
from seegrad.record.event import Event
from seegrad.record.numbers import short
from seegrad.record.place import found as source_file
from seegrad.record.receipt import Line
from seegrad.record.summary import Summary


def lines_of_update(events: list[Event], index: Index) -> list[Line]:
    """The lines of an optimizer's formula: its operations, and the plain numbers.

    A plain number stands before the first operation that was run behind its line.
    """
    found: list[Line] = []
    told: set[int] = set()
    for event in events:
        for at, code, name, number_ in _plain(event):
            if at not in told:
                told.add(at)
                found.append(Line(code, name, number_, event.id))
        found.append(line(event, index))
    return found


def _plain(event: Event) -> list[tuple[int, str, str, float]]:
    """The lines before an operation that gave a name to a plain number it knows."""
    known, place = event.step_record.plain.get(event.at, {}), event.source
    if place is None:
        return []
    text, found = linecache.getlines(source_file(place.file)), []
    for at in range(place.line - 1, 0, -1):
        code = text[at - 1].strip() if at <= len(text) else ""
        if code.startswith("def "):
            break
        match = re.fullmatch(r"(\w+) = .*", code)
        if match and match[1] in known:
            found.append((at, code, match[1], known[match[1]]))
    return found[::-1]


def line(event: Event, index: Index) -> Line:
    """An operation at one place of its result, with its numbers and its source."""
    code = event.formula if event.deed.definition is None else ""
    if event.source is not None and not code:
        code = linecache.getline(
            source_file(event.source.file), event.source.line
        ).strip()
    out = number(event.value, index, str(event.output))
    return Line(code, _arithmetic(event, index), out, event.id)


def _arithmetic(event: Event, index: Index) -> str:
    """The formula of an op at one place: 0.9 * 0.5, or a sum of products."""
    values = event.input_values
    if event.op == "matmul" and all(np.ndim(v) == 2 for v in values):
        row, column = (
            np.asarray(values[0])[index[0]],
            np.asarray(values[1])[:, index[1]],
        )
        terms = [
            f"{signed(a)} * {signed(b)}"
            for a, b in zip(row[:4], column[:4], strict=True)
        ]
        return " + ".join([*terms, *(["..."] if len(row) > 4 else [])])
    numbers: list[float | str] = []
    for q, value in zip(event.inputs, values, strict=True):
        place = same_place(q.shape, event.output.shape, index)
        kept = place is not None and not isinstance(value, Summary)
        numbers.append(float(np.asarray(value)[place]) if kept else str(q))
    if event.symbol in SIGNS and len(numbers) == 2:
        left, right = (n if isinstance(n, str) else signed(n) for n in numbers)
        return f"{left} {event.symbol} {right}"
    told = [n if isinstance(n, str) else short(n) for n in numbers]
    return f"{event.op}({', '.join(told)})"


def number(data: Any, index: Index, address: str) -> float:
    """One number of a value; SeegradError if the tape did not keep it."""
    if data is None or isinstance(data, Summary):
        raise SeegradError(
            f"the tape did not keep {address}, only a summary of its array",
            where="why",
            hint="ask about a step that is whole, or recording(most_bytes=...)",
        )
    return float(np.asarray(data)[index])
