"""A tape in sentences: each moment told with its real numbers, in two languages.

The same sentence is the caption of the player, the text for screen readers, and a line
in the terminal. A sentence is a template (`words_en`, `words_de`) chosen by the kind of
moment; the numbers are those of the tape, so a wrong number is a wrong sentence.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seegrad.errors import unknown_name
from seegrad.record import words_de, words_en
from seegrad.record.arithmetic import first, substituted, terms
from seegrad.record.event import Event
from seegrad.record.events import Events
from seegrad.record.numbers import FEW, brief, short
from seegrad.record.summary import Summary

WORDS = {"en": words_en.TEMPLATES, "de": words_de.TEMPLATES}
LANGUAGES = tuple(WORDS)
KINKED = {"relu", "maximum", "leaky_relu"}  # flat on one side


def sentence(event: Event, language: str = "en") -> str:
    """One sentence that says what happened in an event, with its numbers."""
    words = words_of(language)
    told = {
        "operation": _operation,
        "backward": _backward,
        "gradient": _gradient,
        "assign": _assign,
    }[event.kind](event, words)
    if event.kind == "operation" and event.deed.parameter:
        told = words["formula"].format(parameter=event.parameter, sentence=told)
    return told


def story(events: Events, language: str = "en", step: int | None = None) -> str:
    """The sentences of a tape, or of one step of it, under a heading for each phase."""
    words = words_of(language)
    steps = events.steps if step is None else [events.step(step)]
    lines: list[str] = []
    for record in steps:
        if len(steps) > 1:
            lines.append(words["step"].format(step=record.number))
        latest = ""
        for event in record.events():
            if event.phase != latest:
                lines += ["", words[event.phase]]
                latest = event.phase
            lines.append(f"{event.id:>5}  {sentence(event, language)}")
    if events.problem:
        lines += ["", words["problem"].format(problem=events.problem)]
    return "\n".join(lines).strip("\n")


def words_of(language: str) -> dict[str, str]:
    """The templates of a language; ArgumentError for one that is not spoken."""
    if language not in WORDS:
        raise unknown_name("language", language, WORDS)
    return WORDS[language]


# Each kind of moment ------------------------------------------------------------------


def _operation(event: Event, words: dict[str, str]) -> str:
    put_in = [
        str(q) if q.role != "constant" else short(first(value))
        for q, value in zip(event.inputs, event.input_values, strict=True)
    ]
    names = words["and"].join(dict.fromkeys(put_in))
    said = {"op": event.op, "inputs": names, "out": str(event.output)}
    said |= {"count": f"{_size(event.value):,}", "shape": _by(event.output.shape)}
    said["value"] = told(event.value, words)
    values = event.input_values
    kind = getattr(event.deed.definition, "kind", "opaque")
    if any(isinstance(v, Summary) or v is None for v in (*values, event.value)):
        return words["unknown"].format(**said)
    if not all(map(_size, (*values, event.value))):
        return words["opaque"].format(**said)  # a batch of nothing
    if kind == "elementwise":
        text = _elementwise(event, words, said)
    elif kind == "contraction" and event.op == "matmul":
        text = _product(event, words, said)
    elif kind == "reduction":
        dim = event.settings.get("dim", "None")
        over = "" if dim == "None" else words["over"].format(dim=dim)
        said["count"] = f"{_size(values[0]):,}"
        text = words["reduction"].format(**said, over=over)
    else:
        text = words.get(kind, words["opaque"]).format(**said)
    return text + (words["total"] if _is_loss(event) else "")


def _elementwise(event: Event, words: dict[str, str], said: dict[str, Any]) -> str:
    said["arithmetic"] = substituted(event)
    single = _size(event.value) == 1
    if not single:
        said["value"] = short(first(event.value))
    text = words["one" if single else "each"].format(**said)
    if event.op in KINKED:
        zeros = int((np.asarray(event.value) == 0.0).sum())
        if zeros and single:
            text += words["nothing"].format(**said)
        elif zeros:
            text += words["some"].format(count=zeros, total=said["count"])
    return text


def _product(event: Event, words: dict[str, str], said: dict[str, Any]) -> str:
    left, right = event.input_values
    shapes = [_by(np.shape(v)) for v in (left, right)]
    return words["product"].format(
        left=event.inputs[0], left_shape=shapes[0], right=event.inputs[1],
        right_shape=shapes[1], count=said["count"], inner=np.shape(left)[-1],
        arithmetic=terms(left, right), value=short(first(event.value)),
    )  # fmt: skip


def _backward(event: Event, words: dict[str, str]) -> str:
    lines = [words["start"]] if _starts(event) else []
    reached = [
        (str(q), share, slope)
        for q, share, slope in zip(
            event.inputs, event.shares, event.local or event.shares, strict=True
        )
        if share is not None
    ]
    if event.local is None or any(_passes(*r) for r in reached):
        lines.append(
            words["shared"].format(
                op=event.op, gradient=told(event.gradient, words),
                to=words["and"].join(name for name, _, _ in reached),
                share=words["and"].join(told(share, words) for _, share, _ in reached),
            )
        )  # fmt: skip
    else:
        lines += [_slope(event, *r, words) for r in reached]
    return " ".join(lines)


def _passes(name: str, share: Any, slope: Any) -> bool:
    """Whether a gradient goes on as it is, or there is no slope for each number."""
    kept = not any(isinstance(x, Summary) or x is None for x in (share, slope))
    return not kept or np.shape(slope) != np.shape(share) or bool(np.all(slope == 1.0))


def _slope(
    event: Event, name: str, share: Any, slope: Any, words: dict[str, str]
) -> str:
    """One input of an elementwise op: gradient times slope."""
    text = words["slope" if _size(event.gradient) == 1 else "slopes"].format(
        op=event.op, to=name, local=short(first(slope)),
        gradient=short(first(event.gradient)), share=short(first(share)),
    )  # fmt: skip
    flat, total = int((np.asarray(slope) == 0.0).sum()), _size(slope)
    if flat:
        where = words["where"].format(count=flat, total=total) if total > 1 else ""
        text += words["blocked"].format(where=where)
    return text


def _gradient(event: Event, words: dict[str, str]) -> str:
    said = {"name": str(event.output), "value": told(event.value, words)}
    if event.op == "set_grad":
        return words["replaced"].format(**said)
    if event.before is None:
        return words["set"].format(**said)
    return words["added"].format(**said, before=told(event.before, words))


def _assign(event: Event, words: dict[str, str]) -> str:
    before, after = event.before, event.value
    said = {"name": str(event.output), "count": f"{_size(after):,}"}
    said |= {"before": short(first(before)), "after": short(first(after))}
    if isinstance(before, Summary) or isinstance(after, Summary):
        change = first(after) - first(before)
    else:
        moves = (np.asarray(after, float) - np.asarray(before, float)).ravel()
        change = moves[np.argmax(abs(moves))] if moves.size else math.nan
    key = "moved" if _size(after) == 1 else "moved_many"
    return words[key].format(**said, change=f"{change:+.3g}")


def told(data: Any, words: dict[str, str]) -> str:
    """A value in words: a number, a few numbers, or their shape and spread."""
    if _size(data) == 1:
        return short(first(data))
    if isinstance(data, Summary):
        shape, low, high = data.shape, data.minimum, data.maximum
    else:
        array = np.asarray(data)
        if (array.size <= FEW and array.ndim == 1) or not array.size:
            return brief(array)
        shape, low, high = array.shape, array.min(), array.max()
    return words["spread"].format(shape=_by(shape), low=short(low), high=short(high))


def _size(data: Any) -> int:
    return data.size if isinstance(data, Summary) else int(np.size(data))


def _by(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _starts(event: Event) -> bool:
    """Whether the walk backward starts here: with the gradient of the loss itself."""
    return _start(event) == event.at and _size(event.gradient) == 1


def _is_loss(event: Event) -> bool:
    """Whether the walk backward will start at this result."""
    start = _start(event)
    return start is not None and event.step_record.deeds[start].of == event.at


def _start(event: Event) -> int | None:
    """The place in the step where the walk backward starts."""
    deeds = event.step_record.deeds
    return next((k for k, deed in enumerate(deeds) if deed.kind == "backward"), None)
