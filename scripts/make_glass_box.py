#!/usr/bin/env python3
"""Run docs/glass-box.md and write into it what its snippets print; see `_snippets`."""

from __future__ import annotations

from pathlib import Path

import _snippets

PAGE = Path(__file__).parent.parent / "docs" / "glass-box.md"


def remade(page: str) -> str:
    """The page with the output of its snippets."""
    return _snippets.remade(page, "moons.py")[0]


if __name__ == "__main__":
    PAGE.write_text(remade(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE}")
