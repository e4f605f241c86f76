"""`explain`: everything there is to know about a compiled step, to read and to show.

A compiler that cannot be looked into has to be believed. This one says of every kernel
which lines of the user it came from, what it does as loops a person can read, what it
stores, how much it computes, and which instructions the machine gets.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from seegrad.compiler.explanation import cut, page, text
from seegrad.compiler.explanation.names import Names
from seegrad.compiler.explanation.rows import Rows
from seegrad.compiler.explanation.timing import timed
from seegrad.compiler.machine.roofline import roof
from seegrad.errors import ArgumentError, TraceError


class Explanation:
    """What became of one traced step; ``print`` it, or ``save("step.html")`` it.

    ``graph``, ``plan``, ``loops``, ``ir`` and ``assembly`` are the stages as text,
    ``table`` holds a dictionary of plain data for each kernel, ``summary`` the sums.
    """

    def __init__(self, compiled: Any, trace: Any, measure: bool) -> None:
        self.trace, self.native = trace, trace.native
        self.painter = type(compiled).painter
        self._names = names = Names(compiled, trace)
        names.learn(self.native.schedule, self.native.layout)
        self.table: list[dict[str, Any]] = Rows(self.native, names).made()
        self.summary = self._summed(_name(compiled))
        if measure:
            self._measure()

    def _summed(self, name: str) -> dict[str, Any]:
        native, rows = self.native, self.table
        stored = {written["name"] for row in rows for written in row["writes"]}
        return {
            "name": name,
            "traced": len(self.trace.program.ordered()),
            "simplified": len(native.program.ordered()),
            "kernels": len(rows),
            "functions": native.assembly.functions,
            "stored": len(stored),
            "arena_bytes": native.layout.arena_bytes,
            "eager_bytes": _eager_bytes(self.trace.program),
            "flops": sum(row["flops"] for row in rows),
            "bytes": sum(row["bytes_read"] + row["bytes_written"] for row in rows),
            "threads": getattr(native, "threads", 1),
            "seconds": None,
        }

    def _measure(self) -> None:
        """Time every kernel, and see how near it comes to what the machine can do."""
        best, summary = roof(), self.summary
        for row, seconds in zip(self.table, timed(self.trace), strict=True):
            traffic = row["bytes_read"] + row["bytes_written"]
            threads = 1 if row["alone"] else summary["threads"]
            # It is timed again and again, so its numbers are as near as they can be.
            least = best.seconds(row["flops"], traffic, traffic, threads)
            memory = best.is_memory_bound(row["intensity"], traffic)
            row |= {
                "seconds": seconds,
                "least_seconds": least,
                "share": least / seconds,
            }
            row["bound"] = "memory" if memory else "arithmetic"
        for key in ("seconds", "least_seconds"):
            summary[key] = sum(row[key] for row in self.table)
        summary |= {"peak_flops": best.flops, "peak_bytes": best.speeds[0][1]}

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        kernels = text.counted(len(self.table), "kernel")
        return f"Explanation of {self.summary['name']}: {kernels}"

    @cached_property
    def text(self) -> str:
        """An overview, a table of the kernels, and the loops."""
        parts = text.overview(self.summary), text.table(self.table), self.loops
        return "\n\n".join(parts)

    @cached_property
    def graph(self) -> str:
        """The program, as it was traced and after it was simplified."""
        return text.graph(self.trace.program, self.native.program, self._names.of)

    @cached_property
    def plan(self) -> str:
        """What melted together, what is stored where, and where threads meet."""
        return text.plan(self.table, self.native.layout)

    @cached_property
    def loops(self) -> str:
        """The kernels in pseudo-code, each below the lines that it came from."""
        return text.loops(self.table)

    @cached_property
    def ir(self) -> str:
        """The functions of the kernels in LLVM's language, after its passes."""
        return text.functions(self.table, self._ir)

    @cached_property
    def assembly(self) -> str:
        """The functions of the kernels as instructions of this machine."""
        return text.functions(self.table, self._assembly)

    @cached_property
    def _ir(self) -> dict[str, str]:
        return cut.ir_functions(self.native.built.ir)

    @cached_property
    def _assembly(self) -> dict[str, str]:
        names = [f"kernel_{k}" for k in range(self.native.assembly.functions)]
        return cut.assembly_functions(self.native.built.assembly, names)

    @cached_property
    def svg(self) -> str:
        """A picture of the kernels and the data between them."""
        return str(self.draw().svg())

    def draw(self, **settings: Any) -> Any:
        """Draw the kernels; the settings are those of `draw.compiled_step`."""
        if self.painter is None:
            raise TraceError(
                "nobody has lent the compiler a way to draw", hint="import seegrad"
            )
        return self.painter(self.table, name=self.summary["name"], **settings)

    def _repr_html_(self) -> str:
        return page.body(self)

    def html(self) -> str:
        """One page with everything on it, that needs no other file."""
        return page.page(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to ``.html``, ``.txt`` or ``.svg``; ArgumentError for others."""
        path = Path(path)
        forms: dict[str, Callable[[], str]] = {
            ".html": self.html,
            ".txt": lambda: self.text,
            ".svg": lambda: self.svg,
        }
        if path.suffix.lower() not in forms:
            raise ArgumentError(
                f"an explanation cannot be saved as {path.name!r}",
                hint=f"a name that ends in {', '.join(forms)}",
            )
        path.write_text(forms[path.suffix.lower()](), encoding="utf-8")
        return path


def explained(compiled: Any, trace: Any, measure: bool) -> Explanation:
    """The explanation of one trace; TraceError if there is none, or it is eager."""
    name = _name(compiled)
    if trace is None:
        raise TraceError(
            f"{name} has not been traced for such arguments, so there is no code yet",
            hint="call it with them once, then explain it",
        )
    if trace.native is None:
        raise TraceError(
            f"{name} runs eagerly, so there is no code to explain: {trace.reason}",
            hint="an op of a known kind in its place, or leave it out of the step",
        )
    return Explanation(compiled, trace, measure)


def _name(compiled: Any) -> str:
    return str(getattr(compiled, "__name__", "the step"))


def _eager_bytes(program: Any) -> int:
    """All arrays that an eager run makes; what only moves numbers is a view."""
    terms = [t for t in program.ordered() if t.op is not None and t.kind != "movement"]
    return sum(term.size * term.dtype.itemsize for term in terms)
