#!/usr/bin/env python3
"""Draw the picture of the README from the README's own first program.

The picture is an SVG that follows the reader's light or dark theme. A test draws it
again and compares, so it always shows what the library computes today.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "images" / "neuron.svg"


def picture() -> Any:
    """Run the first snippet of the README and draw what it computed."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)[0]
    names: dict[str, Any] = {}
    exec(compile(first, "README.md", "exec"), names)
    return names["out"].draw()


if __name__ == "__main__":
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    picture().save(PICTURE)
    sys.stdout.write(f"wrote {PICTURE}\n")
