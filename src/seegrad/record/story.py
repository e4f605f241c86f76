"""A tape in sentences: each moment told with its real numbers, in two languages.

The same sentence is the caption of the player, the text for screen readers, and a line
in the terminal. A sentence is a template (`words_en`, `words_de`) chosen by the kind of
moment; the numbers are those of the tape, so a wrong number is a wrong sentence.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from seegrad.errors import unknown_name
from seegrad.record import words_de, words_en
from seegrad.record.address import written
from seegrad.record.arithmetic import first, substituted, terms
from seegrad.record.event import Event
from seegrad.record.events import Events
from seegrad.record.numbers import short
from seegrad.record.summary import Summary
from seegrad.record.telling import Words, by, count, size, told
from seegrad.record.way_back import backward, start_of

WORDS = {"en": words_en.TEMPLATES, "de": words_de.TEMPLATES}
LANGUAGES = tuple(WORDS)
KINKED = {"relu", "maximum", "leaky_relu"}  # flat on one side


def sentence(event: Event, language: str = "en") -> str:
    """One sentence that says what happened in an event, with its numbers."""
    words = words_of(language)
    told = {
        "operation": _operation,
        "backward": backward,
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


def words_of(language: str) -> Words:
    """The templates of a language; ArgumentError for one that is not spoken."""
    if language not in WORDS:
        raise unknown_name("language", language, WORDS)
    return WORDS[language]


# Each kind of moment ------------------------------------------------------------------


def _operation(event: Event, words: Words) -> str:
    put_in = [
        str(q) if q.role != "constant" else short(first(value))
        for q, value in zip(event.inputs, event.input_values, strict=True)
    ]
    names = words["and"].join(dict.fromkeys(put_in))
    said = {"op": event.op, "inputs": names, "out": str(event.output)}
    said["count"] = count(size(event.value), words)
    said["shape"] = by(event.output.shape) or words["single"]
    said["value"] = told(event.value, words)
    values = event.input_values
    kind = getattr(event.deed.definition, "kind", "opaque")
    if any(isinstance(v, Summary) or v is None for v in (*values, event.value)):
        return words["unknown"].format(**said)
    if not all(map(size, (*values, event.value))):
        return words["opaque"].format(**said)  # a batch of nothing
    if kind == "elementwise":
        text = _elementwise(event, words, said)
    elif kind == "contraction" and event.op == "matmul":
        text = _product(event, words, said)
    elif kind == "reduction":
        said["count"] = count(size(values[0]), words)
        text = words["reduction"].format(**said, over=_over(event, words))
    elif kind == "movement":
        text = _movement(event, words, said)
    else:
        text = words.get(kind, words["opaque"]).format(**said)
    return text + (words["total"] if _is_loss(event) else "")


def _elementwise(event: Event, words: Words, said: dict[str, Any]) -> str:
    said["arithmetic"] = substituted(event)
    single = size(event.value) == 1
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


def _product(event: Event, words: Words, said: dict[str, Any]) -> str:
    left, right = event.input_values
    shapes = [by(np.shape(v)) for v in (left, right)]
    key = "product of one" if np.shape(left)[-1] == 1 else "product"
    return words[key].format(
        left=event.inputs[0], left_shape=shapes[0], right=event.inputs[1],
        right_shape=shapes[1], count=said["count"], inner=np.shape(left)[-1],
        arithmetic=terms(left, right), value=short(first(event.value)),
    )  # fmt: skip


def _movement(event: Event, words: Words, said: dict[str, Any]) -> str:
    before = event.inputs[0].shape
    if (
        len(before) == 2
        and event.op == "permute"
        and event.output.shape == before[::-1] != before
    ):
        return words["transposed"].format(**said, before=by(before))
    return words["reshaped" if event.op == "reshape" else "movement"].format(**said)


def _over(event: Event, words: Words) -> str:
    """Along which axes a reduction went, if not along all of them."""
    axes = re.findall(r"-?\d+", event.settings.get("dim", ""))
    if len(axes) == len(event.inputs[0].shape):
        return ""
    key = "over" if len(axes) == 1 else "over many"
    return words[key].format(dim=words["and"].join(axes)) if axes else ""


def _gradient(event: Event, words: Words) -> str:
    said = {"name": str(event.output), "value": told(event.value, words)}
    if event.op == "set_grad":
        return words["replaced"].format(**said)
    if event.before is None:
        return words["set"].format(**said)
    return words["added"].format(**said, before=told(event.before, words))


def _assign(event: Event, words: Words) -> str:
    before, after = event.before, event.value
    name = str(event.output)
    said = {"name": name, "count": count(size(after), words)}
    if isinstance(before, Summary) or isinstance(after, Summary):
        ends = {"before": short(first(before)), "after": short(first(after))}
        return words["moved unseen"].format(**said, **ends)
    old, new = np.asarray(before, float), np.asarray(after, float)
    moves = new - old
    if not moves.any():
        return words["unmoved"].format(**said)
    at = np.unravel_index(int(np.argmax(abs(moves))), moves.shape)
    most = written(name, tuple(map(int, at)))
    key = "moved" if moves.size == 1 else "moved many"
    return words[key].format(
        **said, most=most, before=short(old[at]), after=short(new[at]),
        change=f"{moves[at]:+.3g}",
    )  # fmt: skip


def _is_loss(event: Event) -> bool:
    """Whether the walk backward will start at this result."""
    start = start_of(event)
    return start is not None and event.step_record.deeds[start].of == event.at
