"""The program: help that helps, a version, and complaints about what was typed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seegrad import __version__
from seegrad.cli.main import COMMANDS, main


def test_help_names_every_command(capsys):
    """Each with a line of its own."""
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert 0 == caught.value.code
    out = capsys.readouterr().out
    assert all(name in out and module.HELP in out for name, module in COMMANDS.items())


def test_no_command_is_a_question_for_help(capsys):
    """`seegrad` alone says what there is."""
    assert 0 == main([])
    assert "usage: seegrad" in capsys.readouterr().out


def test_the_version(capsys):
    """That of the package."""
    with pytest.raises(SystemExit):
        main(["--version"])
    assert f"seegrad {__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name, capsys):
    """Its help begins with the story of its file and lists its options."""
    with pytest.raises(SystemExit):
        main([name, "--help"])
    out = capsys.readouterr().out
    assert COMMANDS[name].__doc__.splitlines()[0] in out
    assert "--output" in out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["dmeo"], "invalid choice: 'dmeo'"),
        (["demo", "--epochs", "0"], "'0' is not a whole number of 1 or more"),
        (["demo", "--epochs", "1.5"], "'1.5' is not a whole number of 1 or more"),
        (["demo", "--epochs", "²"], "is not a whole number"),
        (["demo", "--seed", "-1"], "not a whole number of 0 or more"),
    ],
)
def test_a_slip_of_the_pen_is_explained(arguments, text, capsys):
    """Status 2, as everywhere, and a sentence."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert 2 == caught.value.code
    assert text in capsys.readouterr().err


def test_ctrl_c_gives_130_without_a_traceback(monkeypatch, capsys):
    """As shells expect."""

    def press(options):
        raise KeyboardInterrupt

    monkeypatch.setattr("seegrad.cli.demo.run", press)
    assert 130 == main(["demo"])
    assert "seegrad demo: interrupted" in capsys.readouterr().err


def test_the_module_is_the_program():
    """`python -m seegrad` runs it, and help loads no heavy library."""
    code = (
        "import sys; sys.argv = ['seegrad', '--help']\n"
        "import runpy\n"
        "try: runpy.run_module('seegrad', run_name='__main__')\n"
        "except SystemExit as stop: print('status', stop.code)\n"
        "print([name for name in ('matplotlib', 'tqdm') if name in sys.modules])\n"
    )
    source = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": source},
    )  # fmt: skip
    assert done.stdout.endswith("status 0\n[]\n")
