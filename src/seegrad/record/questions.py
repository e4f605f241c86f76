"""Questions made from a tape: any model and any data give some.

Each function below looks for moments of one kind and asks about their real numbers. The
wrong answers that a question recognises are computed from the same numbers with a
mistake put in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from seegrad.record.address import Index, written
from seegrad.record.arithmetic import signed
from seegrad.record.event import Event
from seegrad.record.numbers import short
from seegrad.record.parts import Walk
from seegrad.record.question import Mistake, Question
from seegrad.record.step import Step
from seegrad.record.summary import Summary

Words = dict[str, str]
Pick = Callable[[int], int]  # a whole number below this one, by the quiz's own seed
SLOPED = {"relu", "tanh", "sigmoid", "exp", "log", "mul", "div", "softplus", "gelu"}
MOST_TERMS = 3  # factors that one can multiply in one's head


def forward(step: Step, words: Words, pick: Pick) -> Iterator[Question]:
    """What comes out of an op, from what goes in."""
    for event in _operations(step):
        index = _some_place(event.value, pick)
        if event.op == "matmul" and np.ndim(event.value) == 2:
            yield from _product(event, index, words)
        elif _is_slope_op(event):
            numbers = _inputs_at(event, index)
            if numbers is None:
                continue
            value, formula = _at(event.value, index), _call(event)
            mistakes = [Mistake(numbers[0], words["forward identity"])]
            if len(numbers) > 1:
                mistakes = []
            yield Question(
                "forward", event.id,
                words["forward"].format(inputs=_given(event, numbers), formula=formula),
                value,
                words["forward because"].format(
                    arithmetic=_call(event, numbers), value=short(value)
                ),
                mistakes=_other(mistakes, value, words, op=event.op),
            )  # fmt: skip


def _product(event: Event, index: Index, words: Words) -> Iterator[Question]:
    row = np.asarray(event.input_values[0])[index[0]]
    column = np.asarray(event.input_values[1])[:, index[1]]
    if not 2 <= len(row) <= MOST_TERMS:
        return
    value = _at(event.value, index)
    pairs = list(zip(row.tolist(), column.tolist(), strict=True))
    terms = " + ".join(f"{signed(a)} * {signed(b)}" for a, b in pairs)
    mistakes = [
        Mistake(pairs[0][0] * pairs[0][1], words["product first"]),
        Mistake(float(row.sum() + column.sum()), words["product sum"]),
    ]
    yield Question(
        "forward", event.id, words["product"].format(terms=terms), value,
        words["product because"].format(arithmetic=terms, value=short(value)),
        mistakes=_other(mistakes, value, words),
    )  # fmt: skip


def chain_rule(step: Step, words: Words, pick: Pick) -> Iterator[Question]:
    """What is sent on: its sign, or its size."""
    for event in step.events():
        if event.kind != "backward" or event.local is None or not _is_slope_op(event):
            continue
        index = _some_place(event.gradient, pick)
        numbers = _inputs_at(event, index)
        reached = [k for k, share in enumerate(event.shares) if share is not None]
        k = reached[pick(len(reached))]
        slope, share = event.local[k], event.shares[k]
        if numbers is None or np.shape(slope) != np.shape(share):
            continue
        g = _at(event.gradient, index)
        s, sent = _at(slope, index), _at(share, index)
        said = {
            "gradient": short(g), "slope": short(s), "share": short(sent),
            "out": written(str(event.output), index), "formula": _call(event, numbers),
            "to": written(str(event.inputs[k]), index), "op": event.op,
            "inputs": _given(event, numbers),
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
        mistakes=_other(mistakes, sent, words, op=event.op),
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
        index = _some_place(back[0][1], pick)
        parts = [_at(share, index) for _, share in back]
        total, product = float(sum(parts)), float(np.prod(parts))
        name = written(str(step.structure.quantities[quantity]), index)
        mistakes = [Mistake(p, words["fork one"]) for p in parts]
        mistakes.append(Mistake(product, words["fork product"]))
        yield Question(
            "sum at a fork", back[-1][0],
            words["fork"].format(
                name=name, count=len(parts), shares=", ".join(map(short, parts))
            ),
            total,
            words["fork because"].format(
                sum=" + ".join(map(signed, parts)), value=short(total)
            ),
            mistakes=_other(mistakes, total, words),
        )  # fmt: skip


def update(step: Step, words: Words, pick: Pick) -> Iterator[Question]:
    """Which way a weight goes, and which of several goes furthest."""
    moved = [e for e in step.events() if e.kind == "assign" and _known(e)]
    gradients = {e.deed.output: e.value for e in step.events() if e.kind == "gradient"}
    for event in moved:
        index = _some_place(event.value, pick)
        found = gradients.get(event.deed.output)
        if found is None or isinstance(found, Summary):
            continue
        g = _at(found, index)
        before, after = _at(event.before, index), _at(event.value, index)
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
            index = _some_place(event.value, pick)
            change = _at(event.value, index) - _at(event.before, index)
            name = written(str(event.output), index)
            candidates[name] = (change, _at(found, index), event)
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
        if event.op != "accumulate" or not _known(event) or walk.batch is None:
            continue
        index = _some_place(event.value, pick)
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
                gradient=short(_at(event.value, index)),
            ),
            tuple(option.format(k=k) for k in shown),
        )  # fmt: skip


MAKERS = (forward, chain_rule, fork, update, cause)


# Small things -------------------------------------------------------------------------


def _operations(step: Step) -> Iterator[Event]:
    for event in step.events():
        if event.kind == "operation" and event.phase == "forward" and _known(event):
            yield event


def _known(event: Event) -> bool:
    """Whether the tape kept its numbers, and there are any."""
    numbers = (*event.input_values, event.value)
    kept = not any(isinstance(v, Summary) or v is None for v in numbers)
    return kept and all(np.size(v) for v in numbers)


def _is_slope_op(event: Event) -> bool:
    return event.op in SLOPED and _known(event)


def _inputs_at(event: Event, index: Index) -> list[float] | None:
    """The numbers that went in at a place, where they stand side by side."""
    out = event.output.shape
    if any(q.shape not in ((), out) for q in event.inputs):
        return None
    return [
        _at(v, index if q.shape else ())
        for q, v in zip(event.inputs, event.input_values, strict=True)
    ]


def _given(event: Event, numbers: list[float]) -> str:
    names = [event.deed.definition.input_name(k) for k in range(len(numbers))]
    return ", ".join(f"{n} = {short(v)}" for n, v in zip(names, numbers, strict=True))


def _call(event: Event, numbers: list[float] | None = None) -> str:
    """The op as one would write it, with the names or the numbers of its inputs."""
    count = len(event.inputs)
    names = [event.deed.definition.input_name(k) for k in range(count)]
    told = names if numbers is None else [signed(n) for n in numbers]
    if event.symbol in ("+", "-", "*", "/") and count == 2:
        return f"{told[0]} {event.symbol} {told[1]}"
    plain = names if numbers is None else [short(n) for n in numbers]
    return f"{event.op}({', '.join(plain)})"


def _some_place(data: Any, pick: Pick) -> Index:
    shape = np.shape(data)
    return tuple(pick(n) for n in shape)


def _at(data: Any, index: Index) -> float:
    return float(np.asarray(data)[index])


def _other(
    mistakes: list[Mistake], value: float, words: Words, **said: Any
) -> tuple[Mistake, ...]:
    """The mistakes that would not give the right answer by chance."""
    return tuple(
        Mistake(m.answer, m.words.format(**said) if said else m.words)
        for m in mistakes
        if isinstance(m.answer, str) or abs(m.answer - value) > 0.25 * abs(value) + 1e-3
    )
