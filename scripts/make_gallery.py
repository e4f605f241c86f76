#!/usr/bin/env python3
"""Run the snippets of docs/gallery.md and draw the pictures that the page shows.

The page is its own source: behind each snippet that makes `picture` stands the image
that it gives, with its words for readers who cannot see it. Names of images behind the
command remake only those.

    python scripts/make_gallery.py
    python scripts/make_gallery.py roc confusion
"""

from __future__ import annotations

import re
import sys
from contextlib import chdir
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "gallery.md"
IMAGES = ROOT / "docs" / "images" / "gallery"
PICTURE = re.compile(
    r"```python\n((?:(?!```).)*)```\n\n(!\[[^\n]*\]\(images/gallery/(\w+)\.svg\))$",
    re.DOTALL | re.MULTILINE,
)
ANIMATION = re.compile(
    r"```python\n((?:(?!```).)*)```\n\n!\[[^\]]*\]\(images/gallery/(\w+)\.gif\)",
    re.DOTALL,
)


def animations(page: str) -> dict[str, str]:
    """The program of each animation by the name of its file, which it writes itself."""
    return {name: code for code, name in ANIMATION.findall(page)}


def played(name: str, code: str, folder: Path) -> Path:
    """The file that the program of an animation writes into a folder."""
    with chdir(folder):
        exec(compile(code, f"gallery, {name}", "exec"), {"__name__": "gallery"})
    return folder / f"{name}.gif"


def snippets(page: str) -> dict[str, str]:
    """The program of each picture by the name of its file."""
    return {name: code for code, _, name in PICTURE.findall(page)}


def drawn(name: str, code: str) -> Any:
    """The picture that a snippet makes."""
    names: dict[str, Any] = {"__name__": "gallery"}
    exec(compile(code, f"gallery, {name}", "exec"), names)
    return names["picture"]


def image_line(name: str, alt: str) -> str:
    """The line of the page that shows a picture; brackets would end its words early."""
    words = alt.replace("\\", "\\\\").replace("[", r"\[").replace("]", r"\]")
    return f"![{words}](images/gallery/{name}.svg)"


def remade(page: str, chosen: list[str]) -> str:
    """The page with the words of the chosen pictures, which are drawn and saved."""

    def shown(found: re.Match[str]) -> str:
        code, image, name = found.groups()
        if chosen and name not in chosen:
            return found[0]
        picture = drawn(name, code)
        picture.save(IMAGES / f"{name}.svg")
        return found[0].replace(image, image_line(name, picture.alt))

    return PICTURE.sub(shown, page)


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    page, chosen = PAGE.read_text(encoding="utf-8"), sys.argv[1:]
    PAGE.write_text(remade(page, chosen), encoding="utf-8")
    for name, code in animations(page).items():
        if not chosen or name in chosen:
            played(name, code, IMAGES)
    print(f"wrote {PAGE} and {IMAGES}")
