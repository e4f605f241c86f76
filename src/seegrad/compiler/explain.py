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

from seegrad.borrow import borrow
from seegrad.compiler.explanation import page, rows, text
from seegrad.compiler.explanation.names import Names
from seegrad.compiler.explanation.units import counted
from seegrad.errors import ArgumentError, TraceError


class Explanation:
    """What became of one traced step; ``print`` it, or ``save("step.html")`` it.

    ``graph``, ``plan``, ``loops``, ``ir`` and ``assembly`` are the stages as text,
    ``table`` holds a dictionary of plain data for each kernel, ``summary`` the sums.
    Raises TraceError if there is no native code.
    """

    def __init__(self, compiled: Any, trace: Any, measure: bool) -> None:
        name = str(getattr(compiled, "__name__", "the step"))
        if trace is None:
            raise TraceError(
                f"{name} has not been traced for such arguments, so there is no code "
                "yet",
                hint="call it with them once, then explain it",
            )
        if trace.native is None:
            raise TraceError(
                f"{name} runs eagerly, so there is no code to explain: {trace.reason}",
                hint="an op of a known kind in its place, or leave it out of the step",
            )
        self.trace, self.native = trace, trace.native
        self._names = Names(compiled.function, trace)
        self.table = rows.Rows(self.native, self._names).made()
        self.summary = rows.summed(name, trace, self.table)
        if measure:
            rows.measure(trace, self.table, self.summary)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        kernels = counted(len(self.table), "kernel")
        return f"Explanation of {self.summary['name']}: {kernels}"

    @property
    def text(self) -> str:
        """An overview, a table of the kernels, and the loops."""
        parts = text.overview(self.summary), text.table(self.table), self.loops
        return "\n\n".join(parts)

    @property
    def graph(self) -> str:
        """The program, as it was traced and after it was simplified."""
        return text.graph(self.trace.program, self.native.program, self._names.of)

    @property
    def plan(self) -> str:
        """What melted together, what is stored where, and where threads meet."""
        return text.plan(self.table, self.native.layout)

    @property
    def loops(self) -> str:
        """The kernels in pseudo-code, each below the lines that it came from."""
        return text.loops(self.table)

    @property
    def ir(self) -> str:
        """The functions of the kernels in LLVM's language, after its passes."""
        return text.code(self.table, self.functions[0])

    @property
    def assembly(self) -> str:
        """The functions of the kernels as instructions of this machine."""
        return text.code(self.table, self.functions[1])

    @cached_property
    def functions(self) -> tuple[dict[int, str], dict[int, str]]:
        """Each function by its number, in LLVM's language and as instructions."""
        built = self.native.built
        return (
            text.functions(text.IR, built.ir),
            text.functions(text.ASSEMBLY, built.assembly),
        )

    @property
    def svg(self) -> str:
        """A picture of the kernels and the data between them."""
        return str(self.draw().svg())

    def draw(self, **settings: Any) -> Any:
        """Draw the kernels; the settings are those of `draw.compiled_step`."""
        return borrow("Explanation", "draw")(
            self.table, name=self.summary["name"], **settings
        )

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
