"""The scripts are the first thing a person runs, so they may not fail without a word.

The environment they make is tested with its slow parts replaced; one slow test makes a
real one, without a network, to see what a person in a train would see.
"""

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"
RUNNABLE = sorted(
    file for file in SCRIPTS.iterdir() if file.is_file() and not file.suffix
)
PROJECT = """
[dependency-groups]
test = ["pytest", "numpy"]
check = ["ruff"]
dev = [{ include-group = "test" }, { include-group = "check" }, "numpy"]
"""


@pytest.fixture
def environment():
    """A fresh copy of the scripts' helper module."""
    spec = importlib.util.spec_from_file_location("env", SCRIPTS / "_environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path, environment, monkeypatch):
    """A small project in which commands are noted down instead of run, and succeed."""
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    noted = []

    def note(command, folder):
        noted.append(command)
        return 0, []

    monkeypatch.setattr(environment, "follow", note)
    monkeypatch.setattr(environment, "starts", lambda python, program: True)
    return SimpleNamespace(root=tmp_path, venv=tmp_path / ".venv", noted=noted)


@pytest.mark.parametrize(
    "file", [*RUNNABLE, *SCRIPTS.glob("_*.py")], ids=lambda f: f.name
)
def test_every_script_can_be_read_by_an_old_python(file):
    """Python 3.8 gets far enough to be told that it is too old."""
    ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("file", RUNNABLE, ids=lambda f: f.name)
def test_every_script_can_be_run_by_its_name(file):
    """A shebang and the executable bit."""
    assert file.read_bytes().startswith(b"#!/usr/bin/env python3\n")
    assert os.name == "nt" or os.access(file, os.X_OK)


def test_every_script_has_a_line_in_the_list_of_scripts():
    """A person who opens the folder learns what each file is for."""
    text = (SCRIPTS / "README.md").read_text(encoding="utf-8")
    files = {file.name for file in SCRIPTS.iterdir() if file.is_file()} - {"README.md"}
    assert [] == sorted(name for name in files if f"| `{name}` |" not in text)


def test_an_old_python_is_told_which_one_to_use(environment, monkeypatch):
    """The sentence names both versions and a command that works on this machine."""
    monkeypatch.setattr(sys, "version_info", (3, 8, 2, "final", 0))
    monkeypatch.setattr(sys, "argv", ["scripts/demo", "--help"])
    monkeypatch.setattr(environment, "newer_python", lambda: "python3.12")
    with pytest.raises(environment.Trouble) as trouble:
        environment.prepare()
    assert "this is Python 3.8.2" in str(trouble.value)
    assert "needs 3.11 or newer" in str(trouble.value)
    assert "\n  try  python3.12 scripts/demo --help" in str(trouble.value)


def test_an_old_python_alone_is_told_where_to_get_a_new_one(environment, monkeypatch):
    """Where no newer Python is found, the sentence says where there is one."""
    monkeypatch.setattr(sys, "version_info", (3, 10, 0, "final", 0))
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    with pytest.raises(
        environment.Trouble, match=r"install Python 3\.11 or newer from"
    ):
        environment.prepare()


def test_a_python_without_venv_is_told_what_to_install(
    environment, project, monkeypatch
):
    """Debian splits venv from Python; the sentence names the package."""
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(environment.Trouble, match="sudo apt install python3-venv"):
        environment.prepare(root=project.root)
    assert not project.venv.exists()


def test_the_first_run_makes_and_fills_the_environment(environment, project, capsys):
    """One command makes it, one installs the project, its pictures and the group."""
    python = environment.prepare("test", root=project.root)
    make, install = project.noted
    assert [sys.executable, "-m", "venv", str(project.venv)] == make
    assert ["--editable", ".[plot]", "pytest", "numpy"] == install[-4:]
    assert python == install[0] == str(environment.python_of(project.venv))
    assert ["seegrad: making", "seegrad: installing"] == [
        " ".join(line.split()[:2]) for line in capsys.readouterr().out.splitlines()
    ]


def test_the_second_run_does_nothing(environment, project, capsys):
    """Nothing changed, so nothing is run and nothing is said."""
    environment.prepare("test", root=project.root)
    project.noted.clear()
    capsys.readouterr()
    environment.prepare("test", root=project.root)
    environment.prepare(root=project.root)
    assert [] == project.noted
    assert "" == capsys.readouterr().out


def test_another_group_is_added_to_those_that_are_there(environment, project):
    """Running test and check in turn does not install anything twice."""
    environment.prepare("test", root=project.root)
    environment.prepare("check", root=project.root)
    assert ["ruff", "pytest", "numpy"] == project.noted[-1][-3:]
    environment.prepare("test", root=project.root)
    assert 3 == len(project.noted)


def test_a_script_may_have_an_environment_of_its_own(environment, project):
    """What is heavy and needed by one script stays out of everybody's `.venv`."""
    python = environment.prepare("check", root=project.root, venv=".venv-own")
    own = project.root / ".venv-own"
    assert str(environment.python_of(own)) == python
    assert "ruff" == project.noted[-1][-1]
    assert own.is_dir()
    assert not project.venv.exists()


def test_a_changed_project_is_installed_again(environment, project):
    """A new dependency reaches an old environment; the environment itself stays."""
    environment.prepare("test", root=project.root)
    (project.root / "pyproject.toml").write_text(
        PROJECT + "# changed\n", encoding="utf-8"
    )
    environment.prepare("test", root=project.root)
    assert ["venv", "pip", "pip"] == [command[2] for command in project.noted]


def test_an_interrupted_environment_is_made_again(environment, project, monkeypatch):
    """Whatever was stopped half-way leaves a mark, and the next run starts afresh."""

    def interrupted(command, folder):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, "follow", interrupted)
        with pytest.raises(KeyboardInterrupt):
            environment.prepare(root=project.root)
    left = project.venv / "half"
    left.touch()
    environment.prepare(root=project.root)
    assert not left.exists()
    assert ["venv", "pip"] == [command[2] for command in project.noted]


