"""Formulas: the number at one place of a kernel, written as a person would write it.

A number that is asked for twice, or whose formula would be too long for a line, gets a
line and a name of its own. Everything else is written where it is used, because that is
where it is computed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seegrad.compiler.explanation.body import Body
from seegrad.compiler.explanation.names import Names
from seegrad.compiler.planning.kernels import Item
from seegrad.compiler.programs.index import Axis, Expression, Quotient
from seegrad.compiler.programs.origins import Condition, Index, Read, origins
from seegrad.compiler.programs.program import Term

LONG = 46  # letters, from which a part of a formula gets a line of its own
CHOICE, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(7)
BINDING = {
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), COMPARISON),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/"), PRODUCT),
    "**": POWER,
}
PASSING = ("alias", "detach")  # they hand a number on
Said = tuple[str, int]  # a formula, and how tightly its outermost sign binds


class Formula:
    """Writes the numbers of one kernel; ``let`` gives a formula a line of its own."""

    def __init__(self, body: Body, names: Names, let: Callable[[str], str]) -> None:
        self.body, self.names, self.let = body, names, let
        self.known: dict[tuple[Term, Index], str] = {}
        self.phase = 0  # how many passes over the inner axes came before

    def read(self, read: Read, rest: str = "0") -> Said:
        """A number where its conditions hold, and the rest elsewhere."""
        value = self._number(read.term, read.index)
        if not read.conditions:
            return value
        conditions = " and ".join(map(self._condition, read.conditions))
        return f"{bracketed(value, COMPARISON)} if {conditions} else {rest}", CHOICE

    def name(self, term: Term, index: Index) -> str:
        """A name with its index in brackets."""
        inside = ", ".join(map(self._expression, index))
        name = self.names.term(term)
        return f"{name}[{inside}]" if inside else name

    def place(self, item: Item) -> str:
        """Where an item is: in memory if it is stored, else it is just a number."""
        return self.name(item.term, item.index if item.stored else ())

    def is_inline(self, item: Item) -> bool:
        """Whether an item is written where it is used, for it is used nowhere else."""
        alone = self.body.asked[item.term] == 1
        return alone and not item.stored and item.term.kind == "elementwise"

    def made(self, term: Term, index: Index) -> Said:
        """The number as its op makes it from others."""
        reads = origins(term, index)
        if term.kind != "elementwise":
            said: Said = ("0", ATOM)
            for read in reads:
                said = self.read(read, said[0])
            return said
        assert term.op is not None
        inputs = [self._number(read.term, read.index) for read in reads]
        symbol, name = term.op.symbol, term.op.name
        if len(inputs) == 2 and symbol in BINDING:
            strength = BINDING[symbol]
            left = bracketed(inputs[0], strength + (symbol == "**"))
            right = bracketed(inputs[1], strength + 1)  # floats are not associative
            return f"{left} {symbol} {right}", strength
        if symbol == "neg":
            return f"-{bracketed(inputs[0], SIGN)}", SIGN
        if name in PASSING:
            return inputs[0]
        settings = [f"{key}={value}" for key, value in term.settings.items()]
        if name == "cast":
            name, settings = term.dtype.name, []
        return f"{name}({', '.join([*(text for text, _ in inputs), *settings])})", ATOM

    def _number(self, term: Term, index: Index) -> Said:
        """The number of a term at an index: its name, or the formula that makes it."""
        if term.number is not None:
            return literal(term)
        if (term, index) in self.known:
            return self.known[term, index], ATOM
        item = self.body.items.get(term)
        if item is not None and not self.is_inline(item) and not self._is_gone(item):
            return self.place(item), ATOM
        if self.body.is_found(term):
            return self.name(term, index), ATOM
        said = self.made(term, index)
        often = self.body.uses[term, index] > 1 and said[1] != ATOM
        if often or len(said[0]) > LONG:
            said = self.let(said[0]), ATOM
            self.known[term, index] = said[0]
        return said

    def _is_gone(self, item: Item) -> bool:
        """Whether an item was there in an earlier pass only: it is computed again."""
        inside = item.level == "all" and bool(self.body.kernel.inner)
        return inside and not item.stored and item.phase != self.phase

    def _condition(self, condition: Condition) -> str:
        text, length = self._expression(condition.expression), condition.length
        return f"{text} == 0" if length == 1 else f"0 <= {text} < {length}"

    def _expression(self, expression: Expression) -> str:
        """An index: counters times whole numbers."""
        parts = []
        for atom, n in expression.atoms.items():
            said = self._atom(atom)
            whole = bracketed(said, PRODUCT if n == 1 else ATOM)
            parts.append((n < 0, whole if abs(n) == 1 else f"{abs(n)}*{whole}"))
        constant = expression.constant
        if constant or not parts:
            parts.append((constant < 0, str(abs(constant))))
        (negative, first), *others = parts
        rest = [f" {'-' if less else '+'} {part}" for less, part in others]
        return "".join(["-" * negative, first, *rest])

    def _atom(self, atom: Any) -> Said:
        if isinstance(atom, Axis):
            return self.body.letters.get(atom, atom.name), ATOM
        if isinstance(atom, Quotient):
            inner = self._expression(atom.inner)
            inner = inner if inner.isalnum() else f"({inner})"
            return f"{inner} {'%' if atom.rest else '//'} {atom.divisor}", PRODUCT
        return self._number(atom.term, atom.index)


def bracketed(said: Said, strength: int) -> str:
    """A formula as a part of another that binds so tightly."""
    text, own = said
    return text if own >= strength else f"({text})"


def literal(term: Term) -> Said:
    """The number that a constant repeats, with as few digits as tell it.

    >>> from seegrad.compiler.programs.program import constant
    >>> import numpy as np
    >>> literal(constant(np.float32(0.1))), literal(constant(np.full(3, -2.0)))
    (('0.1', 6), ('-2', 4))
    """
    text = str(term.dtype.type(term.number)).removesuffix(".0")
    return text, SIGN if text.startswith("-") else ATOM
