"""What is promised is listed, what is listed is there, and all of it is explained.

Every package names its public members in `__all__`, by hand, so that each can be found
by text search. The price of lists kept by hand is that they can fall behind; these
tests are the other half of the bargain.
"""

import ast
import importlib
import inspect
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import get_origin

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"

# Folders whose every file exists to offer something: a file no one lists is forgotten.
# Only these, and files whose names begin with an underscore, serve the others alone.
FAMILIES = {"ops", "nn", "losses", "metrics", "optim", "data"}
HELPERS = {"base.py", "axes.py"}


def order(name: str) -> tuple[object, ...]:
    """The order ruff keeps: CONSTANTS, Classes, functions, numbers as numbers."""
    rank = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    parts = re.split(r"(\d+)", name)
    return rank, [int(p) if p.isdigit() else p for p in parts]


def listed(tree: ast.Module) -> list[str] | None:
    """The names in a file's `__all__`, or None where it has none."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
            return list(ast.literal_eval(node.value))
    return None


def defined(tree: ast.Module) -> set[str]:
    """The public classes, functions and constants that a file defines."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {name for name in names if not name.startswith("_")}


def brought_in(tree: ast.Module) -> set[str]:
    """The public names of ours that a file imports and does nothing else with."""
    names = set()
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    later = [n.body for n in tree.body if isinstance(n, ast.If)]  # as seegrad does
    for node in [*tree.body, *chain(*later)]:
        if isinstance(node, ast.ImportFrom) and (
            node.level or (node.module or "").split(".")[0] == "seegrad"
        ):
            names |= {alias.asname or alias.name for alias in node.names}
    return {name for name in names - used if not name.startswith(("_", "*"))}


def list_problems(package: Path) -> Iterator[str]:
    """What is wrong with the list of one package, read from its text alone."""
    where = f"{package.name}/__init__.py"
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    public, there = listed(tree), defined(tree) | brought_in(tree)
    if public is None:
        if there:
            yield f"{where} has no __all__"
        return
    if sorted(public, key=order) != public:
        yield f"{where}: __all__ is not sorted; `ruff check --fix` sorts it"
    if len(set(public)) != len(public):
        yield f"{where}: __all__ names something twice"
    for name in sorted(there - set(public)):
        yield f"{where} has {name}, but __all__ does not"
    if package.name in FAMILIES:
        yield from forgotten_files(package, set(public))


def forgotten_files(package: Path, public: set[str]) -> Iterator[str]:
    """The files of a family that offer something which its list does not name."""
    for file in sorted(package.glob("[!_]*.py")):
        if file.name in HELPERS:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        offers = listed(tree) or sorted(defined(tree))
        if offers and not public & {file.stem, *offers}:
            name = package.name
            yield f"{name}/__init__.py lists nothing of {file.name}: {offers[0]}?"


def problems(source: Path) -> list[str]:
    """What is wrong with the lists of all packages under a folder."""
    packages = sorted(file.parent for file in source.rglob("__init__.py"))
    return [line for package in packages for line in list_problems(package)]


def packages(source: Path) -> list[str]:
    """The dotted names of all packages under a folder."""
    files = sorted(source.rglob("__init__.py"))
    return [".".join(file.parent.relative_to(source).parts) for file in files]


def missing(package: ModuleType) -> list[str]:
    """The names that a package lists and does not have."""
    names = getattr(package, "__all__", [])
    return [name for name in names if not hasattr(package, name)]


def unexplained(module: ModuleType, seen: set[int] | None = None) -> list[str]:
    """The public classes and functions reachable from a module without a docstring."""
    seen, found = seen if seen is not None else set(), []
    for name in getattr(module, "__all__", []):
        thing = getattr(module, name)
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if inspect.ismodule(thing):
            found += unexplained(thing, seen)
        elif callable(thing) and not is_alias(thing) and not explained(thing):
            found.append(f"{module.__name__}.{name}")
    return found


def is_alias(thing: object) -> bool:
    """Whether a name stands for a type such as Callable[..., float]."""
    return get_origin(thing) is not None


def explained(thing: object) -> bool:
    """Whether a class (by itself, not by its parent) or a function has a docstring."""
    text = thing.__dict__.get("__doc__") if isinstance(thing, type) else thing.__doc__
    return bool(text and text.strip())


