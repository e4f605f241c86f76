"""An explanation as a page: source, loops and instructions of each kernel side by side.

The page is one file without scripts. It follows the reader's system into the dark, and
on a telephone what stands side by side comes one below the other.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from seegrad.compiler.explanation import cut
from seegrad.compiler.explanation.counts import amount, in_bytes
from seegrad.compiler.explanation.text import CHECKS, counted, duration, measured

if TYPE_CHECKING:
    from seegrad.compiler.explain import Explanation

STYLE = """
.sg{--paper:#fff;--card:#f5f7fa;--ink:#1b1f24;--quiet:#5f6875;--frame:#c5ccd6;
--data:#0072b2;--changed:#00735c;color:var(--ink);background:var(--paper);
font:15px/1.5 DejaVu Sans,Verdana,Geneva,sans-serif}
@media (prefers-color-scheme:dark){.sg{--paper:#14171c;--card:#20262e;--ink:#e8ebf0;
--quiet:#a9b2bf;--frame:#4a5460;--data:#56b4e9;--changed:#3cc9a0}}
.sg *{box-sizing:border-box}.sg h1{font-size:1.4em;margin:0 0 .6em}
.sg h2{font-size:1.1em;margin:2em 0 .6em}.sg h3{font-size:1em;margin:0}
.sg a{color:var(--data)}
.sg pre{margin:0;font:12.5px/1.5 DejaVu Sans Mono,Menlo,Consolas,monospace;
overflow-x:auto;white-space:pre;color:var(--ink);background:none}
.sg .quiet{color:var(--quiet)}
.sg .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));
gap:8px;margin:0}.sg .facts div{background:var(--card);border-radius:6px;
padding:8px 12px}
.sg dt{color:var(--quiet);font-size:.8em}.sg dd{margin:0;font-weight:bold}
.sg dd small{font-weight:normal;display:block}
.sg .wide{overflow-x:auto}
.sg table{border-collapse:collapse;font-size:.85em;width:100%}
.sg th,.sg td{padding:3px 10px;text-align:right;white-space:nowrap;
border-bottom:1px solid var(--frame)}
.sg th:nth-child(2),.sg td:nth-child(2){text-align:left}
.sg th{color:var(--quiet);font-weight:normal}
.sg article{border:1px solid var(--frame);border-radius:8px;margin:0 0 14px;
overflow:hidden}
.sg article>header{background:var(--card);padding:8px 12px;display:flex;
flex-wrap:wrap;gap:2px 16px;align-items:baseline}
.sg .update{border-left:5px solid var(--changed)}
.sg .sides{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr)}
.sg .sides>div{padding:10px 12px;min-width:0}
.sg .sides>div+div{border-left:1px solid var(--frame)}
@media (max-width:760px){.sg .sides{grid-template-columns:minmax(0,1fr)}
.sg .sides>div+div{border-left:0;border-top:1px solid var(--frame)}}
.sg .source{color:var(--data);margin-bottom:8px}
.sg summary{cursor:pointer;color:var(--quiet);font-size:.85em;padding:2px 0}
.sg details pre{max-height:26em;overflow:auto;background:var(--card);padding:8px;
border-radius:6px;font-size:11.5px}
.sg .check{color:var(--changed);font-size:.85em;margin:0 0 8px}
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>html{{background:#fff}}
@media (prefers-color-scheme:dark){{html{{background:#14171c}}}}
body{{margin:0 auto;padding:20px 16px 60px;max-width:1180px}}</style>
</head>
<body>
{body}
</body>
</html>
"""


def page(explanation: Explanation) -> str:
    """The whole page."""
    title = escape(f"{explanation.summary['name']}, compiled")
    return PAGE.format(title=title, body=body(explanation))


def body(explanation: Explanation) -> str:
    """What stands on the page, which a notebook shows as well."""
    summary, rows = explanation.summary, explanation.table
    parts = [
        f"<style>{STYLE}</style>",
        '<div class="sg"><main>',
        f"<h1>{escape(summary['name'])}, compiled</h1>",
        _facts(summary),
    ]
    if explanation.painter is not None:
        parts += ["<h2>Kernels in order</h2>", explanation.draw()._repr_html_()]
    parts += ["<h2>What each kernel costs</h2>", _table(rows), _about(summary)]
    parts += ["<h2>What each kernel does</h2>"]
    machine = explanation._ir, explanation._assembly
    first: dict[int, int] = {}
    for row in rows:
        shared = first.setdefault(row["function"], row["kernel"])
        parts.append(_kernel(row, shared, *machine))
    parts += ["<h2>Where everything lies</h2>", _folded("the plan", explanation.plan)]
    parts += ["<h2>The program</h2>", _folded("all terms", explanation.graph)]
    return "\n".join([*parts, "</main></div>"])


def _facts(summary: dict[str, Any]) -> str:
    """The overview as cards."""
    terms = f"after {summary['traced']:,} were traced"
    eager = f"eager makes {in_bytes(summary['eager_bytes'])}"
    traffic = f"{amount(summary['bytes'])} bytes read and written"
    functions = counted(summary["functions"], "function")
    facts = [
        ("program", counted(summary["simplified"], "term"), terms),
        ("plan", counted(summary["kernels"], "kernel"), functions),
        ("memory", in_bytes(summary["arena_bytes"]), eager),
        ("each run", f"{amount(summary['flops'])} FLOPs", traffic),
    ]
    if summary["seconds"] is not None:
        best = f"at best {duration(summary['least_seconds'])}"
        threads = counted(summary["threads"], "thread")
        facts.append(("time", duration(summary["seconds"]), f"{best}, {threads}"))
    cards = [
        f"<div><dt>{name}</dt><dd>{escape(value)}"
        f'<small class="quiet">{escape(more)}</small></dd></div>'
        for name, value, more in facts
    ]
    return f'<dl class="facts">{"".join(cards)}</dl>'


def _table(rows: list[dict[str, Any]]) -> str:
    timed = any(row["seconds"] is not None for row in rows)
    heads = ["kernel", "", "FLOPs", "bytes", "FLOPs/byte"]
    heads += ["time", "of best", "bound by"] if timed else []
    lines = ["".join(f'<th scope="col">{head}</th>' for head in heads)]
    for row in rows:
        traffic = row["bytes_read"] + row["bytes_written"]
        cells = [
            f'<a href="#kernel-{row["kernel"]}">{row["kernel"]}</a>',
            escape(row["title"]),
            amount(row["flops"]),
            amount(traffic),
            f"{row['intensity']:.1f}",
        ]
        if timed:
            cells += [duration(row["seconds"]), f"{row['share']:.0%}", row["bound"]]
        lines.append("".join(f"<td>{cell}</td>" for cell in cells))
    inside = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table>{inside}</table></div>'


def _about(summary: dict[str, Any]) -> str:
    """How to read the table."""
    words = (
        "An operation is an addition or a product; an exponential counts as many as "
        "its polynomial has. Bytes are counted once for each number that is touched."
    )
    if summary["seconds"] is not None:
        words += f" Measured: {measured(summary)}."
    return f'<p class="quiet"><small>{escape(words)}</small></p>'


def _kernel(
    row: dict[str, Any], shared: int, ir: dict[str, str], assembly: dict[str, str]
) -> str:
    """One kernel: its source and loops on one side, its instructions on the other."""
    number = row["kernel"]
    numbers = f"{amount(row['flops'])} FLOPs, {row['intensity']:.1f} FLOPs/byte"
    if row["seconds"] is not None:
        numbers += f", {duration(row['seconds'])}"
    source = "\n".join(
        f"{line['file']}:{line['line']}  {line['text']}" for line in row["lines"]
    )
    left = [f'<p class="check">{escape(CHECKS[3:])}</p>'] if row["checks"] else []
    left += [f'<pre class="source">{escape(source)}</pre>'] if source else []
    left.append(f"<pre>{escape(chr(10).join(row['pseudo']))}</pre>")
    name = f"kernel_{row['function']}"
    if shared == number:
        code = assembly.get(name, "")
        count = counted(cut.instructions(code), "instruction")
        language = ir.get(name, "")
        words = f"LLVM IR: {counted(len(language.splitlines()), 'line')}"
        right = _folded(words, language) + _folded(f"assembly: {count}", code)
    else:
        right = f'<p class="quiet">the same code as <a href="#kernel-{shared}">kernel '
        right += f"{shared}</a>, on other numbers</p>"
    kind = ' class="update"' if row["updates"] else ""
    updates = '<span class="quiet">updates</span>' if row["updates"] else ""
    return (
        f'<article id="kernel-{number}"{kind}><header><h3>kernel {number}: '
        f'{escape(row["title"])}</h3><span class="quiet">{escape(numbers)}</span>'
        f'{updates}</header><div class="sides"><div>{"".join(left)}</div>'
        f"<div>{right}</div></div></article>"
    )


def _folded(words: str, content: str) -> str:
    """Text that is opened by a click."""
    summary, inside = escape(words), escape(content)
    return f"<details><summary>{summary}</summary><pre>{inside}</pre></details>"
