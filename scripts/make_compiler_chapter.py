#!/usr/bin/env python3
"""Run docs/how-it-works/compiler.md and write into it what its snippets print.

The page is its own source. Each block of Python is run, in order, as one program; the
block of text that follows is replaced by what was printed. What is shown must not
depend on the machine, because a test compares it.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "how-it-works" / "compiler.md"
NAME = "moons.py"  # what the lines of the snippets are called in the output
BLOCK = re.compile(r"```python\n(.*?)```(\n\n```text\n(.*?)```)?", re.DOTALL)


def remade(page: str) -> str:
    """The page with the output of its snippets."""
    names: dict[str, Any] = {"__name__": "moons"}
    seen = ""

    def run(block: re.Match[str]) -> str:
        nonlocal seen
        code = "\n" * seen.count("\n") + block[1]
        seen += block[1]
        lines = seen.splitlines(keepends=True)
        linecache.cache[NAME] = (len(seen), None, lines, NAME)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, NAME, "exec"), names)
        shown = printed.getvalue()
        if bool(shown) != bool(block[2]):
            raise SystemExit(f"this prints something and shows nothing:\n{block[1]}")
        output = f"\n\n```text\n{shown}```" if shown else ""
        return f"```python\n{block[1]}```{output}"

    try:
        return BLOCK.sub(run, page)
    finally:
        linecache.cache.pop(NAME, None)


if __name__ == "__main__":
    PAGE.write_text(remade(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE}")
