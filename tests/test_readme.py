"""What the README shows is what happens: its snippets run, in order, as one program."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.usefixtures("own_ops")
def test_every_snippet_runs_in_order() -> None:
    """A reader may paste the blocks one after the other, asserts included."""
    names: dict[str, object] = {"__name__": "readme"}

    for number, snippet in enumerate(SNIPPETS):
        exec(compile(snippet, f"README.md snippet {number}", "exec"), names)

    assert {"out", "model", "run", "loss", "swish"} <= names.keys()


def test_every_link_leads_somewhere() -> None:
    """No link of the README points to a file that is not there."""
    links = re.findall(r"\]\(([^)#:]+)\)", README)

    assert len(links) >= 6
    assert [] == [link for link in links if not (ROOT / link).exists()]


def test_every_source_file_named_exists() -> None:
    """The reading order names real files."""
    files = re.findall(r"`([a-z_/]+\.py)`", README)

    assert len(files) >= 12
    assert [] == [file for file in files if not (ROOT / "src/seegrad" / file).exists()]


def test_the_ten_lines_are_ten() -> None:
    """The promise of the heading, blank lines and asserts aside."""
    lines = [line for line in SNIPPETS[1].splitlines() if line.strip()]

    assert 10 >= len([line for line in lines if not line.startswith("assert")])


def test_the_picture_shows_what_the_first_program_computes() -> None:
    """Drawing it again would give the stored file."""
    maker = runpy.run_path(str(ROOT / "scripts" / "make_readme_picture.py"))
    stored = (ROOT / "docs" / "images" / "neuron.svg").read_text(encoding="utf-8")

    assert stored == maker["picture"]().svg(), "run scripts/make_readme_picture.py"
