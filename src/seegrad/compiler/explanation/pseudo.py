"""Pseudo-code: the loops of a kernel as a person would write them down.

It follows the same plan as the code generator, so what it says happens: which axes run,
what is summed, in which order, what is stored where. It leaves out how it is made fast,
that is vectors, tiles, packing and threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seegrad.compiler.explanation.body import Body
from seegrad.compiler.explanation.formula import (
    LONG,
    PRODUCT,
    Formula,
    Said,
    bracketed,
)
from seegrad.compiler.explanation.names import Names
from seegrad.compiler.planning.kernels import Item
from seegrad.compiler.programs.index import Axis

WIDTH = 68  # where the notes stand
WIDEST = 90  # letters, from which a line is broken
# combine -> its word, its operator, and what stands there before anything was added
ADDING = {
    "add": ("sum", "+=", "0"),
    "any": ("any", "|=", "False"),
    "all": ("all", "&=", "True"),
    "maximum": ("maximum", "", "-inf"),
    "minimum": ("minimum", "", "inf"),
}


@dataclass
class Line:
    """One line of pseudo-code, and what is worth knowing about it."""

    depth: int
    text: str
    note: str = ""

    def __str__(self) -> str:
        line = "    " * self.depth + self.text
        more = ""
        if len(line) > WIDEST:
            place = line.rfind(" ", 0, WIDEST)
            line, more = (
                line[:place],
                "\n" + "    " * (self.depth + 2) + line[place + 1 :],
            )
        return (f"{line:<{WIDTH}}  {self.note}" if self.note else line) + more


class PseudoCode:
    """The lines of one kernel; ``notes`` says of stored terms where they go."""

    def __init__(self, body: Body, names: Names, notes: dict[Any, str]) -> None:
        self.body, self.kernel = body, body.kernel
        self.names, self.notes = names, notes
        self.formula = Formula(body, names, self._let)
        self.lines: list[Line] = []
        self.depth = 0

    def written(self) -> list[Line]:
        """All lines, from the outermost loop inwards."""
        if self.kernel.kind == "scatter":
            self._scatter()
            return self.lines
        axes = self.kernel.axes if self.kernel.kind == "product" else self.kernel.outer
        self._open(axes)
        if self.kernel.kind == "product":
            self._product()
        else:
            self._phases()
        return self.lines

    def _line(self, text: str, note: str = "") -> None:
        self.lines.append(Line(self.depth, text, note))

    def _let(self, text: str) -> str:
        name = self.names.new()
        self._line(f"{name} = {text}")
        return name

    def _open(self, axes: tuple[Axis, ...]) -> None:
        if axes:
            self._line(f"for {self._ranges(axes)}:")
            self.depth += 1

    def _ranges(self, axes: Any) -> str:
        letters = self.body.letters
        return ", ".join(f"{letters[axis]} in 0..{axis.length}" for axis in axes)

    def _product(self) -> None:
        first, *rest = self.kernel.items
        left, right = (self.formula.read(read) for read in self.body.reads(first))
        text = f"{bracketed(left, PRODUCT)} * {bracketed(right, PRODUCT)}"
        over = [axis for axis in self.body.summed if axis in self.body.letters]
        if over:
            text = f"sum over {self._ranges(over)} of {text}"
        self._assign(first, text)
        for item in rest:
            self._item(item)

    def _scatter(self) -> None:
        (item,) = self.kernel.items
        self._line(f"{self.names.term(item.term)} = 0 everywhere")
        self._open(self.kernel.axes)
        (read,) = self.body.reads(item)
        value, _ = self.formula.read(read)
        place = self.formula.name(item.term, self.body.target)
        self._line(f"{place} += {value}", self.notes.get(item.term, ""))

    def _phases(self) -> None:
        last = max((item.phase for item in self.kernel.items), default=0)
        rows = [item for item in self.kernel.items if item.level == "row"]
        early = self.body.needed_inside()
        for phase in range(last + 1):
            self.formula.phase = phase
            items = [item for item in self.kernel.items if item.phase == phase]
            for item in items:
                if item in rows and item.term in early:
                    self._item(item)
            inside = [item for item in items if item.level != "row"]
            if self.kernel.inner and inside:
                self._inner(inside)
            elif not self.kernel.inner:
                for item in inside:
                    self._item(item)
        for item in rows:  # stored last: the loops may have read what was there before
            if item.term not in early:
                self._item(item)

    def _inner(self, items: list[Item]) -> None:
        """One pass over the inner axes: sums, and what is stored on the way."""
        inner = tuple(axis for axis in self.kernel.axes if axis in self.kernel.inner)
        sums = [item for item in items if item.level == "sum"]
        if len(sums) == len(items) == 1 and self._short(sums[0], inner):
            return
        if sums:
            starts = ", ".join(_adding(item)[2] for item in sums)
            called = ", ".join(map(self._place, sums))
            self._line(f"{called} = {starts}")
        outside = dict(self.formula.known)
        self._open(inner)
        for item in items:
            if item.level == "sum":
                self._add(item)
            else:
                self._item(item)
        self.depth -= bool(inner)
        self.formula.known = outside

    def _short(self, item: Item, inner: tuple[Axis, ...]) -> bool:
        """Write a single sum on one line, if it fits there."""
        before = len(self.lines), self.names.temporaries, dict(self.formula.known)
        (read,) = self.body.reads(item)
        value, _ = self.formula.read(read)
        if len(self.lines) > before[0] or len(value) > LONG:
            del self.lines[before[0] :]
            self.names.temporaries, self.formula.known = before[1:]
            return False
        word = _adding(item)[0]
        self._assign(item, f"{word} over {self._ranges(inner)} of {value}")
        return True

    def _add(self, item: Item) -> None:
        (read,) = self.body.reads(item)
        value, _ = self.formula.read(read)
        word, sign, _ = _adding(item)
        name, note = self._place(item), self.notes.get(item.term, "")
        text = f"{name} {sign} {value}" if sign else f"{name} = {word}({name}, {value})"
        self._line(text, note)

    def _item(self, item: Item) -> None:
        if not item.stored and self.formula.is_inline(item.term):
            return
        said: Said = self.formula.made(item.term, item.index)
        self._assign(item, said[0])

    def _assign(self, item: Item, text: str) -> None:
        self._line(f"{self._place(item)} = {text}", self.notes.get(item.term, ""))

    def _place(self, item: Item) -> str:
        """Where an item goes: to memory if it is stored, else it is just a number."""
        return self.formula.name(item.term, item.index if item.stored else ())


def _adding(item: Item) -> tuple[str, str, str]:
    """What a reduction does: the word, the operator if there is one, the start."""
    assert item.term.op is not None
    return ADDING[str(item.term.op.facts.combine)]