def test_an_environment_whose_python_is_gone_is_made_again(
    environment, project, monkeypatch
):
    """An update of the system can take the Python away that .venv points to."""
    environment.prepare(root=project.root)
    monkeypatch.setattr(environment, "starts", lambda python, program: False)
    environment.prepare(root=project.root)
    assert ["venv", "pip"] * 2 == [command[2] for command in project.noted]


def test_an_environment_of_someone_else_is_never_removed(
    environment, project, monkeypatch
):
    """A .venv that works but was made without pip belongs to another tool."""
    project.venv.mkdir()
    (project.venv / "pyvenv.cfg").touch()
    monkeypatch.setattr(
        environment, "starts", lambda python, program: program == "pass"
    )
    with pytest.raises(environment.Trouble, match="made by something else"):
        environment.prepare(root=project.root)
    assert (project.venv / "pyvenv.cfg").exists()


def test_a_file_called_venv_is_not_removed(environment, project):
    """The sentence asks the person to move it."""
    project.venv.touch()
    with pytest.raises(environment.Trouble, match="is not a folder"):
        environment.prepare(root=project.root)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("Failed to establish a new connection: [Errno 111]", "reach the internet"),
        ("ERROR: No matching distribution found for numpy", "PIP_INDEX_URL"),
        ("OSError: [Errno 28] No space left on device", "read the lines above"),
    ],
)
def test_what_pip_said_decides_what_to_try(
    environment, project, monkeypatch, line, hint
):
    """The last lines of pip are shown, and the hint fits them."""
    answers = iter([(0, []), (1, ["Collecting numpy", line])])
    monkeypatch.setattr(environment, "follow", lambda *_: next(answers))
    with pytest.raises(environment.Trouble) as trouble:
        environment.prepare(root=project.root)
    assert "    " + line in str(trouble.value)
    assert hint in str(trouble.value)


def test_groups_include_groups(environment, project):
    """Requirements come in order and once."""
    assert ["pytest", "numpy", "ruff"] == environment.requirements(
        ["dev"], project.root
    )


def test_trouble_is_a_sentence_and_a_status(environment, capsys):
    """No traceback: what happened, what to try, and status 1."""

    def main(arguments):
        raise environment.Trouble("it rained.", "an umbrella")

    with pytest.raises(SystemExit) as stop:
        environment.launch(main)
    assert 1 == stop.value.code
    assert "seegrad: it rained.\n  try  an umbrella\n" == capsys.readouterr().err


def test_run_returns_the_status_of_the_command(environment, tmp_path):
    """The status of a script is the status of what it ran."""
    program = "import os, sys; sys.exit(len(os.listdir('.')) + 3)"
    assert 3 == environment.run([sys.executable, "-c", program], tmp_path)


def test_follow_returns_all_that_was_said(environment, tmp_path):
    """Both streams are kept, in order, for the case that they are needed."""
    program = "import sys; print('one', flush=True); print('two', file=sys.stderr)"
    status, lines = environment.follow([sys.executable, "-c", program], tmp_path)
    assert (0, ["one", "two"]) == (status, lines)


def test_two_first_runs_wait_for_each_other(environment, project, capsys):
    """The second script says that it waits, and finds the work done."""
    pytest.importorskip("fcntl")
    waited = threading.Thread(target=environment.prepare, kwargs={"root": project.root})
    with environment.alone(project.root):
        waited.start()
        while "waiting" not in capsys.readouterr().out:
            time.sleep(0.01)
        assert [] == project.noted
    waited.join()
    assert ["venv", "pip"] == [command[2] for command in project.noted]


@pytest.mark.slow
def test_without_a_network_a_person_is_told_so(tmp_path):
    """A real environment is begun, pip finds no index, the script says what to do."""
    shutil.copytree(SCRIPTS, tmp_path / "scripts")
    shutil.copy(SCRIPTS.parent / "pyproject.toml", tmp_path)
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    offline = {"PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "0"}
    done = subprocess.run(
        [sys.executable, tmp_path / "scripts" / "test"],
        env={**clean, **offline, "PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 1 == done.returncode
    assert "check that this machine can reach the internet" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / ".venv" / "seegrad-unfinished").exists()
