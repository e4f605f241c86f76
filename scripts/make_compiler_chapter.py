#!/usr/bin/env python3
"""Run docs/how-it-works/compiler.md and write into it what its snippets print.

The picture on the page is drawn anew as well. How a page is run: see `_snippets`.
"""

from __future__ import annotations

from pathlib import Path

import _snippets

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "how-it-works" / "compiler.md"
PICTURE = DOCS / "images" / "compiled_step.svg"
NAME = "moons.py"  # what the lines of the snippets are called in the output


def remade(page: str) -> tuple[str, str]:
    """The page with the output of its snippets, and the picture of its step."""
    page, names = _snippets.remade(page, NAME)
    return page, names["explanation"].svg


if __name__ == "__main__":
    page, picture = remade(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(page, encoding="utf-8")
    PICTURE.write_text(picture, encoding="utf-8")
    print(f"wrote {PAGE} and {PICTURE}")
