"""A tape as one HTML file that plays itself: no server, no network, no second file.

The front end is built from `frontend/` and lies in `static/`; here the tape, its
sentences and the front end are put together. Without scripts the page still tells the
story of the tape as text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import Any

from seegrad.errors import ArgumentError
from seegrad.record.events import Events
from seegrad.record.excerpt import detailed, excerpt
from seegrad.record.question import CONCEPTS
from seegrad.record.quiz import WORDS, quiz
from seegrad.record.step import DETAIL
from seegrad.record.story import LANGUAGES, sentence

HERE = Path(__file__).parent
MOST_TOLD = 400  # sentences in the text alternative
HEIGHT = 860  # of the frame in a notebook, in pixels, until the page says its own
UNTRUSTED = (
    "A recorded training step. It plays here once this notebook is trusted "
    "(File, Trust Notebook) or this cell has run again."
)


def page(tape: Events, detail: int = DETAIL) -> str:
    """The text of an HTML file that plays the tape.

    Arrays of more than ``detail`` numbers are summaries, those of parameters and their
    gradients only where the page would grow too large. Of a long tape, it has as many
    steps as there is room for: the first, the last, and some between.
    """
    shown = excerpt(tape, detail)
    told = {code: _sentences(shown, code) for code in LANGUAGES}
    asked = {code: _questions(shown, code) for code in LANGUAGES}
    whole = {
        "steps": len(tape.steps),
        "events": len(tape),
        "firsts": [step.first for step in shown.steps],
    }
    style, script = (_static(name) for name in ("player.css", "player.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    template = Template((HERE / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        hash=f"sha256-{digest}",
        title=html.escape(f"seegrad: {_heading(tape)}"),
        style=style,
        script=script,
        story=story_html(tape),
        data=_embedded(
            {**detailed(shown, detail), "stories": told, "quiz": asked, "whole": whole}
        ),
    )


def frame(text: str, height: int = HEIGHT) -> str:
    """A page inside another one, as a notebook shows it; it may run its own script.

    The notebook's side of the talk between the two is the frame's ``onload``. What
    stands inside of the frame is what remains of it in a notebook that is not trusted.
    """
    talk = _static("frame.js").strip()
    return (
        f'<iframe srcdoc={_quoted(text)} sandbox="allow-scripts" '
        f'title="seegrad: a recorded training step" '
        f'style="width:100%;height:{height}px;border:0" '
        f"onload={_quoted(f'const frame=this;{talk}')}>{UNTRUSTED}</iframe>"
    )


def _quoted(text: str) -> str:
    """An attribute in single quotes: most of a page are double ones, which may stay."""
    return "'{}'".format(html.escape(text, quote=False).replace("'", "&#39;"))


def story_html(tape: Events) -> str:
    """The tape told in sentences, as plain HTML: what remains without scripts."""
    lines = [f"<h1>{html.escape(_heading(tape))}</h1>"]
    if tape.problem:
        lines.append(f"<p>The recording ended early: {html.escape(tape.problem)}</p>")
    told, phase = 0, ""
    for event in tape:
        heading = f"Step {event.step}, {event.phase}"
        if heading != phase:
            lines += ["</ol>"] * bool(phase) + [f"<h2>{heading}</h2>", "<ol>"]
            phase = heading
        lines.append(f'<li value="{event.id}">{html.escape(sentence(event))}</li>')
        told += 1
        if told == MOST_TOLD:
            break
    lines += ["</ol>"] * bool(phase)
    if len(tape) > told:
        lines.append(f"<p>... and {len(tape) - told:,} more operations.</p>")
    return "\n".join(lines)


def _sentences(tape: Events, language: str) -> list[list[str]]:
    """The sentence of every event, step by step."""
    return [[sentence(e, language) for e in step.events()] for step in tape.steps]


def _questions(tape: Events, language: str) -> dict[str, Any]:
    """The questions about the first step of a tape, if it gives any."""
    concepts = {c: WORDS[language][f"concept {c}"] for c in CONCEPTS}
    try:
        found = quiz(tape, step=tape.steps[0].number, language=language)
    except (ArgumentError, IndexError):  # nothing went backward, or nothing was kept
        return {"concepts": concepts, "questions": []}
    first = tape.steps[0].first
    questions = []
    for question in found:
        plain = asdict(question)
        at = plain.pop("event") - first
        questions.append(plain | {"step": 0, "at": at})
    return {"concepts": concepts, "questions": questions}


def _heading(tape: Events) -> str:
    steps = f"{len(tape.steps)} training step{'' if len(tape.steps) == 1 else 's'}"
    return f"{steps}, {len(tape):,} operations"


def _static(name: str) -> str:
    return (HERE / "static" / name).read_text(encoding="utf-8")


def _embedded(data: Any) -> str:
    """JSON that may stand inside a script element: it cannot end it."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
