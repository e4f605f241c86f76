"""One row for each kernel, and the sums: plain data that text, page and picture print.

Nothing in a row is an object of the compiler, so whoever draws it need not know one.
Rows are made in the order in which the kernels run, and names are given on the way.
"""

from __future__ import annotations

import linecache
import math
from pathlib import Path
from typing import Any

from seegrad.compiler.explanation.body import Body
from seegrad.compiler.explanation.names import Names
from seegrad.compiler.explanation.pseudo import PseudoCode
from seegrad.compiler.explanation.timing import timed
from seegrad.compiler.explanation.units import counted
from seegrad.compiler.machine.roofline import roof
from seegrad.compiler.planning.kernels import Kernel, ProductKernel
from seegrad.compiler.planning.memory import ARENA, NUMBERS
from seegrad.compiler.planning.table import ALONE, CHECK, WAIT
from seegrad.compiler.programs.program import Term
from seegrad.compiler.tracing.sources import Gradient

BITS = {"waits": WAIT, "alone": ALONE, "checks": CHECK}
MEASURED = ("seconds", "least_seconds", "share", "bound")  # None until it is measured


class Rows:
    """Makes the rows of one native step."""

    def __init__(self, native: Any, names: Names) -> None:
        self.native, self.names = native, names
        self.schedule, self.layout = native.schedule, native.layout
        self.notes = self._noted()
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
        entry = self.native.assembly.rows[number]
        pseudo = PseudoCode(body, self.names, self.notes).lines
        terms = [item.term for item in kernel.items]
        writes = [self._written(item.term) for item in kernel.items if item.stored]
        flops, read = body.flops, body.bytes_read
        written = sum(array["bytes"] for array in writes)
        return {
            "kernel": number,
            "kind": kernel.kind,
            "title": title(kernel),
            "pseudo": pseudo,
            "computes": [term.op.name for term in terms if term.op],
            "melted": [term.op.name for term in body.melted if term.op],
            "reads": list(dict.fromkeys(map(self.names.term, body.found))),
            "writes": writes,
            "after": self._after(number, kernel),
            "flops": flops,
            "bytes_read": read,
            "bytes_written": written,
            "intensity": flops / max(read + written, 1),
            "updates": kernel.updates,
            "function": entry.function,
            **{name: bool(entry.bits & bit) for name, bit in BITS.items()},
            "lines": lines([*terms, *body.melted]),
            **dict.fromkeys(MEASURED),
        }

    def _noted(self) -> dict[Term, str]:
        """What becomes of everything that is stored."""
        schedule = self.schedule
        items = [item for kernel in schedule.kernels for item in kernel.items]
        notes = {item.term: "stored" for item in items if item.stored}
        for whole, parts in schedule.joins.items():
            notes |= dict.fromkeys(parts, f"part of {self.names.term(whole)}")
        notes |= dict.fromkeys(schedule.checks, "check")
        for goal in schedule.goals:
            kept = "gradient" if isinstance(goal.target, Gradient) else "in place"
            notes[goal.term] = "returned" if isinstance(goal.target, int) else kept
        return notes

    def _after(self, number: int, kernel: Kernel) -> list[int]:
        """The kernels whose results this one reads."""
        reads = self.schedule.reads[kernel]
        homes = {self.home[term] for _, term, _ in reads if term in self.home}
        return sorted(homes - {number})

    def _written(self, term: Term) -> dict[str, Any]:
        slot, offset = self.layout.places[term]
        note = self.notes[term]
        where = "a Python number" if slot == NUMBERS else note
        if slot == ARENA:
            where = f"arena {offset:,}" + f", {note}" * note.startswith("part")
        return {
            "name": self.names.term(term),
            "shape": list(term.shape),
            "dtype": term.dtype.name,
            "bytes": term.size * term.dtype.itemsize,
            "where": where,
        }


def title(kernel: Kernel) -> str:
    """The kind and the lengths of the axes of a kernel, in words."""
    outer = _times(axis.length for axis in kernel.outer)
    if isinstance(kernel, ProductKernel):
        stack, rows, columns, depth = (math.prod(n) for n in kernel.product[:4])
        many = f"{stack} of " if stack != 1 else ""
        sizes = f"{counted(rows, 'row')} x {counted(columns, 'column')}"
        return f"product, {many}{sizes}, inner {depth}"
    if kernel.kind == "scatter":
        return f"scatter, {outer or 1} numbers"
    if kernel.inner:
        inner = _times(axis.length for axis in kernel.axes if axis in kernel.inner)
        return f"loop, sums of {inner}" + (f", {outer} times" if outer else "")
    return f"loop, {outer} numbers" if outer else "loop, single numbers"


def _times(lengths: Any) -> str:
    return " x ".join(map(str, lengths))


def lines(terms: list[Term]) -> list[dict[str, Any]]:
    """The lines of the user's code that terms came from, each once, with their text.

    The text is empty where there is no such file any more.
    """
    ordered = sorted(terms, key=lambda term: term.order)
    return [
        {
            "file": Path(file).name,
            "line": number,
            "text": linecache.getline(file, number).strip(),
        }
        for file, number in dict.fromkeys(term.line for term in ordered if term.line)
    ]


def summed(name: str, trace: Any, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What all rows come to, and what there was at each stage."""
    native = trace.native
    traced = trace.program.ordered()
    # What an eager run makes an array for; what only moves numbers is a view.
    arrays = [t for t in traced if t.op is not None and t.kind != "movement"]
    return {
        "name": name,
        "traced": len(traced),
        "simplified": len(native.program.ordered()),
        "kernels": len(rows),
        "functions": native.assembly.functions,
        "stored": len({array["name"] for row in rows for array in row["writes"]}),
        "arena_bytes": native.layout.arena_bytes,
        "eager_bytes": sum(term.size * term.dtype.itemsize for term in arrays),
        "flops": sum(row["flops"] for row in rows),
        "bytes": sum(row["bytes_read"] + row["bytes_written"] for row in rows),
        "threads": getattr(native, "threads", 1),
        "seconds": None,
    }


def measure(trace: Any, rows: list[dict[str, Any]], summary: dict[str, Any]) -> None:
    """Time every kernel, and see how near it comes to what the machine can do."""
    best = roof()
    for row, seconds in zip(rows, timed(trace), strict=True):
        threads = 1 if row["alone"] else summary["threads"]
        traffic = row["bytes_read"] + row["bytes_written"]
        least, bound = best.least(row["flops"], traffic, threads)
        found = seconds, least, least / seconds, bound
        row |= dict(zip(MEASURED, found, strict=True))
    for key in ("seconds", "least_seconds"):
        summary[key] = sum(row[key] for row in rows)
    summary |= {"peak_flops": best.flops, "peak_bytes": best.speeds[0][1]}
