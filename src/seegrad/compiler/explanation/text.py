"""An explanation as plain text: for a terminal, a log, a page of documentation.

The whole is an overview and the loops. Each part can be had by itself, and the longest
ones, the instructions, only by themselves.
"""

from __future__ import annotations

import math
from typing import Any

from seegrad.compiler.explanation.counts import amount, in_bytes
from seegrad.compiler.planning.memory import ARENA, Layout
from seegrad.compiler.programs.program import Program

MOST_LINES = 3  # of the user's code above one kernel
CHECKS = "-- the checks are looked at: if one fails, nothing has been updated"


def overview(summary: dict[str, Any]) -> str:
    """The step in a few lines: what each stage made of it."""
    kernels = counted(summary["kernels"], "kernel")
    functions = counted(summary["functions"], "function")
    arena, eager = in_bytes(summary["arena_bytes"]), in_bytes(summary["eager_bytes"])
    intensity = summary["flops"] / max(summary["bytes"], 1)
    threads = counted(summary["threads"], "thread")
    run = (
        f"{amount(summary['flops'])} FLOPs, {amount(summary['bytes'])} bytes, "
        f"{intensity:.1f} FLOPs/byte, on {threads}"
    )
    rows = [
        ("traced", f"{counted(summary['traced'], 'term')}"),
        ("simplified", f"{counted(summary['simplified'], 'term')}"),
        ("planned", f"{kernels}, {counted(summary['stored'], 'array')} stored"),
        ("memory", f"an arena of {arena}, where eager makes arrays of {eager}"),
        ("compiled", functions),
        ("each run", run),
    ]
    if summary["seconds"] is not None:
        rows.append(("measured", measured(summary)))
    lines = [f"  {name:<12}{words}" for name, words in rows]
    return "\n".join([f"{summary['name']}, compiled", *lines])


def measured(summary: dict[str, Any]) -> str:
    """How long all kernels take, and what the machine could do at best."""
    took, least = summary["seconds"], summary["least_seconds"]
    return (
        f"{duration(took)} in kernels; at best {duration(least)} ({least / took:.0%}), "
        f"with {amount(summary['peak_flops'], 'FLOP/s')} "
        f"and {amount(summary['peak_bytes'], 'B/s')}"
    )


def table(rows: list[dict[str, Any]]) -> str:
    """One line for each kernel."""
    timed = any(row["seconds"] is not None for row in rows)
    head = f"{'kernel':>6}  {'':<46}{'FLOPs':>8}{'bytes':>8}{'FLOPs/byte':>11}"
    head += f"{'time':>10}{'of best':>9}" if timed else ""
    return "\n".join([head, *(_table_row(row, timed) for row in rows)])


def _table_row(row: dict[str, Any], timed: bool) -> str:
    traffic = row["bytes_read"] + row["bytes_written"]
    line = f"{row['kernel']:>6}  {row['title'][:45]:<46}{amount(row['flops']):>8}"
    line += f"{amount(traffic):>8}{row['intensity']:>11.1f}"
    if timed:
        line += f"{duration(row['seconds']):>10}{row['share']:>9.0%}"
    return line


def loops(rows: list[dict[str, Any]]) -> str:
    """The pseudo-code of all kernels, each below the lines it came from."""
    return "\n\n".join(map(loop, rows))


def loop(row: dict[str, Any]) -> str:
    """The pseudo-code of one kernel."""
    lines = [CHECKS] if row["checks"] else []
    head = f"kernel {row['kernel']}: {row['title']}"
    lines.append(f"{head:<70}  function {row['function']}")
    shown = row["lines"][:MOST_LINES]
    lines += [f"  # {p['file']}:{p['line']}  {p['text']}".rstrip() for p in shown]
    if len(row["lines"]) > len(shown):
        lines.append(f"  # and {len(row['lines']) - len(shown)} more")
    return "\n".join([*lines, *(f"  {line}" for line in row["pseudo"])])


def plan(rows: list[dict[str, Any]], layout: Layout) -> str:
    """What melted into what, what is stored where, and where threads meet."""
    lines = []
    for row in rows:
        if row["waits"]:
            lines.append("-- all threads meet")
        if row["checks"]:
            lines.append(CHECKS)
        alone = ", on one thread" if row["alone"] else ""
        lines.append(f"kernel {row['kernel']}: {row['title']}{alone}")
        if row["melted"]:
            lines += _wrapped("  melted   ", row["melted"])
        for written in row["writes"]:
            shape = "x".join(map(str, written["shape"])) or "1"
            lines.append(
                f"  stores   {written['name']:<20}{shape:>12} {written['dtype']:<8} "
                f"{written['where']}"
            )
    return "\n".join([*lines, "", memory(layout)])


def memory(layout: Layout) -> str:
    """What the arena holds in all, and what it would be if nothing were reused."""
    stored = [place for place in layout.places.values() if place.slot == ARENA]
    return (
        f"arena of {in_bytes(layout.arena_bytes)} for {counted(len(stored), 'array')}; "
        f"side by side they would take {in_bytes(layout.kept_bytes)}"
    )


def graph(before: Program, after: Program, called: Any) -> str:
    """The program as it was traced and after it was simplified."""
    return "\n".join(
        [
            f"as traced: {counted(len(before.ordered()), 'term')}",
            before.text(called),
            "",
            f"simplified: {counted(len(after.ordered()), 'term')}",
            after.text(called),
        ]
    )


def functions(rows: list[dict[str, Any]], texts: dict[str, str]) -> str:
    """The text of every function, below the numbers of the kernels that share it."""
    users: dict[int, list[str]] = {}
    for row in rows:
        users.setdefault(row["function"], []).append(str(row["kernel"]))
    parts = []
    for number, kernels in users.items():
        word = "kernel" if len(kernels) == 1 else "kernels"
        body = texts.get(f"kernel_{number}", "(not found)")
        parts.append(f"; {word} {', '.join(kernels)}\n{body}")
    return "\n\n".join(parts)


def _wrapped(head: str, words: list[str]) -> list[str]:
    lines, line = [], head
    for word in words:
        if len(line) + len(word) > 86:
            lines.append(line.rstrip())
            line = " " * len(head)
        line += f"{word} "
    return [*lines, line.rstrip()]


def counted(number: int, word: str) -> str:
    """A number of things.

    >>> counted(1, "kernel"), counted(1200, "term")
    ('1 kernel', '1,200 terms')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """A time for people, with three digits.

    >>> duration(0.00123), duration(4.56e-7), duration(2.0)
    ('1.23 ms', '456 ns', '2.00 s')
    """
    for size, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= size * 0.9995:
            value = seconds / size
            digits = max(0, 2 - math.floor(math.log10(max(value, 1.0))))
            return f"{value:.{digits}f} {name}"
    return f"{seconds * 1e9:.0f} ns"
