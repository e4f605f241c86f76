"""One update of a network in three pictures: before it, after it, and the difference.

All three have one layout, so a unit is found at the same place in each of them.
"""

from __future__ import annotations

from typing import Any

from seegrad.draw.change import change
from seegrad.draw.legend import moved
from seegrad.draw.network import network
from seegrad.draw.picture import Picture
from seegrad.draw.recorded_state import recorded_state
from seegrad.draw.scene import Line, Mark, Scene

GAP = 26.0


def update(
    tape: Any,
    *,
    step: int = 0,
    max_units: int = 8,
    title: str = "One update of the network",
    theme: str = "auto",
) -> Picture:
    """Draw the network before an update, after it, and what the update changed.

    Reads the step of the tape that `recorded_state` reads, and raises what it raises;
    each of the three alone is ``tape.before.draw()``, ``tape.after.draw()`` and
    ``tape.difference.draw()``.

    >>> import seegrad as sg
    >>> line = sg.nn.Linear(1, 1, seed=0)
    >>> sgd = sg.optim.SGD(line.parameters(), lr=0.1)
    >>> tape = sg.record(line, [[1.0]], [[3.0]], loss="mse", optimizer=sgd)
    >>> update(tape).scene.texts("title")[2]
    '3. What the update changed'
    """
    before = recorded_state(tape, "before", step)
    after = recorded_state(tape, "after", step)
    names = (
        "1. Before the update",
        "2. After the update",
        "3. What the update changed",
    )
    states = (before, after, change(before, after))
    marks: list[Mark] = []
    told = []
    top, width = 0.0, 0.0
    for name, state in zip(names, states, strict=True):
        picture = network(state, title=name, max_units=max_units)
        drawn = picture.scene
        told.append(picture.alt)
        if top:
            rule = ((16.0, top - GAP / 2), (drawn.width - 16.0, top - GAP / 2))
            marks.append(Line(rule, stroke="grid"))
        marks += [moved(mark, 0.0, top) for mark in drawn.marks]
        top += drawn.height + GAP
        width = max(width, drawn.width)
    scene = Scene(width, top - GAP, tuple(marks), title)
    return Picture(scene, f"{title}. {' '.join(told)}", theme)
