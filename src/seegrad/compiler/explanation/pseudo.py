"""Pseudo-code: the loops of a kernel as a person would write them down.

It follows the same plan as the code generator, so what it says happens: which axes run,
what is summed, in which order, what is stored where. It leaves out how it is made fast,
that is vectors, tiles, packing and threads.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seegrad.compiler.explanation.body import Body
from seegrad.compiler.explanation.formula import LONG, PRODUCT, Formula, bracketed
from seegrad.compiler.explanation.names import Names
from seegrad.compiler.planning.kernels import Item
from seegrad.compiler.programs.index import Axis
from seegrad.compiler.programs.origins import target
from seegrad.compiler.programs.program import Term

# combine -> its word, its operator, and what stands there before anything was added
ADDING = {
    "add": ("sum", "+=", "0"),
    "any": ("any", "|=", "False"),
    "all": ("all", "&=", "True"),
    "maximum": ("maximum", "", "-inf"),
    "minimum": ("minimum", "", "inf"),
}


class PseudoCode:
    """The ``lines`` of one kernel, from the outermost loop inwards.

    Each is a dictionary with a ``depth``, its ``text``, and a ``note`` of what becomes
    of the number; ``notes`` has these for every term that is stored.
    """

    def __init__(self, body: Body, names: Names, notes: dict[Term, str]) -> None:
        self.body, self.kernel = body, body.kernel
        self.names, self.notes = names, notes
        self.formula = Formula(body, names, self._let)
        self.lines: list[dict[str, Any]] = []
        self.depth = 0
        if self.kernel.kind == "scatter":
            self._scatter()
        elif self.kernel.kind == "product":
            self._product()
        else:
            self._loop()

    def _line(self, text: str, term: Term | None = None) -> None:
        note = self.notes.get(term, "") if term is not None else ""
        self.lines.append({"depth": self.depth, "text": text, "note": note})

    def _let(self, text: str) -> str:
        name = self.names.new()
        self._line(f"{name} = {text}")
        return name

    def _open(self, axes: Iterable[Axis]) -> None:
        if ranges := self._ranges(axes):
            self._line(f"for {ranges}:")
            self.depth += 1

    def _ranges(self, axes: Iterable[Axis]) -> str:
        letters = self.body.letters
        known = [axis for axis in axes if axis in letters]
        return ", ".join(f"{letters[axis]} in 0..{axis.length}" for axis in known)

    def _scatter(self) -> None:
        (item,) = self.kernel.items
        self._line(f"{self.names.term(item.term)} = 0 everywhere")
        self._open(self.kernel.axes)
        value, _ = self.formula.read(self.body.reads(item)[0])
        place = self.formula.name(item.term, target(item.term, item.index))
        self._line(f"{place} += {value}", item.term)

    def _product(self) -> None:
        self._open(self.kernel.axes)
        first, *rest = self.kernel.items
        factors = [self.formula.read(read) for read in self.body.reads(first)]
        text = " * ".join(bracketed(factor, PRODUCT) for factor in factors)
        over = self._ranges(self.body.summed)
        self._assign(first, f"sum over {over} of {text}" if over else text)
        for item in rest:
            self._item(item)

    def _loop(self) -> None:
        """Once over the outer axes, inside once over the inner ones for each phase."""
        items = self.kernel.items
        early = self.body.needed_inside()
        self._open(self.kernel.outer)
        for phase in range(max((item.phase for item in items), default=0) + 1):
            self.formula.phase = phase
            now = [item for item in items if item.phase == phase]
            rows = [item for item in now if item.level == "row"]
            inside = [item for item in now if item.level != "row"]
            for item in rows:
                if item.term in early:
                    self._item(item)
            if self.kernel.inner and inside:
                self._inner(inside)
            else:
                for item in inside:
                    self._item(item)
        for item in items:  # stored last: the loops may have read what was there before
            if item.level == "row" and item.term not in early:
                self._item(item)

    def _inner(self, items: list[Item]) -> None:
        """One pass over the inner axes: sums, and what is stored on the way."""
        sums = [item for item in items if item.level == "sum"]
        ranges = self._ranges(a for a in self.kernel.axes if a in self.kernel.inner)
        start, outside = len(self.lines), dict(self.formula.known)
        if sums:
            named = ", ".join(map(self.formula.place, sums))
            self._line(f"{named} = {', '.join(_adding(item)[2] for item in sums)}")
        self._line(f"for {ranges}:")
        body = len(self.lines)
        self.depth += 1
        for item in items:
            (self._add if item.level == "sum" else self._item)(item)
        self.depth -= 1
        self.formula.known = outside
        if len(sums) == 1 and len(self.lines) == body + 1:
            self._shorten(sums[0], start, ranges)

    def _add(self, item: Item) -> None:
        (read,) = self.body.reads(item)
        value, _ = self.formula.read(read)
        word, sign, _ = _adding(item)
        name = self.formula.place(item)
        text = f"{name} {sign} {value}" if sign else f"{name} = {word}({name}, {value})"
        self._line(text, item.term)

    def _shorten(self, item: Item, start: int, ranges: str) -> None:
        """A sum that is all there is in its loop is one line, if it fits there."""
        (read,) = self.body.reads(item)
        value, _ = self.formula.read(read)
        if len(value) <= LONG:
            del self.lines[start:]
            self._assign(item, f"{_adding(item)[0]} over {ranges} of {value}")

    def _item(self, item: Item) -> None:
        if not self.formula.is_inline(item):
            self._assign(item, self.formula.made(item.term, item.index)[0])

    def _assign(self, item: Item, text: str) -> None:
        self._line(f"{self.formula.place(item)} = {text}", item.term)


def _adding(item: Item) -> tuple[str, str, str]:
    """What a reduction does: the word, the operator if there is one, the start."""
    return ADDING[str(item.term.facts.combine)]
