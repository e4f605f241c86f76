"""The chapters run: what they print is what they show, and links lead somewhere."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "scripts"
CHAPTERS = ROOT / "docs" / "how-it-works"


@pytest.fixture(autouse=True)
def scripts_find_each_other(monkeypatch):
    """As when they are run: the folder of a script is where it imports from."""
    monkeypatch.syspath_prepend(str(SCRIPTS))


def test_the_compiler_chapter_shows_what_it_prints():
    """Running its snippets again gives the stored page, and the stored picture."""
    pytest.importorskip("llvmlite")
    maker = runpy.run_path(str(SCRIPTS / "make_compiler_chapter.py"))
    stored = (CHAPTERS / "compiler.md").read_text(encoding="utf-8")

    page, picture = maker["remade"](stored)
    drawn = (ROOT / "docs" / "images" / "compiled_step.svg").read_text(encoding="utf-8")

    assert (stored, drawn) == (page, picture), "run scripts/make_compiler_chapter.py"


def test_the_glass_box_page_shows_what_it_prints():
    """Its snippets give the stored words again, and the numbers to rounding."""
    maker = runpy.run_path(str(SCRIPTS / "make_glass_box.py"))
    stored = (ROOT / "docs" / "glass-box.md").read_text(encoding="utf-8")
    number = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")

    made = maker["remade"](stored)

    assert number.sub("#", stored) == number.sub("#", made), "scripts/make_glass_box.py"
    expected, found = (list(map(float, number.findall(p))) for p in (stored, made))
    assert found == pytest.approx(expected, rel=2e-3, abs=1e-6)


def test_a_page_shows_the_part_it_asks_for():
    """All without a comment; else those of the comment, which have to be there."""
    maker = runpy.run_path(str(SCRIPTS / "_snippets.py"))
    shown = "1\n2\n3\n4\n5\n"

    assert shown == maker["chosen"](shown, "")
    assert "...\n2\n...\n4\n5\n" == maker["chosen"](shown, "<!-- lines 2-2, 4-5 -->")
    assert "a\n\n...\n" == maker["chosen"]("a\n\nb\nc\n", "<!-- parts 1-1 -->")
    with pytest.raises(SystemExit, match="of 5"):
        maker["chosen"](shown, "<!-- lines 5-6 -->")


@pytest.mark.parametrize("page", sorted(CHAPTERS.glob("*.md")), ids=lambda p: p.name)
def test_every_link_leads_somewhere(page):
    """Links to files, seen from the page."""
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))

    assert links
    assert [] == [link for link in links if not (page.parent / link).exists()]


def test_every_chapter_is_in_the_index():
    """A chapter that is not listed is not found."""
    index = (CHAPTERS / "README.md").read_text(encoding="utf-8")
    chapters = [page.name for page in CHAPTERS.glob("*.md") if page.name != "README.md"]

    assert [] == [name for name in chapters if f"({name})" not in index]


def test_every_source_file_named_exists():
    """The chapter of the compiler sends readers to real files."""
    text = (CHAPTERS / "compiler.md").read_text(encoding="utf-8")
    folder = Path(
        __import__("seegrad.compiler.compiled", fromlist=["x"]).__file__
    ).parent
    named = re.findall(
        r"`([a-z_*/]+\.py)`", "\n".join(re.findall(r"\*Files?: .*", text))
    )

    assert len(named) >= 20
    assert [] == [name for name in named if not list(folder.glob(name))]
