#!/usr/bin/env python3
"""Run docs/how-it-works/compiler.md and write into it what its snippets print.

The page is its own source. Each block of Python is run, in order, as one program; the
block of text that follows is replaced by what was printed, or by the part of it that a
comment between the two asks for. What is shown must not depend on the machine, because
a test compares it. The picture on the page is drawn anew as well.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "how-it-works" / "compiler.md"
PICTURE = DOCS / "images" / "compiled_step.svg"
NAME = "moons.py"  # what the lines of the snippets are called in the output
BLOCK = re.compile(
    r"```python\n(?P<code>.*?)```"
    r"(?P<shows>\n\n(?P<part><!-- (lines|parts) [\d, -]+ -->\n)?```text\n.*?```)?",
    re.DOTALL,
)


def remade(page: str) -> tuple[str, str]:
    """The page with the output of its snippets, and the picture of its step."""
    names: dict[str, Any] = {"__name__": "moons"}
    seen = ""

    def run(block: re.Match[str]) -> str:
        nonlocal seen
        code = "\n" * seen.count("\n") + block["code"]
        seen += block["code"]
        lines = seen.splitlines(keepends=True)
        linecache.cache[NAME] = (len(seen), None, lines, NAME)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, NAME, "exec"), names)
        source, shown = f"```python\n{block['code']}```", printed.getvalue()
        if bool(shown) != bool(block["shows"]):
            what = "is not shown what it prints" if shown else "prints nothing"
            raise SystemExit(f"of this snippet {what}:\n{block['code']}")
        comment = block["part"] or ""
        shown = chosen(shown, comment)
        return source + (f"\n\n{comment}```text\n{shown}```" if shown else "")

    try:
        return BLOCK.sub(run, page), names["explanation"].svg
    finally:
        linecache.cache.pop(NAME, None)


def chosen(shown: str, comment: str) -> str:
    """The lines, or the parts between empty lines, that a comment asks for.

    Dots stand where others are left out.
    """
    if not comment:
        return shown
    between = "\n\n" if "parts" in comment else "\n"
    pieces, found, last = shown.rstrip("\n").split(between), list[str](), 0
    for first, end in re.findall(r"(\d+)-(\d+)", comment):
        found += ["..."] * (int(first) > last + 1)
        last = int(end)
        found += pieces[int(first) - 1 : last]
    if last > len(pieces):
        raise SystemExit(f"{comment.strip()} of {len(pieces)}:\n{shown}")
    found += ["..."] * (last < len(pieces))
    return between.join(found) + "\n"


if __name__ == "__main__":
    page, picture = remade(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(page, encoding="utf-8")
    PICTURE.write_text(picture, encoding="utf-8")
    print(f"wrote {PAGE} and {PICTURE}")
