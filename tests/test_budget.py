"""The promise "you can read the core in an evening" is a number, and this checks it.

No file is longer than 300 lines or wider than 88 columns, every file of the library
opens with its story, and each part with a budget stays within it: the core, which is
read first, the catalogue of further ops, and the compiler. A budget counts code:
explaining costs nothing, and neither does air. Run as a program
(`python tests/test_budget.py`), it prints what each part is made of.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
# What is read first, in reading order: the engine, and the ops that all is made of.
CORE = (
    *("node", "lend", "backpropagation", "mode", "facts", "op", "scalar", "value"),
    *("promotion", "ufuncs", "tensor", "ops/axes", "ops/arithmetic", "ops/functions"),
    *("ops/choices", "ops/shapes", "ops/reductions", "ops/products"),
    *("gradient", "check"),
)
# Lines of code; why this many: docs/decisions/0013.
BUDGETS = {"core": 1950, "catalogue": 1250, "compiler": 9100}
FILE_LINES = 300
COLUMNS = 88
SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


class Size(NamedTuple):
    """How long a file is, and how much of that is code."""

    file: str
    lines: int
    code: int


def python_files(root: Path) -> Iterator[Path]:
    """Every Python file that a person wrote, the scripts without a suffix as well."""
    for folder in ("src", "tests", "scripts"):
        for file in sorted((root / folder).rglob("*")):
            if file.is_file() and (file.suffix == ".py" or is_script(file)):
                yield file


def is_script(file: Path) -> bool:
    """Whether a file without a suffix says that Python runs it."""
    return not file.suffix and b"python" in file.read_bytes().split(b"\n")[0]


def docstring_lines(tree: ast.Module) -> set[int]:
    """The numbers of all lines that belong to docstrings."""
    lines: set[int] = set()
    holders = ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, holders) and ast.get_docstring(node, clean=False):
            lines.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return lines


def code_lines(text: str) -> int:
    """How many lines hold code: not blank, not comments, not docstrings.

    >>> code_lines('"story"' + chr(10) + "x = 1  # one" + chr(10) + "# two")
    1
    """
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstring_lines(ast.parse(text)))


def part_files(root: Path, part: str) -> list[Path]:
    """The files of a part that are there; lists of names are not read."""
    package = root / "src" / "seegrad"
    core = [package / f"{name}.py" for name in CORE]
    if part == "core":
        return [file for file in core if file.exists()]
    if part == "catalogue":
        files = [file for file in (package / "ops").rglob("*.py") if file not in core]
    else:
        files = [*package.glob("compiler/**/*.py")]
    return sorted(file for file in files if file.name != "__init__.py")


def sizes(root: Path, part: str) -> list[Size]:
    """The size of each file of a part, in the order in which they are read."""
    found = []
    for file in part_files(root, part):
        text = file.read_text(encoding="utf-8")
        path = file.relative_to(root / "src" / "seegrad").as_posix()
        found.append(Size(path, len(text.splitlines()), code_lines(text)))
    return found


def total(part: str, found: list[Size]) -> Size:
    """The sum of the sizes of a part, as one more size."""
    name = f"{part}, {len(found)} files"
    return Size(name, sum(s.lines for s in found), sum(s.code for s in found))


def table(root: Path, part: str, *, whole: bool = True) -> str:
    """The sizes of a part beside its budget: of every file, or of the whole only."""
    found = sizes(root, part)
    head = f"{'file':<31}{'lines':>7}{'code':>7}"
    rule = "-" * len(head)
    rows = [
        f"{s.file:<31}{s.lines:>7}{s.code:>7}" for s in [*found, total(part, found)]
    ]
    budget = f"{'budget':<31}{'':>7}{BUDGETS[part]:>7}"
    return "\n".join(
        [*([head, rule, *rows[:-1], rule] if whole else []), rows[-1], budget]
    )


def tables(root: Path) -> str:
    """Every part with its budget; of the compiler, which has many files, the sum."""
    parts = [table(root, part, whole=part != "compiler") for part in BUDGETS]
    return "\n\n".join(parts)


def problems(root: Path) -> list[str]:
    """Every file too long, too wide or without a story, and every part over budget."""
    found = []
    for file in python_files(root):
        where = file.relative_to(root).as_posix()
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        if len(lines) > FILE_LINES:
            found.append(f"{where} has {len(lines)} lines; {FILE_LINES} are allowed")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS:
                found.append(f"{where}:{number} has {len(line)} columns, not {COLUMNS}")
        if where.startswith("src/") and not ast.get_docstring(ast.parse(text)):
            found.append(f"{where} does not open with a docstring")
    for part, budget in BUDGETS.items():
        excess = total(part, sizes(root, part)).code - budget
        if excess > 0:
            said = f"the {part} is {excess} lines over {budget}"
            found.append(f"{said}:\n{table(root, part)}")
    return found


def test_the_library_keeps_its_budget():
    """Files are short, narrow and introduced, and the core is an evening's reading."""
    assert [] == problems(ROOT)


def test_nothing_leaves_a_part_by_being_renamed():
    """Every file of the core is where the list says, and no part is empty."""
    assert len(CORE) == len(part_files(ROOT, "core"))
    assert all(part_files(ROOT, part) for part in BUDGETS)


def write(root: Path, name: str, text: str) -> None:
    """Write a file, and the folders it needs."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("src/seegrad/a.py", "'story'\n" + "x = 1\n" * 300, "has 301 lines"),
        ("src/seegrad/a.py", "'story'\n# " + "x" * 87, "a.py:2 has 89 columns"),
        ("src/seegrad/a.py", "x = 1\n", "does not open with a docstring"),
        ("tests/nn/test_a.py", "x = 1\n" * 301, "has 301 lines"),
        ("scripts/run", "#!/usr/bin/env python3\n" + "x = 1\n" * 300, "301 lines"),
    ],
)
def test_a_file_out_of_bounds_is_reported(tmp_path, name, text, complaint):
    """Length, width and a missing story each give one line, wherever the file is."""
    write(tmp_path, name, text)
    found = problems(tmp_path)
    assert 1 == len(found)
    assert complaint in found[0]


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("core", CORE[:8]),
        ("catalogue", [f"ops/op{number}" for number in range(8)]),
        ("compiler", [f"compiler/stage{number}" for number in range(45)]),
    ],
)
def test_a_part_over_budget_is_reported_with_its_table(tmp_path, part, names):
    """Many short files can exceed a budget together; the other parts are left out."""
    for name in names:
        write(tmp_path, f"src/seegrad/{name}.py", "'story'\n" + "x = 1\n" * 250)
    (complaint,) = problems(tmp_path)
    excess = 250 * len(names) - BUDGETS[part]
    assert f"the {part} is {excess} lines over {BUDGETS[part]}" in complaint
    assert all(name in complaint for name in names)


def test_what_is_not_python_has_no_budget(tmp_path):
    """Prose and data beside the code may be as long and as wide as they need."""
    write(tmp_path, "scripts/README.md", "x" * 400)
    write(tmp_path, "tests/reference/table.json", "1\n" * 400)
    assert [] == problems(tmp_path)


def test_code_is_counted_without_what_explains_it():
    """Docstrings, comments and blank lines cost nothing; a long statement costs all."""
    text = '"""Story\nof two."""\n\n# why\ndef f():\n    """Say."""\n    return (\n1)\n'
    assert 3 == code_lines(text)
    assert 2 == code_lines('text = """two\nlines"""\n')


if __name__ == "__main__":
    print(tables(ROOT))
