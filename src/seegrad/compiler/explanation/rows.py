"""One row for each kernel, as plain data: what a table, a page or a drawing shows.

Nothing in a row is an object of the compiler, so whoever draws it need not know one.
Rows are made in the order in which the kernels run, and names are given on the way.
"""

from __future__ import annotations

import linecache
import math
from pathlib import Path
from typing import Any

from seegrad.compiler.explanation.body import Body
from seegrad.compiler.explanation.counts import counted
from seegrad.compiler.explanation.names import Names
from seegrad.compiler.explanation.pseudo import PseudoCode
from seegrad.compiler.planning.kernels import Kernel
from seegrad.compiler.planning.memory import ARENA, NUMBERS
from seegrad.compiler.planning.table import ALONE, CHECK, WAIT
from seegrad.compiler.programs.program import Term
from seegrad.compiler.tracing.sources import Gradient

BITS = {"waits": WAIT, "alone": ALONE, "checks": CHECK}


class Rows:
    """Makes the rows of one native step."""

    def __init__(self, native: Any, names: Names) -> None:
        self.native, self.names = native, names
        self.schedule, self.layout = native.schedule, native.layout
        self.notes = self._notes()
        self.home = {
            item.term: number
            for number, kernel in enumerate(self.schedule.kernels)
            for item in kernel.items
        }

    def made(self) -> list[dict[str, Any]]:
        """All rows, in the order in which the kernels run."""
        return [self._row(k, kernel) for k, kernel in enumerate(self.schedule.kernels)]

    def _row(self, number: int, kernel: Kernel) -> dict[str, Any]:
        body = Body(kernel, self.layout)
        counts = counted(body)
        entry = self.native.assembly.rows[number]
        pseudo = PseudoCode(body, self.names, self.notes).written()
        stored = [item.term for item in kernel.items if item.stored]
        return {
            "kernel": number,
            "kind": kernel.kind,
            "title": title(kernel),
            "pseudo": [part for line in pseudo for part in str(line).split("\n")],
            "computes": [item.term.op.name for item in kernel.items if item.term.op],
            "melted": [term.op.name for term in body.melted if term.op],
            "reads": list(dict.fromkeys(self._read(body))),
            "writes": [self._written(term) for term in stored],
            "after": self._after(number, kernel),
            "flops": counts.flops,
            "bytes_read": counts.read,
            "bytes_written": counts.written,
            "intensity": counts.intensity,
            "updates": kernel.updates,
            "function": entry.function,
            **{name: bool(entry.bits & bit) for name, bit in BITS.items()},
            "lines": lines([*(item.term for item in kernel.items), *body.melted]),
            "seconds": None,
            "least_seconds": None,
            "share": None,
            "bound": None,
        }

    def _read(self, body: Body) -> list[str]:
        found = [t for t, _ in body.uses if body.is_found(t) and t.number is None]
        return [self.names.term(term) for term in found]

    def _after(self, number: int, kernel: Kernel) -> list[int]:
        """The kernels whose results this one reads."""
        reads = self.schedule.reads[kernel]
        homes = {self.home[term] for _, term, _ in reads if term in self.home}
        return sorted(homes - {number})

    def _written(self, term: Term) -> dict[str, Any]:
        slot, offset = self.layout.places[term]
        where = f"arena {offset:,}" if slot == ARENA else self.notes[term]
        if slot == NUMBERS:
            where = "a Python number"
        return {
            "name": self.names.term(term),
            "shape": list(term.shape),
            "dtype": term.dtype.name,
            "bytes": term.size * term.dtype.itemsize,
            "where": where,
        }

    def _notes(self) -> dict[Term, str]:
        """What becomes of everything that is stored."""
        notes = {
            item.term: "stored"
            for kernel in self.schedule.kernels
            for item in kernel.items
            if item.stored
        }
        notes |= dict.fromkeys(self.schedule.checks, "check")
        for goal in self.schedule.goals:
            if isinstance(goal.target, int):
                notes[goal.term] = "returned"
            elif isinstance(goal.target, Gradient):
                notes[goal.term] = "gradient"
            else:
                notes[goal.term] = "in place"
        return notes


def title(kernel: Kernel) -> str:
    """The kind and the lengths of the axes of a kernel, in words."""
    if kernel.kind == "product" and kernel.product is not None:
        product = kernel.product
        stack, rows, columns, depth = (math.prod(n) for n in product[:4])
        many = f"{stack} of " if stack != 1 else ""
        sizes = f"{_sized(rows, 'row')} x {_sized(columns, 'column')}"
        return f"product, {many}{sizes}, inner {depth}"
    outer = [axis.length for axis in kernel.outer]
    inner = [axis.length for axis in kernel.axes if axis in kernel.inner]
    if kernel.kind == "scatter":
        return f"scatter, {_times(outer)} numbers"
    if not inner:
        return f"loop, {_times(outer)} numbers" if outer else "loop, single numbers"
    once = f"loop, sums of {_times(inner)}"
    return f"{once}, {_times(outer)} times" if outer else once


def _sized(length: int, word: str) -> str:
    return f"{length} {word}{'' if length == 1 else 's'}"


def _times(lengths: Any) -> str:
    return " x ".join(map(str, lengths)) or "1"


def lines(terms: list[Term]) -> list[dict[str, Any]]:
    """The lines of the user's code that terms came from, each once, with their text."""
    found = dict.fromkeys(
        term.line for term in sorted(terms, key=lambda term: term.order) if term.line
    )
    return [
        {"file": Path(file).name, "line": number, "text": text(file, number)}
        for file, number in found
    ]


def text(file: str, number: int) -> str:
    """A line of a source file, or nothing where there is no such file any more."""
    return linecache.getline(file, number).strip()
