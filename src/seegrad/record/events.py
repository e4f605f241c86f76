"""Everything that was recorded, to be read in any order.

`tape[i]` is one event, `tape.at(step, phase, op)` finds one, `tape.events(...)` lists
many as a table. What can be asked about them (why, story, source, quiz) lives in files
of its own, which only read; `tape` puts all of it together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, SupportsIndex, overload

import numpy as np

from seegrad.errors import ArgumentError, IndexRangeError, unknown_name
from seegrad.record.event import Event
from seegrad.record.step import Step
from seegrad.record.structure import PHASES, Quantity
from seegrad.record.table import Table


class Events:
    """Recorded training steps, one event per operation, as plain data.

    ``steps`` are the steps that were kept, ``problem`` says in words what ended the
    recording early. ``len(tape)`` counts events.
    """

    def __init__(self, steps: list[Step] | None = None, problem: str = "") -> None:
        self.steps: list[Step] = steps if steps is not None else []
        self.problem = problem

    # Reading --------------------------------------------------------------------------

    def __len__(self) -> int:
        return sum(map(len, self.steps))

    def __iter__(self) -> Iterator[Event]:
        for step in self.steps:
            yield from step.events()

    @overload
    def __getitem__(self, i: SupportsIndex) -> Event: ...
    @overload
    def __getitem__(self, i: slice) -> Table: ...
    def __getitem__(self, i: Any) -> Any:
        """The event at a place of the tape; a negative place counts from the end."""
        count = len(self)
        if isinstance(i, slice):
            return Table([self[k] for k in range(*i.indices(count))])
        k = i.__index__()
        k += count if k < 0 else 0
        if not 0 <= k < count:
            raise IndexRangeError(
                f"there is no event {i} on a tape of {count} events",
                hint=f"0 to {count - 1}, or tape.at(step, phase, op)",
            )
        for step in self.steps:
            if k < len(step):
                return step.event(k)
            k -= len(step)
        raise AssertionError("the lengths of the steps add up to that of the tape")

    def step(self, number: int) -> Step:
        """A step by its number; a negative one counts from the end."""
        numbers = [step.number for step in self.steps]
        if number < 0 and self.steps:
            number += numbers[-1] + 1
        place = bisect_right(numbers, number) - 1
        if place < 0 or numbers[place] != number:
            kept = ", ".join(map(str, numbers[:12])) or "none"
            more = ", ..." if len(numbers) > 12 else ""
            raise IndexRangeError(
                f"step {number} is not on the tape: it keeps {kept}{more}",
                hint="tape.steps lists what was kept of a long run",
            )
        return self.steps[place]

    def at(self, step: int = 0, phase: str = "", op: str = "") -> Event:
        """The first event of a step, of a phase of it, by an op: tape.at(0, "loss").

        Raises IndexRangeError for a step that is not there, ArgumentError for a phase
        or an op that is not.
        """
        _check_phase(phase)
        events = list(self.step(step).events())
        found = [e for e in events if phase in ("", e.phase)]
        if not found:
            have = ", ".join(dict.fromkeys(e.phase for e in events))
            raise ArgumentError(f"step {step} has no phase {phase}: it has {have}")
        for event in found:
            if op in ("", event.op):
                return event
        raise unknown_name("op in this phase", op, dict.fromkeys(e.op for e in found))

    def events(
        self,
        step: int | None = None,
        phase: str = "",
        op: str = "",
        layer: str | None = None,
        name: str = "",
        kind: str = "",
    ) -> Table:
        """All events that fit, as a table: of a step, a phase, an op, a layer, a kind.

        ``name`` keeps those that touch the quantity of that name, "0.weight".
        """
        _check_phase(phase)
        source = self if step is None else self.step(step).events()
        return Table(
            event
            for event in source
            if phase in ("", event.phase)
            and op in ("", event.op)
            and kind in ("", event.kind)
            and layer in (None, event.layer)
            and name in ("", event.output.name, *(q.name for q in event.inputs))
        )

    def quantity(self, name: str, step: int = 0) -> Quantity:
        """What goes by this name in a step: a parameter, an input, a memory."""
        named = {q.name: q for q in self.step(step).structure.quantities if q.name}
        if name not in named:
            raise unknown_name("quantity on the tape", name, named)
        return named[name]

    def value(self, name: str, step: int = 0, *, after: bool = False) -> Any:
        """What a named quantity was worth at the start of a step, or ``after`` it."""
        found = self.quantity(name, step).id
        record = self.step(step)
        return record.value(found) if after else record.leaves.get(found)

    @property
    def parameters(self) -> list[str]:
        """The names of all parameters that were met, in that order."""
        names = {
            q.name: None
            for step in self.steps
            for q in step.structure.quantities
            if q.role == "parameter"
        }
        return list(names)

    @property
    def losses(self) -> list[float]:
        """The loss of every step that went backward: where its walk started."""
        found = []
        for step in self.steps:
            for event in step.events():
                if event.kind == "backward":
                    value = event.value
                    single = value if np.ndim(value) == 0 else np.mean(value)
                    found.append(float(single))
                    break
        return found

    def __repr__(self) -> str:
        words = [f"{len(self.steps)} step{'' if len(self.steps) == 1 else 's'}"]
        words.append(f"{len(self):,} events")
        if self.losses:
            words.append(f"loss {self.losses[0]:.4g} to {self.losses[-1]:.4g}")
        if self.problem:
            words.append(f"ended early: {self.problem}")
        return f"{type(self).__name__}({', '.join(words)})"


def _check_phase(phase: str) -> None:
    if phase and phase not in PHASES:
        raise unknown_name("phase", phase, PHASES)
