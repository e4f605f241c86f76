"""The numbers that a question is about: picked from an event, and written out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from seegrad.record.address import Index
from seegrad.record.arithmetic import signed
from seegrad.record.event import Event
from seegrad.record.numbers import short
from seegrad.record.question import Mistake
from seegrad.record.step import Step
from seegrad.record.summary import Summary

Words = dict[str, str]
Pick = Callable[[int], int]  # a whole number below this one, by the quiz's own seed
SLOPED = {"relu", "tanh", "sigmoid", "exp", "log", "mul", "div", "softplus", "gelu"}


def operations(step: Step) -> Iterator[Event]:
    """The operations of the forward phase whose numbers were kept."""
    for event in step.events():
        if event.kind == "operation" and event.phase == "forward" and known(event):
            yield event


def known(event: Event) -> bool:
    """Whether the tape kept its numbers, and there are any."""
    numbers = (*event.input_values, event.value)
    kept = not any(isinstance(v, Summary) or v is None for v in numbers)
    return kept and all(np.size(v) for v in numbers)


def is_slope_op(event: Event) -> bool:
    """Whether it is one of the ops whose slope one can ask about."""
    return event.op in SLOPED and known(event)


def inputs_at(event: Event, index: Index) -> list[float] | None:
    """The numbers that went in at a place, where they stand side by side."""
    out = event.output.shape
    if any(q.shape not in ((), out) for q in event.inputs):
        return None
    return [
        at(v, index if q.shape else ())
        for q, v in zip(event.inputs, event.input_values, strict=True)
    ]


def given(event: Event, numbers: list[float]) -> str:
    """What was put in, by name: x = 0.5, y = 2."""
    names = [event.deed.definition.input_name(k) for k in range(len(numbers))]
    return ", ".join(f"{n} = {short(v)}" for n, v in zip(names, numbers, strict=True))


def call(event: Event, numbers: list[float] | None = None) -> str:
    """The op as one would write it, with the names or the numbers of its inputs."""
    count = len(event.inputs)
    names = [event.deed.definition.input_name(k) for k in range(count)]
    told = names if numbers is None else [signed(n) for n in numbers]
    if event.symbol in ("+", "-", "*", "/") and count == 2:
        return f"{told[0]} {event.symbol} {told[1]}"
    plain = names if numbers is None else [short(n) for n in numbers]
    return f"{event.op}({', '.join(plain)})"


def some_place(data: Any, pick: Pick) -> Index:
    """Any place of an array."""
    shape = np.shape(data)
    return tuple(pick(n) for n in shape)


def at(data: Any, index: Index) -> float:
    """The number at a place."""
    return float(np.asarray(data)[index])


def other(
    mistakes: list[Mistake], value: float, words: Words, **said: Any
) -> tuple[Mistake, ...]:
    """The mistakes that would not give the right answer by chance."""
    return tuple(
        Mistake(m.answer, m.words.format(**said) if said else m.words)
        for m in mistakes
        if isinstance(m.answer, str) or abs(m.answer - value) > 0.25 * abs(value) + 1e-3
    )
