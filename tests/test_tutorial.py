"""The tutorial is a program and a text, and neither may say what the other does not.

The notebook is in step with its source, the arithmetic in the prose is done again by
machine, every number in the prose can be found in the code or its results nearby, and
one slow test runs it all from a clean kernel.
"""

import importlib.util
import math
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORKER = ROOT / "scripts" / "_notebook.py"
FORMULA = re.compile(r"`([-+*/(). \d]+=[-+*/(). \d]+)`")
PLAIN = re.compile(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?")


@cache
def worker():
    """The file that makes the notebook, as a module."""
    spec = importlib.util.spec_from_file_location("_notebook", WORKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def notebook():
    """The notebook in the repository."""
    return worker().stored()


def sections():
    """The cells of each section, a list for each heading of the second level."""
    found = [[]]
    for cell in notebook().cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            found.append([])
        found[-1].append(cell)
    return found


def title(cells):
    """The heading of a section."""
    return cells[0].source.splitlines()[0].strip("# ")


def prose(cells):
    """The text of a section."""
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def code(cells):
    """The cells of a section that are run."""
    return [cell for cell in cells if cell.cell_type == "code"]


def said(cells):
    """Code and text results of a section: where the numbers of its prose must be."""
    return "\n".join(
        cell.source + "\n" + worker().text_of(cell) for cell in code(cells)
    )


def numbers(text):
    """Every number in a text, without its sign."""
    return {abs(worker().number(found)) for found in PLAIN.findall(text)}


def test_the_notebook_has_the_cells_of_its_source():
    """Whoever edits one makes the other: run scripts/tutorial."""
    fresh = worker().from_source().cells
    stored = notebook().cells
    assert [cell.source for cell in fresh] == [cell.source for cell in stored]
    assert [cell.cell_type for cell in fresh] == [cell.cell_type for cell in stored]
    assert [cell.id for cell in fresh] == [cell.id for cell in stored]


def test_the_metadata_is_the_least_that_every_reader_of_notebooks_needs():
    """A kernel and a language: no traces of the machine that made it."""
    assert {"kernelspec", "language_info"} == set(notebook().metadata)
    assert {"name": "python"} == notebook().metadata.language_info
    assert "python3" == notebook().metadata.kernelspec.name
    assert all({} == cell.metadata for cell in notebook().cells)


def test_every_code_cell_was_run_in_order_without_an_error():
    """The counts go up from 1, nothing was raised, and nothing warned."""
    cells = code(notebook().cells)
    assert list(range(1, len(cells) + 1)) == [cell.execution_count for cell in cells]
    outputs = [output for cell in cells for output in cell.outputs]
    assert [] == [o for o in outputs if o.output_type == "error"]
    assert [] == [o for o in outputs if o.get("name") == "stderr"]


def test_the_pictures_are_in_the_notebook_once_and_it_stays_small():
    """Pictures are kept as SVG, with their description as text beside them."""
    shown = [
        output.data
        for cell in code(notebook().cells)
        for output in cell.outputs
        if "image/svg+xml" in output.get("data", {})
    ]
    assert 12 <= len(shown)
    assert all({"image/svg+xml", "text/plain"} == set(data) for data in shown)
    assert all(data["text/plain"].startswith("Picture(") for data in shown)
    assert worker().NOTEBOOK.stat().st_size < 1_500_000


def test_nothing_in_the_outputs_changes_from_run_to_run():
    """No memory addresses, no paths, no timings."""
    text = said(notebook().cells)
    assert [] == re.findall(r"0x[0-9a-f]{6,}|/(?:home|tmp|usr)/|\d (?:ms|s)\b", text)


@pytest.mark.parametrize("cells", sections(), ids=title)
def test_the_arithmetic_in_the_prose_is_right(cells):
    """Whatever stands in the text as `2 * -3 + 10 = 4` is computed here once more."""
    for formula in FORMULA.findall(prose(cells)):
        sides = [eval(side) for side in formula.split("=")]
        assert all(math.isclose(sides[0], side) for side in sides), formula


@pytest.mark.parametrize("cells", sections(), ids=title)
def test_every_number_in_the_prose_is_in_the_program_or_its_results(cells):
    """Text and program cannot disagree: a number is computed, or nearby in the code."""
    text = re.sub(r"^#+ .*|^\d+\. |\*\*\d+\.\*\*", "", prose(cells), flags=re.MULTILINE)
    text = re.sub(r"(?:sections?|exercise) \d+(?: to \d+)?", "", text)
    formulas = " ".join(FORMULA.findall(text))
    known = numbers(said(cells)) | numbers(formulas)
    assert set() == numbers(text) - known


def test_the_three_steps_have_a_section_each_and_numbers_to_recompute():
    """Forward, backward and update: each with its own table done by hand."""
    for name, least in [
        ("3. Forward propagation", 5),
        ("4. Backward propagation", 7),
        ("5. Weight update", 6),
    ]:
        (cells,) = [cells for cells in sections() if title(cells) == name]
        assert least <= len(FORMULA.findall(prose(cells)))


def test_the_source_has_one_sentence_per_line():
    """A change of one sentence is a change of one line."""
    text = re.sub(r"```.*?```", "", worker().SOURCE.read_text(), flags=re.DOTALL)
    lines = [line for line in text.splitlines() if line[:1] not in "|-0123456789#*"]
    assert [] == [line for line in lines if re.search(r"[a-z`)]{2}[.?!] [A-Z`]", line)]


def test_every_file_and_section_that_is_named_exists():
    """The reading order names real files, and references real sections."""
    text = prose(notebook().cells)
    files = re.findall(r"`([a-z_/]+\.py)`", text)
    assert 15 <= len(files)
    assert [] == [file for file in files if not (ROOT / "src/seegrad" / file).exists()]
    named = {int(n) for n in re.findall(r"section (\d+)", text)}
    assert named <= {int(n) for n in re.findall(r"^## (\d+)\.", text, re.MULTILINE)}


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("loss 0.693", "loss 0.693", True),
        ("loss 0.693", "loss 0.694", True),
        ("loss 0.693", "loss 0.695", False),
        ("data −0.5", "data 0.5", False),
        ("1.2e−7", "1.3e−7", True),
        ("1.2e−7", "1.2e−6", False),
        ("8 wrong", "9 wrong", False),
        ("8 wrong", "8 right", False),
        ("1,797 rows", "1,798 rows", False),
        ("[1.0, 2.0]", "[1.0]", False),
    ],
)
def test_the_comparison_forgives_a_last_decimal_and_nothing_else(before, after, same):
    """Processors round in different ways; more than that is a change."""
    assert same == worker().same_text(before, after)


@pytest.mark.slow
def test_a_clean_kernel_gives_the_outputs_that_are_stored(tmp_path):
    """Run as a new user would: no kernel is installed in this home, no settings."""
    done = subprocess.run(
        [sys.executable, WORKER, "--check"],
        env={**worker().os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
