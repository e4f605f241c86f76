"""An explanation as a page: source, loops and instructions of each kernel side by side.

The page is one file without scripts. It follows the reader's system into the dark, and
on a telephone what stands side by side comes one below the other.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from seegrad.compiler.explanation.text import CHECKS, HEADS, cells, facts
from seegrad.compiler.explanation.units import counted

DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<style>html { background: #fff }
@media (prefers-color-scheme: dark) { html { background: #14171c } }
body { margin: 0 auto; padding: 20px 16px 60px; max-width: 1180px }</style>
</head>
<body>
$body
</body>
</html>
"""
BEST = (
    "The best is what this machine can do, measured: the longer of the time for the "
    "arithmetic and of that for the bytes, and so bound by the one or the other."
)


def page(explanation: Any) -> str:
    """The whole page."""
    title = escape(f"{explanation.summary['name']}, compiled")
    return Template(DOCUMENT).substitute(title=title, body=body(explanation))


def body(explanation: Any) -> str:
    """What stands on the page, which a notebook shows as well."""
    summary, rows = explanation.summary, explanation.table
    first: dict[int, int] = {}
    for row in rows:
        first.setdefault(row["function"], row["kernel"])
    drawn = explanation.painter is not None
    return Template((files(__package__) / "page.html").read_text("utf-8")).substitute(
        name=escape(summary["name"]),
        facts="".join(map(_fact, facts(summary))),
        picture=explanation.draw()._repr_html_() if drawn else "",
        table=_table(rows),
        measured=BEST if summary["seconds"] is not None else "",
        kernels="\n".join(
            _kernel(row, _machine(explanation, row, first[row["function"]]))
            for row in rows
        ),
        plan=_folded("the plan", explanation.plan),
        graph=_folded("all terms", explanation.graph),
    )


def _fact(fact: tuple[str, str, str]) -> str:
    name, value, more = map(escape, fact)
    return f"<div><dt>{name}</dt><dd>{value}<small>{more}</small></dd></div>"


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [cells(row) for row in rows]
    heads = HEADS[: len(lines[0])] if lines else ()
    found = ["".join(f'<th scope="col">{head}</th>' for head in heads)]
    for number, *others in lines:
        link = f'<a href="#kernel-{number}">{number}</a>'
        found.append("".join(f"<td>{x}</td>" for x in (link, *map(escape, others))))
    return "".join(f"<tr>{line}</tr>\n" for line in found)


def _kernel(row: dict[str, Any], machine: str) -> str:
    """One kernel: its source and loops on one side, its instructions on the other."""
    _, title, flops, _, intensity, *time = cells(row)
    costs = ", ".join([f"{flops} FLOPs", f"{intensity} FLOPs/byte", *time[:1]])
    left = [f'<p class="changed">{escape(CHECKS)}</p>'] if row["checks"] else []
    source = [f"{p['file']}:{p['line']}  {p['text']}" for p in row["lines"]]
    left += ['<div class="source">', *map(_line, source), "</div>"]
    left += [_line(p["text"], p["depth"], p["note"]) for p in row["pseudo"]]
    updates = ' class="update"' if row["updates"] else ""
    return (
        f'<article id="kernel-{row["kernel"]}"{updates}><header>'
        f"<h3>kernel {row['kernel']}: {escape(title)}</h3>"
        f'<span class="quiet">{costs}{", updates" if updates else ""}</span></header>\n'
        f'<div class="sides"><div>{"".join(left)}</div>\n'
        f"<div>{machine}</div></div></article>"
    )


def _line(text: str, depth: int = 0, note: str = "") -> str:
    """A line of code that breaks where there is no room, and what is noted on it."""
    kind = "note changed" if note == "in place" else "note"
    noted = f'<span class="{kind}">{note}</span>' if note else ""
    style = f' style="--depth:{4 * depth}ch"'
    return f'<div class="line"{style}><code>{escape(text)}</code>{noted}</div>\n'


def _machine(explanation: Any, row: dict[str, Any], first: int) -> str:
    """The code of a kernel, or the first kernel that has the same."""
    if row["kernel"] != first:
        link = f'<a href="#kernel-{first}">kernel {first}</a>'
        return f'<p class="quiet">the same code as {link}, on other numbers</p>'
    language, code = (found[row["function"]] for found in explanation.functions)
    lines = counted(len(language.splitlines()), "line")
    instructions = sum(line[:1].isspace() for line in code.splitlines())
    assembly = f"assembly: {counted(instructions, 'instruction')}"
    return _folded(f"LLVM IR: {lines}", language) + _folded(assembly, code)


def _folded(words: str, content: str) -> str:
    """Text that is opened by a click."""
    summary, inside = escape(words), escape(content)
    return f"<details><summary>{summary}</summary><pre>{inside}</pre></details>"
