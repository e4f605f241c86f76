"""What of a tape a page has room for: which steps, and in how much detail.

A page is mailed and carried around, so it has a size. Parameters are what one wants to
see cell by cell, so they are kept whole as long as they fit; of a long training some
steps stand for all of them.
"""

from __future__ import annotations

import json
from typing import Any

from seegrad.record.events import Events
from seegrad.record.file import encoded, number
from seegrad.record.step import DETAIL, Step

ROOM = 785_000  # characters of numbers and sentences: a page stays below 1 MB
SENTENCES = 300  # characters that are told of one event, in all languages
WHOLE = 1 << 62  # more numbers than any array has


def excerpt(tape: Events, detail: int = DETAIL) -> Events:
    """The tape, or as many of its steps as there is room for, evenly spaced.

    Steps that the tape has whole go before those that it has summarised.
    """
    steps = tape.steps
    if len(steps) < 3:
        return tape
    largest = max(_room_of(step, detail) for step in (steps[0], steps[-1]))
    count = max(2, ROOM // largest)
    if count >= len(steps):
        return tape
    whole = [step for step in steps if step.is_whole]
    steps = whole if len(whole) > 1 else steps
    count = min(count, len(steps))
    last = len(steps) - 1
    places = dict.fromkeys(round(k * last / (count - 1)) for k in range(count))
    return Events([steps[place] for place in places], tape.problem)


def detailed(tape: Events, detail: int = DETAIL) -> dict[str, Any]:
    """The tape as plain data, in as much detail as there is room for."""
    data = with_parameters(tape, encoded(tape, detail))
    while _size(data) > ROOM and detail > 1:
        data = encoded(tape, detail)
        detail //= 4
    return data


def with_parameters(tape: Events, data: dict[str, Any]) -> dict[str, Any]:
    """Put parameters, their gradients and their updates back as whole arrays."""
    for step, told in zip(tape.steps, data["steps"], strict=True):
        own = {q.id for q in step.structure.quantities if q.role == "parameter"}
        for q in own & set(step.leaves):
            told["leaves"][str(q)] = number(step.leaves[q], WHOLE)
        for k, deed in enumerate(step.deeds[: len(step)]):
            for place, value in enumerate(step.numbers[k]):
                if deed.kind in ("gradient", "assign") or (
                    deed.kind == "backward" and place and deed.inputs[place - 1] in own
                ):
                    told["numbers"][k][place] = number(value, WHOLE)
    return data


def _room_of(step: Step, detail: int) -> int:
    """How many characters a step takes, its sentences included."""
    return _size(encoded(Events([step]), detail)["steps"]) + SENTENCES * len(step)


def _size(data: Any) -> int:
    return len(json.dumps(data, separators=(",", ":")))
