"""The program ``seegrad``: it finds the command and lets it run.

A command is a file with a ``HELP``, the function ``arguments(parser)`` and the function
``run(options)``. To add one, write its file and name it in `COMMANDS`. Whatever a
command needs is imported when it runs, so that ``--help`` is quick.
"""

from __future__ import annotations

import argparse
import sys
from types import ModuleType

from seegrad import __version__
from seegrad.cli import demo
from seegrad.errors import SeegradError

COMMANDS: dict[str, ModuleType] = {
    "demo": demo,
}


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, 1 for a mistake that was explained, 130 for Ctrl-C."""
    options = parser().parse_args(arguments)
    if options.command is None:
        parser().print_help()
        return 0
    try:
        return int(COMMANDS[options.command].run(options))
    except (SeegradError, OSError) as error:
        print(f"seegrad {options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nseegrad {options.command}: interrupted", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(
        prog="seegrad",
        description="seegrad: the neural network you can see through.",
        epilog="'seegrad demo --help' tells the options of demo.",
    )
    top.add_argument("--version", action="version", version=f"seegrad {__version__}")
    commands = top.add_subparsers(title="commands", dest="command", metavar="command")
    for name, module in COMMANDS.items():
        one = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        one.formatter_class = argparse.RawDescriptionHelpFormatter
        module.arguments(one)
    return top
