"""An operation as the engine told of it, before one knows which step it is of."""

from __future__ import annotations

from typing import Any, NamedTuple

from seegrad.node import Node
from seegrad.record.phases import Fact
from seegrad.record.place import Place


class Seen(NamedTuple):
    """What an operation did, where, and in which ``layer``: its path and its class."""

    out: Node
    op: Any
    inputs: tuple[Node, ...]
    settings: Any
    places: tuple[Place, ...]
    layer: tuple[str, str]
    fact: Fact


def split(
    waiting: list[Seen], results: set[Node], assigned: set[Node], wanted: set[Node]
) -> tuple[list[Seen], list[Seen]]:
    """Part what was computed after an update: this step's, and the next one's.

    What is made from ``results`` of this step looks back, and so does what needs no
    gradient and reads a leaf that was ``assigned`` in it, with all that was made for
    it only. All else begins the next step, as does what is ``wanted`` there.
    """
    begun = set(wanted)  # what is a part of the next step for certain
    mine: set[Node] = set()
    for seen in waiting:
        back = not results.isdisjoint(seen.inputs)
        back |= not (seen.fact.tracked or assigned.isdisjoint(seen.inputs))
        if seen.out in begun or not begun.isdisjoint(seen.inputs):
            begun.add(seen.out)
        elif back:
            mine.add(seen.out)
            results.add(seen.out)
        elif seen.fact.tracked:
            begun.add(seen.out)
    for seen in reversed(waiting):
        if seen.out in begun:
            begun.update(seen.inputs)
        elif seen.out in mine:
            mine.update(seen.inputs)
    mine -= begun
    return (
        [seen for seen in waiting if seen.out in mine],
        [seen for seen in waiting if seen.out not in mine],
    )
