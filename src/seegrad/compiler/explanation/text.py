"""An explanation as plain text: for a terminal, a log, a page of documentation.

The whole is an overview, a table and the loops. Each part can be had by itself, and the
longest ones, the instructions, only by themselves. The page prints the same facts and
cells.
"""

from __future__ import annotations

import re
from typing import Any

from seegrad.compiler.explanation.units import amount, counted, duration, in_bytes
from seegrad.compiler.planning.memory import ARENA, Layout
from seegrad.compiler.programs.program import Program

HEADS = ("", "kernel", "FLOPs", "bytes", "FLOPs/byte", "time", "of best", "bound by")
MOST_LINES = 3  # of the user's code above one kernel
COLUMNS = 100  # of the widest line
WIDEST = 82  # letters, from which a line of code is broken
NOTES = 68  # where the notes stand, unless a line is longer
SIGNS = re.compile(r" (?=[-+*/] |if |and |else |of )")
CHECKS = "the checks are looked at: if one fails, nothing has been updated"
# Where functions begin and end in LLVM's language, and in assembly on any system; a
# kernel of very many instructions is cut into kernel_2_0, kernel_2_1 and so on.
IR = re.compile(r'^define [^@\n]*@"?(kernel_\d+)(?:_\d+)?"?\(.*?^\}$', re.M | re.S)
ASSEMBLY = re.compile(
    r"^_?(kernel_\d+)(?:_\d+)?:.*?(?=^\.?Lfunc_end|^_?[a-z]\w*:|\Z)", re.M | re.S
)
FOR_LINKERS = re.compile(
    r"^\s*\.(cfi_|seh_|p2align|type|size|section|text|globl|addrsig|def|set).*\n", re.M
)


