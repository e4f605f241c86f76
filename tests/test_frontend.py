"""The front end as Python sees it: committed, readable, quiet without Node.

What it does is tested in the browser (tests/browser) and by its own unit tests
(frontend/test), which `scripts/check` runs where there is Node.
"""

import importlib
import re
import sys
from pathlib import Path

import pytest

from seegrad.op import REGISTRY

ROOT = Path(__file__).parent.parent
FRONTEND = ROOT / "frontend"
STATIC = ROOT / "src" / "seegrad" / "record" / "static"
FILE_LINES = 300
SOURCES = sorted(
    file
    for folder in ("src", "test")
    for file in (FRONTEND / folder).rglob("*")
    if file.suffix in (".ts", ".tsx", ".css")
)


@pytest.fixture
def script(monkeypatch):
    """Imports a part of the scripts: script("_frontend")."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    yield importlib.import_module
    for name in ("_browser", "_environment", "_frontend"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: f.name)
def test_every_file_is_short_and_opens_with_its_story(file):
    """The same promise as for Python: one idea, told first, in one screenful or two."""
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= FILE_LINES
    assert lines[0].startswith(("// ", "/* "))


def test_the_bundle_is_there_and_small():
    """Whoever installs seegrad has the player, and a page of it is quickly mailed."""
    sizes = {file.name: file.stat().st_size for file in STATIC.iterdir()}
    assert {"frame.js", "player.css", "player.js"} == set(sizes)
    assert sum(sizes.values()) < 150_000


def test_the_lock_names_no_address():
    """A package comes from the registry that the machine is set up for."""
    text = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text
    assert [] == re.findall(r"https?://\S+", text)


def translated():
    """The ops whose formula has been put into German, by their names."""
    text = (FRONTEND / "src" / "words" / "german.ts").read_text(encoding="utf-8")
    return re.findall(r"^    (\w+):", text.partition("opFormulas")[2], re.MULTILINE)


def test_what_is_translated_is_an_operation():
    """A German formula belongs to an op of the library, by its name."""
    assert len(translated()) > 20
    assert [] == [name for name in translated() if name not in REGISTRY]


def test_every_formula_in_words_is_translated():
    """Two English words in a row are no formula that a German reader could read."""
    words = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")
    told = [name for name, op in REGISTRY.items() if words.search(op.formula)]
    assert len(told) > 20
    assert [] == [name for name in told if name not in translated()]


@pytest.mark.parametrize(("version", "said"), [(0, "no Node"), (18, "18 is too old")])
def test_without_node_the_front_end_is_not_checked_and_that_is_said(
    script, monkeypatch, capsys, version, said
):
    """None is neither a success nor a failure."""
    frontend = script("_frontend")
    monkeypatch.setattr(frontend, "node_version", lambda: version)
    assert frontend.check() is None
    assert said in capsys.readouterr().out


def test_a_front_end_that_fails_fails_the_check(script, monkeypatch):
    """Types, bundle and unit tests: the first that fails is the answer."""
    frontend = script("_frontend")
    run = []
    monkeypatch.setattr(frontend, "node_version", lambda: 20)
    monkeypatch.setattr(frontend.shutil, "which", lambda name: name)
    monkeypatch.setattr(frontend, "install", lambda: 0)
    monkeypatch.setattr(
        frontend.environment, "run", lambda step, folder: run.append(step) or 2
    )
    assert 1 == frontend.check()
    assert [frontend.CHECKS[0]] == run


def test_packages_are_installed_once_for_each_lock(script, monkeypatch, tmp_path):
    """The second run installs nothing; another lock does."""
    frontend = script("_frontend")
    commands = []
    (tmp_path / "node_modules").mkdir()
    lock = tmp_path / "package-lock.json"
    lock.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(frontend, "FOLDER", tmp_path)
    monkeypatch.setattr(
        frontend.environment,
        "follow",
        lambda command, folder: (commands.append(command) or 0, []),
    )
    for _ in range(2):
        assert 0 == frontend.install()
    assert [frontend.INSTALL] == commands
    lock.write_text("{ }", encoding="utf-8")
    assert 0 == frontend.install()
    assert 2 == len(commands)


def test_a_machine_without_chromium_gets_it_or_is_told(script, monkeypatch, capsys):
    """As root on Debian it is installed; anybody else learns what is skipped."""
    browser = script("_browser")
    commands = []
    monkeypatch.setattr(
        browser.environment,
        "follow",
        lambda command, folder: (commands.append(command) or 0, []),
    )
    monkeypatch.setattr(browser.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    browser.prepare()
    assert "will be skipped" in capsys.readouterr().out
    monkeypatch.setattr(browser.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(
        browser.shutil, "which", lambda name: name if name == "apt-get" else None
    )
    browser.prepare()
    assert browser.COMMANDS == commands
