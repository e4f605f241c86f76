"""The sentences of the way back: what arrives at an operation, and what it sends on."""

from __future__ import annotations

from typing import Any

import numpy as np

from seegrad.record.arithmetic import first, terms
from seegrad.record.event import Event
from seegrad.record.numbers import short
from seegrad.record.summary import Summary
from seegrad.record.telling import Words, count, size, told


def backward(event: Event, words: Words) -> str:
    """What arrived at an operation, and what each of its inputs got of it."""
    started = words["start"].format(out=event.output)
    lines = [started] if _starts(event) else []
    reached = [
        (str(q), share, slope)
        for q, share, slope in zip(
            event.inputs, event.shares, event.local or event.shares, strict=True
        )
        if share is not None
    ]
    if _is_plain_product(event):
        lines.append(_product_back(event, words))
    elif event.local is None or any(_passes(*r) for r in reached):
        ways = [_way(event, name, share, words) for name, share, _ in reached]
        gradient = told(event.gradient, words)
        lines.append(
            words["shared"].format(
                op=event.op, gradient=gradient, ways=words["and"].join(ways)
            )
        )
    else:
        lines += [_slope(event, *r, words) for r in reached]
    return " ".join(lines)


def _passes(name: str, share: Any, slope: Any) -> bool:
    """Whether a gradient goes on as it is, or there is no slope for each number."""
    kept = not any(isinstance(x, Summary) or x is None for x in (share, slope))
    return not kept or np.shape(slope) != np.shape(share) or bool(np.all(slope == 1.0))


def _way(event: Event, name: str, share: Any, words: Words) -> str:
    """Where a gradient goes on to, and whether as it is."""
    kept = not any(isinstance(x, Summary) for x in (share, event.gradient))
    same = kept and np.array_equal(share, event.gradient)
    key = "same way" if same else "way"
    return words[key].format(to=name, share=told(share, words))


def _is_plain_product(event: Event) -> bool:
    """Whether it is a product of two matrices, and all its numbers were kept."""
    sent = [share for share in event.shares if share is not None]
    numbers = (*event.input_values, *sent, event.gradient)
    return event.op == "matmul" and all(
        not isinstance(x, Summary) and np.ndim(x) == 2 and np.size(x) for x in numbers
    )


def _product_back(event: Event, words: Words) -> str:
    """What the factors of a matrix product get: the gradient times the other one."""
    (x, y), g = map(np.asarray, event.input_values), np.asarray(event.gradient)
    (left, right), (dx, dy) = event.inputs, event.shares
    gets = []
    if dx is not None:
        gets.append(_gets("left gets", left, right, dx, terms(g, y.T), words))
    if dy is not None:
        gets.append(_gets("right gets", right, left, dy, terms(x.T, g), words))
    return words["product back"].format(op=event.op, gets=" ".join(gets))


def _gets(
    key: str, to: Any, other: Any, share: Any, arithmetic: str, words: Words
) -> str:
    return words[key].format(
        to=to, other=other, count=count(size(share), words),
        arithmetic=arithmetic, value=short(first(share)),
    )  # fmt: skip


def _slope(event: Event, name: str, share: Any, slope: Any, words: Words) -> str:
    """One input of an elementwise op: gradient times slope."""
    text = words["slope" if size(event.gradient) == 1 else "slopes"].format(
        op=event.op, to=name, local=short(first(slope)),
        gradient=short(first(event.gradient)), share=short(first(share)),
    )  # fmt: skip
    flat, total = int((np.asarray(slope) == 0.0).sum()), size(slope)
    if flat:
        where = words["where"].format(count=flat, total=total) if total > 1 else ""
        text += words["blocked"].format(where=where)
    return text


def _starts(event: Event) -> bool:
    """Whether the walk backward starts here: with the gradient of the loss itself."""
    alone = size(event.gradient) == 1 and first(event.gradient) == 1.0
    return alone and start_of(event) == event.at


def start_of(event: Event) -> int | None:
    """The place in the step where the walk backward starts."""
    deeds = event.step_record.deeds
    return next((k for k, deed in enumerate(deeds) if deed.kind == "backward"), None)
