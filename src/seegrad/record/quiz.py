"""Predict, then look: questions about a tape before it shows its numbers.

Predicting first is what makes a demonstration teach. The quiz keeps a score for each
concept, and asks next about the one that went worst.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seegrad import random
from seegrad.errors import ArgumentError, unknown_name
from seegrad.record import ask_de, ask_en
from seegrad.record.events import Events
from seegrad.record.question import CONCEPTS, Feedback, Question
from seegrad.record.questions import chain_rule, fork, forward
from seegrad.record.questions_about_updates import cause, update

MAKERS = (forward, chain_rule, fork, update, cause)
WORDS = {"en": ask_en.TEMPLATES, "de": ask_de.TEMPLATES}


class Quiz:
    """Questions about a tape: ask for the ``next``, ``answer`` it, or ``play`` all.

    ``questions`` are all there are, ``asked`` the answered ones with their feedback.
    """

    def __init__(self, questions: list[Question], language: str = "en") -> None:
        self.questions, self.words = questions, WORDS[language]
        self.asked: list[tuple[Question, Feedback]] = []

    def __len__(self) -> int:
        return len(self.questions)

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def next(self) -> Question | None:
        """The question to ask next: of the concept with the lowest share of right ones.

        None when all have been answered.
        """
        done = {id(question) for question, _ in self.asked}
        open_ = [q for q in self.questions if id(q) not in done]
        return min(open_, key=self._priority, default=None)

    def _priority(self, question: Question) -> tuple[float, int, int]:
        right, asked = self.score.get(question.concept, (0, 0))
        share = right / asked if asked else 0.0
        return share, asked, CONCEPTS.index(question.concept)

    def answer(self, question: Question, given: float | str) -> Feedback:
        """Check an answer and keep the score; ArgumentError if it cannot be read."""
        feedback = question.check(given)
        self.asked.append((question, feedback))
        return feedback

    @property
    def score(self) -> dict[str, tuple[int, int]]:
        """For each concept, how many were right of how many asked."""
        found: dict[str, tuple[int, int]] = {}
        for question, feedback in self.asked:
            right, asked = found.get(question.concept, (0, 0))
            found[question.concept] = (right + feedback.right, asked + 1)
        return found

    def play(
        self,
        most: int = 10,
        *,
        ask: Callable[[str], str] = input,
        say: Callable[[str], Any] = print,
    ) -> dict[str, tuple[int, int]]:
        """Ask in the terminal: up to ``most`` questions; an empty answer ends it."""
        for _ in range(most):
            question = self.next()
            if question is None:
                break
            say(f"\n{question}")
            given = ask(self.words["prompt"])
            if not given.strip():
                break
            try:
                say(str(self.answer(question, given)))
            except ArgumentError as error:
                say(str(error))
        say(repr(self))
        return self.score

    def __repr__(self) -> str:
        told = [
            self.words["score"].format(
                concept=self.words[f"concept {c}"], right=right, asked=asked
            )
            for c, (right, asked) in self.score.items()
        ]
        return f"Quiz({', '.join(told) or f'{len(self)} questions'})"


def quiz(
    tape: Events,
    *,
    ask: str = "",
    step: int = 0,
    seed: int = 0,
    language: str = "en",
    most: int = 40,
) -> Quiz:
    """Questions about a step of a tape, made from what happened in it.

    ``ask`` keeps one concept: "forward", "chain rule", "sum at a fork", "update" or
    "cause"; ``seed`` chooses the places that are asked about. Raises ArgumentError for
    another concept or language, or where a step gives no question.

    >>> from seegrad import Value
    >>> from seegrad.record import recording
    >>> with recording() as tape:
    ...     x = Value(2.0, name="x", requires_grad=True)
    ...     (x * x).backward()
    >>> (question,) = quiz(tape, ask="sum at a fork")
    >>> quiz(tape).answer(question, 4).right
    True
    """
    if ask and ask not in CONCEPTS:
        raise unknown_name("concept", ask, CONCEPTS)
    if language not in WORDS:
        raise unknown_name("language", language, WORDS)
    record = tape.step(step)
    chance = random.seeded("quiz", seed)

    def pick(below: int) -> int:
        return int(chance.integers(below))

    found = [q for make in MAKERS for q in make(record, WORDS[language], pick)]
    kept = [q for q in found if ask in ("", q.concept)]
    if not kept:
        raise ArgumentError(
            f"step {step} gives no question{f' about {ask}' if ask else ''}",
            where="quiz",
            hint="a step that was recorded whole, with its backward and its update",
        )
    order = chance.permutation(len(kept)).tolist()
    return Quiz([kept[k] for k in sorted(order[:most])], language)
