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


def page(explanation: Any) -> str:
    """The whole page."""
    name = escape(explanation.summary["name"])
    return _template("page.html").substitute(name=name, step=body(explanation))


def body(explanation: Any) -> str:
    """What stands on the page, which a notebook shows as well."""
    summary, rows = explanation.summary, explanation.table
    return _template("step.html").substitute(
        name=escape(summary["name"]),
        facts="".join(map(_fact, facts(summary))),
        picture=explanation.draw()._repr_html_(),
        table=_table(rows),
        kernels="\n".join(_kernel(row, _machine(explanation, row)) for row in rows),
        plan=_folded("the plan", explanation.plan),
        graph=_folded("all terms", explanation.graph),
    )


def _template(name: str) -> Template:
    return Template((files(__package__) / name).read_text(encoding="utf-8"))


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
    noted = f'<span class="{kind}">{escape(note)}</span>' if note else ""
    style = f' style="--depth:{4 * depth}ch"'
    return f'<div class="line"{style}><code>{escape(text)}</code>{noted}</div>\n'


def _machine(explanation: Any, row: dict[str, Any]) -> str:
    """The code of a kernel, or the first kernel that has the same."""
    alike = (r for r in explanation.table if r["function"] == row["function"])
    first = next(alike)["kernel"]
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