def test_the_lists_are_complete_and_sorted():
    """What a package brings in, and what a file of a family offers, is in `__all__`."""
    assert [] == problems(SOURCE)


@pytest.mark.parametrize("name", packages(SOURCE))
def test_what_is_listed_can_be_imported(name):
    """Each name in `__all__` exists."""
    assert [] == missing(importlib.import_module(name))


def test_every_op_is_a_name_of_the_library():
    """An op that its package lists needs no second line to be `sg.<name>`."""
    seegrad, ops = map(importlib.import_module, ("seegrad", "seegrad.ops"))
    assert len(ops.__all__) > 50
    assert [] == [name for name in ops.__all__ if name not in seegrad.__all__]
    assert all(getattr(seegrad, name) is getattr(ops, name) for name in ops.__all__)
    assert len(set(seegrad.__all__)) == len(seegrad.__all__)


def test_everything_public_is_explained():
    """Every public class and function says what it is."""
    assert [] == unexplained(importlib.import_module("seegrad"))


def test_the_version_is_the_same_everywhere():
    """pyproject.toml, the library and CITATION.cff name one version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    version = project["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert version == importlib.import_module("seegrad").__version__
    assert f"\nversion: {version}\n" in citation


def test_the_readme_is_the_page_of_the_package():
    """What a package index shows is README.md; without the line it shows nothing."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert (ROOT / "README.md").exists() == ("readme" in tomllib.loads(text)["project"])


def test_type_checkers_may_trust_the_library():
    """The marker that ships the type hints is in the package."""
    assert (SOURCE / "seegrad" / "py.typed").exists()


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"__init__.py": "from .a import b", "a.py": ""}, "has no __all__"),
        ({"__init__.py": "from .a import b, c\n__all__ = ['b']"}, "has c, but"),
        ({"__init__.py": "if 1:\n from .a import b\n__all__ = []"}, "has b, but"),
        ({"__init__.py": "b = 1\n__all__ = []"}, "has b, but"),
        ({"__init__.py": "b = c = 1\n__all__ = ['c', 'b']"}, "not sorted"),
        ({"__init__.py": "b = 1\n__all__ = ['b', 'b']"}, "twice"),
        ({"__init__.py": "__all__ = []", "a.py": "class A: ..."}, "of a.py: A?"),
    ],
)
def test_a_list_that_fell_behind_is_reported(tmp_path, files, complaint):
    """Each way for a list to be wrong gives one line."""
    (tmp_path / "nn").mkdir()
    for name, text in files.items():
        (tmp_path / "nn" / name).write_text(text, encoding="utf-8")
    found = problems(tmp_path)
    assert 1 == len(found)
    assert complaint in found[0]


def test_tools_of_a_family_need_not_be_listed(tmp_path):
    """A base file, a private file and an import that is used here are not offers."""
    (tmp_path / "nn").mkdir()
    (tmp_path / "nn" / "base.py").write_text("class A: ...", encoding="utf-8")
    (tmp_path / "nn" / "_tool.py").write_text("class B: ...", encoding="utf-8")
    text = "from .base import A\nALL: list[A] = []\n__all__ = ['ALL']"
    (tmp_path / "nn" / "__init__.py").write_text(text, encoding="utf-8")
    assert [] == problems(tmp_path)


def test_order_puts_constants_first_and_counts_numbers():
    """The order is the one that `ruff check --fix` restores."""
    names = ["MLP", "SGD", "Adam", "Linear", "conv2", "conv10", "float32"]
    assert names == sorted(set(names), key=order)


def test_a_listed_name_that_is_not_there_is_reported():
    """`__all__` cannot promise what does not exist."""
    module = ModuleType("planted")
    module.__all__ = ["present", "absent"]
    module.present = 1
    assert ["absent"] == missing(module)


def test_a_public_name_without_a_docstring_is_reported():
    """A class does not borrow the docstring of its parent; modules are looked into."""

    class Explained:
        """Says what it is."""

    class Silent(Explained):
        pass

    inner, outer = ModuleType("inner"), ModuleType("outer")
    inner.__all__, inner.f = ["f"], lambda: None
    outer.__all__ = ["Explained", "Silent", "inner"]
    outer.Explained, outer.Silent, outer.inner = Explained, Silent, inner
    assert ["outer.Silent", "inner.f"] == unexplained(outer)