def facts(summary: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The overview: of what, how much, and what else is worth knowing about it."""

    def of(key: str, word: str) -> str:
        return counted(summary[key], word)

    flops, traffic = summary["flops"], summary["bytes"]
    stored = f"{of('functions', 'function')}, {of('stored', 'array')} stored"
    eager = f"eager makes arrays of {in_bytes(summary['eager_bytes'])}"
    each = f"{amount(traffic)} bytes, {flops / max(traffic, 1):.1f} FLOPs/byte"
    threads = of("threads", "thread")
    traced = f"{summary['traced']:,} were traced, then simplified"
    found = [
        ("program", of("simplified", "term"), traced),
        ("plan", of("kernels", "kernel"), stored),
        ("memory", in_bytes(summary["arena_bytes"]), eager),
        ("each run", f"{amount(flops)} FLOPs", f"{each}, on {threads}"),
    ]
    took = summary["seconds"]
    if took is not None:
        least = summary["least_seconds"]
        best = (
            f"at best {duration(least)} ({least / took:.0%}), one thread does "
            f"{amount(summary['peak_flops'], 'FLOP/s')}, "
            f"{amount(summary['peak_bytes'], 'B/s')}"
        )
        found.append(("kernels take", duration(took), best))
    return found


def cells(row: dict[str, Any]) -> list[str]:
    """What the table of kernels says about one of them, below ``HEADS``."""
    traffic = row["bytes_read"] + row["bytes_written"]
    found = [str(row["kernel"]), row["title"], amount(row["flops"]), amount(traffic)]
    found.append(f"{row['intensity']:.1f}")
    if row["seconds"] is not None:
        found += [duration(row["seconds"]), f"{row['share']:.0%}", row["bound"]]
    return found


def overview(summary: dict[str, Any]) -> str:
    """The step in a few lines: what each stage made of it."""
    lines = [f"  {name:<14}{value:<14}{more}" for name, value, more in facts(summary)]
    return "\n".join([f"{summary['name']}, compiled", *lines])


def table(rows: list[dict[str, Any]]) -> str:
    """One line for each kernel; titles are cut where there is no room."""
    found = [cells(row) for row in rows]
    lines = [list(HEADS[: len(found[0])]), *found] if found else []
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    room = COLUMNS - sum(width + 2 for k, width in enumerate(widths) if k != 1)
    return "\n".join(
        f"{number:>{widths[0]}}  {title[:room]:<{min(widths[1], room)}}"
        + "".join(f"  {x:>{n}}" for x, n in zip(others, widths[2:], strict=True))
        for number, title, *others in lines
    )


def loops(rows: list[dict[str, Any]]) -> str:
    """The pseudo-code of all kernels, each below the lines it came from."""
    return "\n\n".join(map(_loop, rows))


def _loop(row: dict[str, Any]) -> str:
    lines = [f"-- {CHECKS}"] if row["checks"] else []
    head = f"kernel {row['kernel']}: {row['title']}"
    lines.append(f"{head:<{NOTES + 2}}  function {row['function']}")
    shown = row["lines"][:MOST_LINES]
    lines += [f"  # {p['file']}:{p['line']}  {p['text']}".rstrip() for p in shown]
    if len(row["lines"]) > len(shown):
        lines.append(f"  # and {len(row['lines']) - len(shown)} more")
    broken = [wrapped("    " * p["depth"] + p["text"]) for p in row["pseudo"]]
    ends = [len(b[-1]) for b, p in zip(broken, row["pseudo"], strict=True) if p["note"]]
    column = max([NOTES, *ends])
    for (*first, last), p in zip(broken, row["pseudo"], strict=True):
        lines += [f"  {line}" for line in first]
        lines.append(f"  {last:<{column}}  {p['note']}".rstrip())
    return "\n".join(lines)


def wrapped(line: str, indent: int = 8) -> list[str]:
    """A line in pieces that are not too long, broken before a sign if there is one.

    >>> wrapped("  " + "word " * 20)[1]
    '          word word word word'
    """
    line = line.rstrip()
    if len(line) <= WIDEST:
        return [line]
    margin = len(line) - len(line.lstrip())
    places = [found.start() for found in SIGNS.finditer(line, margin, WIDEST)]
    place = places[-1] if places else line.rfind(" ", margin + 1, WIDEST)
    if place < 0:
        return [line]
    rest = " " * (margin + indent) + line[place + 1 :]
    return [line[:place], *wrapped(rest, 0)]


def plan(rows: list[dict[str, Any]], layout: Layout) -> str:
    """What melted into what, what is stored where, and where threads meet."""
    lines = []
    for row in rows:
        lines += ["-- all threads meet"] * row["waits"]
        lines += [f"-- {CHECKS}"] * row["checks"]
        alone = ", on one thread" if row["alone"] else ""
        lines.append(f"kernel {row['kernel']}: {row['title']}{alone}")
        if row["melted"]:
            lines += wrapped(f"  melted   {' '.join(row['melted'])}", 9)
        for array in row["writes"]:
            shape = "x".join(map(str, array["shape"])) or "1"
            lines.append(
                f"  stores   {array['name']:<20}{shape:>12} {array['dtype']:<8} "
                f"{array['where']}"
            )
    kept = [place for place in layout.places.values() if place.slot == ARENA]
    arena, arrays = in_bytes(layout.arena_bytes), counted(len(kept), "array")
    alone = f"side by side they would take {in_bytes(layout.kept_bytes)}"
    return "\n".join([*lines, "", f"arena of {arena} for {arrays}; {alone}"])


def graph(before: Program, after: Program, called: Any) -> str:
    """The program as it was traced and after it was simplified."""
    return "\n\n".join(
        f"{words}: {counted(len(program.ordered()), 'term')}\n{program.text(called)}"
        for words, program in (("as traced", before), ("simplified", after))
    )


def functions(pattern: re.Pattern[str], module: str) -> dict[int, str]:
    """The functions of kernels in a module, by number, without what linkers read.

    >>> text = "kernel_0:" + chr(10) + "  .p2align 4" + chr(10) + "  retq" + chr(10)
    >>> functions(ASSEMBLY, text + "step:" + chr(10) + "  jmp kernel_0")[0].split()
    ['kernel_0:', 'retq']
    """
    found: dict[int, list[str]] = {}
    for part in pattern.finditer(module):
        text = FOR_LINKERS.sub("", part[0]).rstrip()
        found.setdefault(int(part[1][7:]), []).append(text)
    return {number: "\n\n".join(parts) for number, parts in found.items()}


def code(rows: list[dict[str, Any]], found: dict[int, str]) -> str:
    """The text of every function, below the numbers of the kernels that share it."""
    users: dict[int, list[str]] = {}
    for row in rows:
        users.setdefault(row["function"], []).append(str(row["kernel"]))
    return "\n\n".join(
        f"; kernel{'s' * (len(kernels) > 1)} {', '.join(kernels)}\n{found[number]}"
        for number, kernels in users.items()
    )
