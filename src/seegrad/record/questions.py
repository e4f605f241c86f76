"""Questions made from a tape: any model and any data give some.

Each function below looks for moments of one kind and asks about their real numbers. The
wrong answers that a question recognises are computed from the same numbers with a
mistake put in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from seegrad.record.address import Index, written
from seegrad.record.arithmetic import signed
from seegrad.record.asking import (
    Pick,
    Words,
    at,
    call,
    given,
    inputs_at,
    is_slope_op,
    operations,
    other,
    some_place,
)
from seegrad.record.event import Event
from seegrad.record.numbers import short
from seegrad.record.question import Mistake, Question
from seegrad.record.step import Step
from seegrad.record.summary import Summary

MOST_TERMS = 3  # factors that one can multiply in one's head


def forward(step: Step, words: Words, pick: Pick) -> Iterator[Question]:
    """What comes out of an op, from what goes in."""
    for event in operations(step):
        index = some_place(event.value, pick)
        if event.op == "matmul" and np.ndim(event.value) == 2:
            yield from _product(event, index, words)
        elif is_slope_op(event):
            numbers = inputs_at(event, index)
            if numbers is None:
                continue
            value, formula = at(event.value, index), call(event)
            mistakes = [Mistake(numbers[0], words["forward identity"])]
            if len(numbers) > 1:
                mistakes = []
            yield Question(
                "forward", event.id,
                words["forward"].format(inputs=given(event, numbers), formula=formula),
                value,
                words["forward because"].format(
                    arithmetic=call(event, numbers), value=short(value)
                ),
                mistakes=other(mistakes, value, words, op=event.op),
            )  # fmt: skip


def _product(event: Event, index: Index, words: Words) -> Iterator[Question]:
    row = np.asarray(event.input_values[0])[index[0]]
    column = np.asarray(event.input_values[1])[:, index[1]]
    if not 2 <= len(row) <= MOST_TERMS:
        return
    value = at(event.value, index)
    pairs = list(zip(row.tolist(), column.tolist(), strict=True))
    terms = " + ".join(f"{signed(a)} * {signed(b)}" for a, b in pairs)
    mistakes = [
        Mistake(pairs[0][0] * pairs[0][1], words["product first"]),
        Mistake(float(row.sum() + column.sum()), words["product sum"]),
    ]
    out = written(str(event.output), index)
    yield Question(
        "forward", event.id, words["product"].format(out=out, terms=terms), value,
        words["product because"].format(arithmetic=terms, value=short(value)),
        mistakes=other(mistakes, value, words),
    )  # fmt: skip


def chain_rule(step: Step, words: Words, pick: Pick) -> Iterator[Question]:
    """What is sent on: its sign, or its size."""
    for event in step.events():
        if event.kind != "backward" or event.local is None or not is_slope_op(event):
            continue
        index = some_place(event.gradient, pick)
        numbers = inputs_at(event, index)
        reached = [k for k, share in enumerate(event.shares) if share is not None]
        k = reached[pick(len(reached))]
        slope, share = event.local[k], event.shares[k]
        if numbers is None or np.shape(slope) != np.shape(share):
            continue
        g = at(event.gradient, index)
        s, sent = at(slope, index), at(share, index)
        said = {
            "gradient": short(g), "slope": short(s), "share": short(sent),
            "out": written(str(event.output), index), "formula": call(event, numbers),
            "to": written(str(event.inputs[k]), index), "op": event.op,
            "inputs": given(event, numbers),
        }  # fmt: skip
        yield (
            _sign(event, g, s, sent, said, words)
            if pick(2)
            else _share(event, g, s, sent, said, words)
        )


def _sign(
    event: Event, g: float, s: float, sent: float, said: Any, words: Words
) -> Question:
    options = tuple(words["sign options"].split("|"))
    right = options[0 if sent > 0 else 1 if sent < 0 else 2]
    wrong = words["sign turned"] if sent else words["sign flat"]
    mistakes = [Mistake(o, wrong) for o in options[:2] if o != right]
    return Question(
        "chain rule", event.id, words["sign"].format(**said), right,
        words["sign because"].format(**said), options, tuple(mistakes),
    )  # fmt: skip


def _share(
    event: Event, g: float, s: float, sent: float, said: Any, words: Words
) -> Question:
    mistakes = [
        Mistake(g, words["share unchanged"]),
        Mistake(s, words["share slope"]),
        Mistake(g + s, words["share added"]),
        Mistake(-sent, words["share sign"]),
    ]
    return Question(
        "chain rule", event.id, words["share"].format(**said), sent,
        words["share because"].format(**said),
        mistakes=other(mistakes, sent, words, op=event.op),
    )  # fmt: skip


def fork(step: Step, words: Words, pick: Pick) -> Iterator[Question]:
    """The gradient of a number that is used in several places."""
    came_back: dict[int, list[tuple[int, Any]]] = {}
    for event in step.events():
        if event.kind == "backward":
            for q, share in zip(event.inputs, event.shares, strict=True):
                if share is not None and not isinstance(share, Summary):
                    came_back.setdefault(q.id, []).append((event.id, share))
    for quantity, back in came_back.items():
        shapes = {np.shape(share) for _, share in back}
        if len(back) < 2 or len(shapes) > 1:
            continue
        index = some_place(back[0][1], pick)
        parts = [at(share, index) for _, share in back]
        total, product = float(sum(parts)), float(np.prod(parts))
        name = written(str(step.structure.quantities[quantity]), index)
        mistakes = [Mistake(p, words["fork one"]) for p in parts]
        mistakes.append(Mistake(product, words["fork product"]))
        yield Question(
            "sum at a fork", back[-1][0],
            words["fork"].format(
                name=name, count=len(parts), shares=words["and"].join(map(short, parts))
            ),
            total,
            words["fork because"].format(
                sum=" + ".join(map(signed, parts)), value=short(total)
            ),
            mistakes=other(mistakes, total, words),
        )  # fmt: skip
