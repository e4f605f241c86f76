"""The source can be read from bottom to top without ever jumping forward.

Each file belongs to a level and imports only from the levels below it, or from its own
folder. The test walks the imports, those inside functions too; only imports for type
checkers are free, because nothing runs in them.
"""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"

# From bottom to top. Names are files or folders of src/seegrad; a tuple is one level.
LEVELS: tuple[tuple[str, ...], ...] = (
    (
        *("errors", "dtypes", "philox", "box_muller", "random"),
        *("mode", "scalar", "node", "lend", "backpropagation", "facts", "whole_file"),
        *("borrow", "later"),
    ),
    ("op",),
    ("promotion", "require", "samples", "ufuncs"),
    ("value", "tensor"),
    ("creation",),
    ("ops",),
    ("gradient",),
    ("check",),
    ("nn", "losses", "metrics", "optim", "data"),
    ("train", "draw", "compiler", "record"),
    ("micrograd", "widget", "estimators", "diagnosis"),
    ("__init__",),  # the public names: what is above it uses seegrad as its users do
    ("cli", "course", "playground", "distributed", "interop"),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}

# On these levels neighbours may import each other, as long as there is no cycle.
NEIGHBOURLY = {LEVEL["errors"]}


def module_name(file: Path, source: Path) -> str:
    """The dotted name of a file; a folder's __init__ has the name of the folder."""
    parts = file.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def family(module: str) -> str:
    """The part of a dotted name that is assigned to a level."""
    return [*module.split("."), "__init__"][1]


def is_for_type_checkers(node: ast.AST) -> bool:
    """Whether a statement is `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def statements(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import that runs, at the top of a file or inside a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and is_for_type_checkers(node):
            for other in node.orelse:
                yield from statements(ast.Module([other], []))
        else:
            yield from statements(node)


def imported(file: Path, source: Path, modules: set[str]) -> Iterator[tuple[int, str]]:
    """The line and the name of each module of ours that a file imports."""
    package = module_name(file, source).split(".")
    if file.name != "__init__.py":
        package.pop()
    for node in statements(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            base = package[: len(package) + 1 - node.level] if node.level else []
            origin = ".".join([*base, *filter(None, [node.module])])
            inner = [f"{origin}.{alias.name}" for alias in node.names]
            names = [name if name in modules else origin for name in inner]
        for name in dict.fromkeys(names):
            if name in modules:
                yield node.lineno, name


def problems(source: Path) -> list[str]:
    """Every import that looks up or sideways, every unassigned file, and one cycle."""
    files = sorted((source / "seegrad").rglob("*.py"))
    names = {file: module_name(file, source) for file in files}
    found, edges = [], {name: set[str]() for name in names.values()}
    for file, name in names.items():
        where = file.relative_to(source.parent).as_posix()
        if family(name) not in LEVEL:
            found.append(
                f"{where} is on no level: add {family(name)!r} to LEVELS in "
                "tests/test_layers.py, as low as its imports allow"
            )
            continue
        for line, target in imported(file, source, set(names.values())):
            edges[name].add(target)
            here, there = family(name), family(target)
            below = LEVEL.get(there, -1) < LEVEL[here]
            neighbour = LEVEL.get(there) == LEVEL[here] and LEVEL[here] in NEIGHBOURLY
            if not (below or neighbour or here == there):
                found.append(
                    f"{where}:{line} imports {target}, which is not below {here}"
                )
    return found + cycles(edges)


def cycles(edges: dict[str, set[str]]) -> list[str]:
    """The first cycle of the import graph in words, or nothing."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return ["imports go in a circle: " + " <- ".join(error.args[1])]
    return []


def plant(folder: Path, **files: str) -> Path:
    """Write a small seegrad into a folder; `nn__linear` stands for nn/linear.py."""
    for name, text in files.items():
        file = folder / "src" / "seegrad" / (name.replace("__", "/") + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "src"


def test_every_import_of_the_library_looks_down():
    """No file imports from its own level or above, and there is no cycle."""
    assert [] == problems(SOURCE)


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        (
            {"op": "", "node": "from seegrad.op import f"},
            "node.py:1 imports seegrad.op",
        ),
        ({"op": "", "node": "from seegrad import op"}, "node.py:1 imports seegrad.op"),
        ({"op": "", "node": "import seegrad.op as o"}, "node.py:1 imports seegrad.op"),
        ({"op": "", "node": "from . import op"}, "node.py:1 imports seegrad.op"),
        ({"op": "", "ops__a": "", "value": "from .ops.a import b"}, "seegrad.ops.a"),
        ({"op": "", "node": "def f():\n    from .op import Op"}, "node.py:2 imports"),
        ({"value": "", "tensor": "from .value import Value"}, "not below tensor"),
        ({"draw__svg": "", "train__fit": "import seegrad.draw.svg"}, "not below train"),
        ({"nn__a": "from .b import c", "nn__b": "from .a import c"}, "in a circle"),
        ({"stray": ""}, "stray.py is on no level: add 'stray' to LEVELS"),
    ],
)
def test_an_import_that_does_not_look_down_is_reported(tmp_path, files, complaint):
    """Each way to break the order of reading gives one line that names the place."""
    found = problems(plant(tmp_path, **files))
    assert 1 == len(found)
    assert complaint in found[0]


@pytest.mark.parametrize(
    "files",
    [
        {"node": "", "op": "import numpy\nfrom seegrad.node import Node"},
        {"errors": "", "node": "from seegrad.errors import ShapeError"},
        {"nn__module": "", "nn__linear": "from .module import Module"},
        {"nn__module": "", "draw__graph": "from ..nn.module import Module"},
        {
            "op": "",
            "node": "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from seegrad.op import Op\nelse:\n    Op = object",
        },
    ],
)
def test_an_import_that_looks_down_is_welcome(tmp_path, files):
    """Lower levels, the own folder, other packages and type checkers are no trouble."""
    assert [] == problems(plant(tmp_path, **files))


def test_a_level_names_only_what_the_design_knows():
    """No name stands on two levels."""
    assert len(LEVEL) == sum(map(len, LEVELS))
