"""Pages that are their own source: snippets are run, and what they print is shown.

Each block of Python on a page is run, in order, as one program; the block of text that
follows is replaced by what was printed, or by the part of it that a comment between the
two asks for. What is shown must not depend on the machine, because a test compares it.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import re
from typing import Any

BLOCK = re.compile(
    r"```python\n(?P<code>.*?)```"
    r"(?P<shows>\n\n(?P<part><!-- (lines|parts) [\d, -]+ -->\n)?```text\n.*?```)?",
    re.DOTALL,
)


def remade(page: str, file: str) -> tuple[str, dict[str, Any]]:
    """The page with the output of its snippets, and the names that they defined.

    ``file`` is what the lines of the snippets are called where they are named.
    """
    names: dict[str, Any] = {"__name__": file.removesuffix(".py")}
    seen = ""

    def run(block: re.Match[str]) -> str:
        nonlocal seen
        code = "\n" * seen.count("\n") + block["code"]
        seen += block["code"]
        lines = seen.splitlines(keepends=True)
        linecache.cache[file] = (len(seen), None, lines, file)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, file, "exec"), names)
        source, shown = f"```python\n{block['code']}```", printed.getvalue()
        if bool(shown) != bool(block["shows"]):
            what = "is not shown what it prints" if shown else "prints nothing"
            raise SystemExit(f"of this snippet {what}:\n{block['code']}")
        comment = block["part"] or ""
        shown = chosen(shown, comment)
        return source + (f"\n\n{comment}```text\n{shown}```" if shown else "")

    try:
        return BLOCK.sub(run, page), names
    finally:
        linecache.cache.pop(file, None)


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
