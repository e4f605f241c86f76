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
from seegrad.compiler.programs.index import Axis, Expression, Index, Quotient
from seegrad.compiler.programs.origins import Condition, Read, origins
from seegrad.compiler.programs.program import Term

LONG = 46  # letters, from which a part of a formula gets a line of its own
CHOICE, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(7)
BINDING = {
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), COMPARISON),
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
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

    def read(self, read: Read) -> Said:
        """A number where its conditions hold, and 0 elsewhere."""
        return self._chosen(read, ("0", ATOM))

    def number(self, term: Term, index: Index) -> Said:
        """The number of a term at an index."""
        if term.number is not None:
            return literal(term)
        found = self.known.get((term, index))
        if found is not None:
            return found, ATOM
        item = self.body.items.get(term)
        if item is not None and not self.is_inline(term) and not self._is_gone(item):
            return self.name(term, item.index if item.stored else ()), ATOM
        if item is None and self.body.is_found(term):
            return self.name(term, index), ATOM
        said = self.made(term, index)
        often = self.body.uses.get((term, index), 1) > 1 and said[1] != ATOM
        if often or len(said[0]) > LONG:
            self.known[term, index] = self.let(said[0])
            return self.known[term, index], ATOM
        return said

    def is_inline(self, term: Term) -> bool:
        """Whether an item is written where it is used, for it is used nowhere else."""
        item = self.body.items[term]
        alone = self.body.asked.get(term, 0) == 1
        return alone and not item.stored and term.kind == "elementwise"

    def _is_gone(self, item: Item) -> bool:
        """Whether an item was there in an earlier pass only: it is computed again."""
        inside = item.level == "all" and bool(self.body.kernel.inner)
        return inside and not item.stored and item.phase != self.phase

    def name(self, term: Term, index: Index) -> str:
        """A name with its index in brackets."""
        inside = ", ".join(self.expression(part) for part in index)
        name = self.names.term(term)
        return f"{name}[{inside}]" if inside else name

    def made(self, term: Term, index: Index) -> Said:
        """The number as its op makes it from others."""
        reads = origins(term, index)
        if term.kind != "elementwise":
            said: Said = ("0", ATOM)
            for read in reads:
                said = self._chosen(read, said)
            return said
        assert term.op is not None
        inputs = [self.number(read.term, read.index) for read in reads]
        symbol = term.op.symbol
        if len(inputs) == 2 and symbol in BINDING:
            strength = BINDING[symbol]
            left = bracketed(inputs[0], strength + (symbol == "**"))
            right = bracketed(inputs[1], strength + 1)  # floats are not associative
            return f"{left} {symbol} {right}", strength
        if symbol == "neg":
            return f"-{bracketed(inputs[0], SIGN)}", SIGN
        if term.op.name in PASSING:
            return inputs[0]
        if term.op.name == "cast":
            return f"{term.dtype.name}({inputs[0][0]})", ATOM
        settings = [f"{name}={value}" for name, value in term.settings.items()]
        inside = ", ".join([*(text for text, _ in inputs), *settings])
        return f"{term.op.name}({inside})", ATOM

    def _chosen(self, read: Read, rest: Said) -> Said:
        value = self.number(read.term, read.index)
        if not read.conditions:
            return value
        conditions = " and ".join(self.condition(c) for c in read.conditions)
        text = f"{bracketed(value, COMPARISON)} if {conditions} else {rest[0]}"
        return text, CHOICE

    def condition(self, condition: Condition) -> str:
        """A condition as Python would write it."""
        text = self.expression(condition.expression)
        if condition.length == 1:
            return f"{text} == 0"
        return f"0 <= {text} < {condition.length}"

    def expression(self, expression: Expression) -> str:
        """An index: counters times whole numbers."""
        text = ""
        for atom, n in expression.atoms.items():
            factor = "" if abs(n) == 1 else f"{abs(n)}*"
            sign = ("-" if n < 0 else "") if not text else (" - " if n < 0 else " + ")
            said = bracketed(self._atom(atom), ATOM if factor or n < 0 else PRODUCT)
            text += f"{sign}{factor}{said}"
        number = expression.constant
        if not text:
            return str(number)
        if number:
            text += f" {'-' if number < 0 else '+'} {abs(number)}"
        return text

    def _atom(self, atom: Any) -> Said:
        if isinstance(atom, Axis):
            return self.body.letters.get(atom, atom.name), ATOM
        if isinstance(atom, Quotient):
            inner = self.expression(atom.inner)
            inner = inner if inner.isalnum() else f"({inner})"
            return f"{inner} {'%' if atom.rest else '//'} {atom.divisor}", PRODUCT
        return self.number(atom.term, atom.index)


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
