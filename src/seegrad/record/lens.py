"""The source lens: the very lines that ran, with their values, beside the formula.

`tape.source(event)` opens the source where the event happened. The line that ran is
marked; beside every line that did something on the tape stands what it gave.
"""

from __future__ import annotations

import inspect
import linecache
from dataclasses import dataclass
from typing import Any

from seegrad.errors import ArgumentError
from seegrad.mode import listening
from seegrad.node import Node
from seegrad.record.event import Event
from seegrad.record.events import Events
from seegrad.record.numbers import brief
from seegrad.record.place import Place, found, shortened

MOST_VALUES = 6  # beside one line
AROUND = 7  # lines shown before and after the one that ran, within its function


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of source: its number, its text, what ran there and what it gave."""

    number: int
    text: str
    values: tuple[str, ...]
    ran: bool


@dataclass(frozen=True, slots=True)
class Lens:
    """The source of an event: ``formula``, where it is, and the lines around it.

    ``definition`` holds the lines where the op itself is written, forward and rules.
    """

    event: Event
    formula: str
    place: Place | None
    lines: tuple[SourceLine, ...]
    caller: Place | None
    definition: tuple[SourceLine, ...]

    def __str__(self) -> str:
        event = self.event
        shown = [f"{event.op}: {self.formula}", *_gave(event)]
        if self.place is not None:
            shown += ["", f"{self.place}", *_written(self.lines)]
        if self.definition and event.deed.definition is not None:
            home = inspect.getsourcefile(event.deed.definition.forward) or ""
            shown += ["", f"the op itself, in {shortened(home)}"]
            shown += _written(self.definition)
        outside = event.kind != "backward"  # its places are those of its rules
        if outside and self.caller is not None and self.caller != self.place:
            shown += ["", f"called from {self.caller}"]
            code = linecache.getline(self.caller.file, self.caller.line).strip()
            shown += [f"  {code}"] if code else []
        return "\n".join(shown)

    __repr__ = __str__


def source(events: Events, event: Event | int) -> Lens:
    """The lens on an event, or on the event of that number."""
    seen = events[event] if isinstance(event, int) else event
    place = seen.source
    lines = _lines(seen, place) if place is not None else ()
    return Lens(seen, seen.formula, place, lines, seen.caller, _definition(seen))


def lens(x: Any) -> str:
    """The lines that made a number that is still connected to its graph, and its value.

    >>> from seegrad import Value
    >>> print(lens(Value(2.0, requires_grad=True) * 3.0).splitlines()[0])
    mul: x * y
    """
    if not isinstance(x, Node) or x.op is None:
        what = "a leaf" if isinstance(x, Node) else type(x).__name__
        raise ArgumentError(
            f"lens() shows what made a number, and this is {what}",
            hint="the result of a computation on something with requires_grad=True",
        )
    op = x.op
    with listening(None):
        values = [brief(node._data) for node in x.inputs]
    names = [op.input_name(i) for i in range(len(values))]
    put_in = [f"  {n} = {v}" for n, v in zip(names, values, strict=True)]
    home = inspect.getsourcefile(op.forward) or ""
    code, first = _source_of(op.forward)
    shown = [f"{op.name}: {op.formula}", *put_in, f"  out = {brief(x._data)}", ""]
    shown += [f"{shortened(home)}:{first}"]
    shown += [f"  {first + i:>4}  {line}" for i, line in enumerate(code)]
    return "\n".join(shown)


def _lines(event: Event, place: Place) -> tuple[SourceLine, ...]:
    """The lines around a place, with what each of them gave at this visit."""
    gave: dict[int, list[str]] = {}
    for line, other in _visit(event, place):
        gave.setdefault(line, []).append(f"{other.output} = {brief(other.value)}")
    text = linecache.getlines(found(place.file))
    first, last = _extent(text, place.line)
    return tuple(
        SourceLine(
            n, text[n - 1].rstrip(), _few(gave.get(n, ())), n == place.line,
        )
        for n in range(first, last + 1)
    )  # fmt: skip


def _visit(event: Event, place: Place) -> list[tuple[int, Event]]:
    """What the lines of a function did when it made this event, with their numbers.

    A function runs for many layers, parameters and moments of a sequence; going back
    to an earlier line begins another visit.
    """
    visits: list[list[tuple[int, Event]]] = [[]]
    own = 0
    for other in event.step_record.events():
        if (other.kind, other.layer) != ("operation", event.layer):
            continue
        if other.deed.parameter != event.deed.parameter:
            continue
        for at in other.deed.places:
            if (at.file, at.function) == (place.file, place.function):
                if visits[-1] and at.line < visits[-1][-1][0]:
                    visits.append([])
                visits[-1].append((at.line, other))
                if other.at <= event.at:
                    own = len(visits) - 1
    return visits[own]


def _few(values: Any) -> tuple[str, ...]:
    """The values beside a line, each once; of very many the first ones."""
    several = tuple(dict.fromkeys(values))
    more = len(several) - MOST_VALUES
    return several if more <= 0 else (*several[:MOST_VALUES], f"and {more} more")


def _gave(event: Event) -> list[str]:
    """What came of an event: its value, or the gradients that went on."""
    if event.kind != "backward":
        return [f"  {brief(event.value)}"]
    sent = zip(event.inputs, event.shares, strict=True)
    return [f"  arriving {brief(event.gradient)}"] + [
        f"  sent on to {q} {brief(share)}" for q, share in sent if share is not None
    ]


def _extent(text: list[str], line: int) -> tuple[int, int]:
    """The lines of the same function within sight of a line."""
    if not 1 <= line <= len(text):
        return 1, 0
    first = last = line
    margin = _margin(text[line - 1])
    while first > 1 and line - first < AROUND and not _starts(text[first - 1], margin):
        first -= 1
    while last < len(text) and last - line < AROUND:
        following = text[last]
        if following.strip() and _margin(following) < min(margin, 4):
            break
        if following.lstrip().startswith(("def ", "class ", "@")):
            break
        last += 1
    while last > line and not text[last - 1].strip():
        last -= 1
    return first, last


def _starts(line: str, margin: int) -> bool:
    """Whether a function begins here, around code of this margin."""
    return line.lstrip().startswith("def ") and _margin(line) <= margin


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def _definition(event: Event) -> tuple[SourceLine, ...]:
    """Where the op is written: its forward, and the rules that stand beside it."""
    op = event.deed.definition
    if op is None:
        return ()
    code, first = _source_of(op.forward)
    lines = [SourceLine(first + i, line, (), False) for i, line in enumerate(code)]
    if event.kind == "backward":
        lines += [
            SourceLine(
                p.line, linecache.getline(found(p.file), p.line).rstrip(), (), True
            )
            for p in event.deed.places
        ]
    return tuple(lines)


def _source_of(function: Any) -> tuple[list[str], int]:
    try:
        code, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        return [], 0
    return [line.rstrip() for line in code], first


def _written(lines: tuple[SourceLine, ...]) -> list[str]:
    widest = max((len(line.text) for line in lines), default=0)
    shown = []
    for line in lines:
        mark = "▶" if line.ran else " "
        values = f"   # {'; '.join(line.values)}" if line.values else ""
        text = line.text.ljust(widest) if values else line.text
        shown.append(f"{mark} {line.number:>4}  {text}{values}")
    return shown
