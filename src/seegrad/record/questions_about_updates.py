"""Questions about what moved: which way, how far, and because of which sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seegrad.record.address import written
from seegrad.record.asking import Pick, Words, at, known, some_place
from seegrad.record.event import Event
from seegrad.record.numbers import short
from seegrad.record.parts import Walk
from seegrad.record.question import Mistake, Question
from seegrad.record.step import Step
from seegrad.record.summary import Summary


def update(step: Step, words: Words, pick: Pick) -> Iterator[Question]:
    """Which way a weight goes, and which of several goes furthest."""
    moved = [e for e in step.events() if e.kind == "assign" and known(e)]
    gradients = {e.deed.output: e.value for e in step.events() if e.kind == "gradient"}
    for event in moved:
        index = some_place(event.value, pick)
        found = gradients.get(event.deed.output)
        if found is None or isinstance(found, Summary):
            continue
        g = at(found, index)
        before, after = at(event.before, index), at(event.value, index)
        options = tuple(words["update options"].split("|"))
        right = options[0 if after > before else 1 if after < before else 2]
        against = (after - before) * g <= 0.0
        said = {
            "name": written(str(event.output), index), "before": short(before),
            "after": short(after), "gradient": short(g), "optimizer": event.op,
        }  # fmt: skip
        because = words["update because" if against else "update memory"]
        wrong = [o for o in options[:2] if o != right]
        mistakes = tuple(Mistake(o, words["update uphill"]) for o in wrong)
        yield Question(
            "update", event.id, words["update"].format(**said), right,
            because.format(**said), options, mistakes if against else (),
        )  # fmt: skip
    yield from _moves_most(moved, gradients, words, pick)


def _moves_most(
    moved: list[Event], gradients: dict[int, Any], words: Words, pick: Pick
) -> Iterator[Question]:
    candidates: dict[str, tuple[float, float, Event]] = {}
    for event in moved:
        found = gradients.get(event.deed.output)
        if found is None or isinstance(found, Summary):
            continue
        for _ in range(2):
            index = some_place(event.value, pick)
            change = at(event.value, index) - at(event.before, index)
            name = written(str(event.output), index)
            candidates[name] = (change, at(found, index), event)
    chosen = dict(list(candidates.items())[:4])
    if len(chosen) < 2:
        return
    ranked = sorted(chosen, key=lambda name: -abs(chosen[name][0]))
    answer = ranked[0]
    if abs(chosen[ranked[1]][0]) > 0.9 * abs(chosen[answer][0]):
        return  # too close to tell
    steepest = max(chosen, key=lambda name: abs(chosen[name][1]))
    change, _, event = chosen[answer]
    mistakes: tuple[Mistake, ...] = ()
    if steepest != answer:
        told = words["most gradient"].format(optimizer=event.op)
        mistakes = (Mistake(steepest, told),)
    yield Question(
        "update", event.id, words["most"], answer,
        words["most because"].format(answer=answer, change=f"{change:+.3g}"),
        tuple(chosen), mistakes,
    )  # fmt: skip


def cause(step: Step, words: Words, pick: Pick) -> Iterator[Question]:
    """Which sample a weight's gradient comes from."""
    walk = Walk(step)
    for event in step.events():
        if event.op != "accumulate" or not known(event) or not walk.labels.count:
            continue
        index = some_place(event.value, pick)
        samples, _ = walk.samples(event.deed.output, index)
        ranked = sorted(samples, key=lambda k: -abs(samples[k]))
        if len(ranked) < 3 or abs(samples[ranked[1]]) > 0.9 * abs(samples[ranked[0]]):
            continue
        option = words["cause option"]
        shown = sorted(ranked[:4])
        answer = option.format(k=ranked[0])
        address = written(str(event.output), index)
        yield Question(
            "cause", event.id, words["cause"].format(address=address), answer,
            words["cause because"].format(
                answer=answer, part=f"{samples[ranked[0]]:+.3g}",
                gradient=short(at(event.value, index)),
            ),
            tuple(option.format(k=k) for k in shown),
        )  # fmt: skip
