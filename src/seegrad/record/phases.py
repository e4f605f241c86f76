"""Which band of the tape an operation belongs to: known when its step is over.

What went backward is forward or loss, with everything that it was made from. What an
optimizer computed, or what was made only to be assigned, is the update. What is left
was computed on the side: an accuracy, a running mean, a look at other data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from seegrad.record.place import in_loss
from seegrad.record.structure import Deed


class Fact(NamedTuple):
    """What was known about an operation as it happened."""

    tracked: bool  # its result needs a gradient
    recorded: bool  # no `no_grad` was around it
    inside: bool  # a layer was at work
    layered: bool = False  # a layer had been at work in this step


def sorted_out(
    deeds: list[Deed], facts: dict[int, Fact], targets: dict[int, str]
) -> list[Deed]:
    """The deeds with their phases.

    ``facts`` are about the operations that no optimizer did, by their place;
    ``targets`` says which of them were assigned, and to which parameter.
    """
    made = {d.output: k for k, d in enumerate(deeds) if d.kind == "operation"}
    walked = {d.of for d in deeds if d.of is not None}
    needed = _behind(deeds, made, walked)
    updates: dict[int, set[str]] = {}
    for k, parameter in targets.items():
        chain = _behind(deeds, made, {k}) if walked else {k}
        for at in chain - needed:
            updates.setdefault(at, set()).add(parameter)
    fed = _behind(deeds, made, [k for k, fact in facts.items() if fact.inside])
    alone = not walked and not targets and not any(f.tracked for f in facts.values())
    found = list(deeds)
    for k, fact in facts.items():
        if k in needed or (fact.tracked and k not in updates):
            phase = _of_forward(deeds[k], fact, k in fed)
        elif k in updates:
            owners = updates[k]
            parameter = next(iter(owners)) if len(owners) == 1 else ""
            found[k] = replace(deeds[k], phase="update", parameter=parameter)
            continue
        elif alone or (fact.recorded and (fact.inside or not walked)):
            phase = _of_forward(deeds[k], fact, k in fed)
        else:
            phase = "aside"
        found[k] = replace(deeds[k], phase=phase)
    return found


def _of_forward(deed: Deed, fact: Fact, feeds: bool) -> str:
    """Forward or loss: a loss of the library, or what comes after the layers."""
    after = fact.layered and not feeds
    return "loss" if in_loss(deed.places) or after else "forward"


def _behind(
    deeds: list[Deed], made: dict[int, int], front: Iterable[int | None]
) -> set[int]:
    """Some operations, and all those that their inputs were made by."""
    seen: set[int] = set()
    stack = [k for k in front if k is not None]
    while stack:
        k = stack.pop()
        if k not in seen:
            seen.add(k)
            stack += [made[q] for q in deeds[k].inputs if q in made]
    return seen
