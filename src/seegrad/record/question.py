"""One question about a recorded moment, its answer, and the mistakes it recognises.

A wrong answer is compared with what known mistakes would have given (the slope left
out, the sign turned, a path forgotten); if one of them fits, the feedback names it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from seegrad.errors import ArgumentError

CLOSE = 0.1  # an answer within ten per cent is right
CONCEPTS = ("forward", "chain rule", "sum at a fork", "update", "cause")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What a known mistake would have answered, and the words that name it."""

    answer: float | str
    words: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """Whether an answer was right, and what there is to say about it."""

    right: bool
    words: str
    mistake: str = ""

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about event ``event``: ``options`` to choose from, or a number.

    ``explanation`` is the arithmetic that leads to ``answer``; ``concept`` is what it
    is about, one of CONCEPTS.
    """

    concept: str
    event: int
    text: str
    answer: float | str
    explanation: str
    options: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def check(self, given: float | str) -> Feedback:
        """Compare an answer: a number, or an option by its text or its place from 1.

        Raises ArgumentError for what is neither.
        """
        said = self._read(given)
        if self._fits(said, self.answer):
            return Feedback(True, f"✓ {self.explanation}")
        for mistake in self.mistakes:
            if self._fits(said, mistake.answer):
                words = f"✗ {mistake.words} {self.explanation}"
                return Feedback(False, words, mistake.words)
        return Feedback(False, f"✗ {self.explanation}")

    def _read(self, given: float | str) -> float | str:
        if not self.options:
            try:
                return float(str(given).replace(",", ".").replace("−", "-"))
            except ValueError:
                raise ArgumentError(
                    f"the answer is a number, and {given!r} is none",
                    hint="such as 0.25 or -1e-3",
                ) from None
        text = str(given).strip()
        if text in self.options:
            return text
        if text.isdigit() and 1 <= int(text) <= len(self.options):
            return self.options[int(text) - 1]
        listed = ", ".join(self.options)
        raise ArgumentError(
            f"{given!r} is none of the answers: {listed}",
            hint=f"1 to {len(self.options)}, or one of them",
        )

    def _fits(self, said: float | str, answer: float | str) -> bool:
        if isinstance(said, str) or isinstance(answer, str):
            return said == answer
        return math.isclose(said, answer, rel_tol=CLOSE, abs_tol=5e-4)

    def __str__(self) -> str:
        numbered = [f"  {k}  {text}" for k, text in enumerate(self.options, start=1)]
        return "\n".join([self.text, *numbered])
